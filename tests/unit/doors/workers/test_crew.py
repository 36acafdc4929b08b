"""Loops go on after a failure, remember it, and stop when asked."""

from beffroi.doors.workers import Crew
from tests.nodes import Running
from tests.unit.doors.workers.conftest import until


def test_a_loop_outlives_its_failures_and_says_so(node: Running) -> None:
    crew = Crew(node.house, None)
    turns: list[int] = []

    def turn() -> bool:
        turns.append(len(turns))
        if len(turns) < 3:
            raise RuntimeError("not yet")
        return False

    crew._loop("trying", turn, 0.01)
    until(lambda: len(turns) > 3, "the loop died")
    assert crew.failures == {}, "a success clears what failed before"
    crew.stop()
    assert not any(thread.is_alive() for thread in crew._threads)


def test_a_failure_is_remembered_by_the_name_of_its_loop(node: Running) -> None:
    crew = Crew(node.house, None)

    def turn() -> bool:
        raise RuntimeError("always")

    crew._loop("failing", turn, 0.01)
    until(lambda: crew.failures == {"failing": "RuntimeError"}, "nobody remembers")
    crew.stop()


def test_the_ledger_is_written_by_itself(node: Running) -> None:
    def published() -> bool:
        return node.client.get("/ledger/checkpoint").status_code == 200

    until(published, "no checkpoint was published")
