"""Two whole `beffroi serve` processes on one PostgreSQL and one folder: both answer, and the record is one."""

import threading
from contextlib import ExitStack
from pathlib import Path

from beffroi.content import store as content
from beffroi.doors.workers.outward import PERFORMERS
from beffroi.flow import fsck, upkeep
from beffroi.ground.kernel.clock import SystemClock
from beffroi.settings import Settings
from tests.attack.test_log_canaries import serving
from tests.nodes import PHRASE, running

EACH = 60


def quiet(_what: str, _done: int, _of: int | None) -> None:
    """Nobody looks."""


def test_both_answer_and_the_record_is_one(tmp_path: Path, postgres_url: str) -> None:
    folder = tmp_path / "node"
    with running(folder, postgres_url) as node:
        key = node.key
    answered: dict[str, str] = {}
    with ExitStack() as closing:
        clients = [
            closing.enter_context(serving(folder, tmp_path / f"log-{number}", postgres_url)) for number in range(2)
        ]

        def post(number: int) -> None:
            headers = {"Authorization": f"Bearer {key}"}
            for count in range(EACH):
                platform_id = f"p{number}-{count}" if count % 3 else f"both-{count}"  # each third is posted to both
                item = {"platform_id": platform_id, "account": {"platform_id": f"u{count % 5}"}, "text": PHRASE}
                asked = {"item": item, "deadline_ms": 20_000}
                answer = clients[number].post("/api/v1/screen", json=asked, headers=headers)
                assert answer.status_code == 200, answer.text
                assert answered.setdefault(platform_id, answer.json()["item"]) == answer.json()["item"]

        threads = [threading.Thread(target=post, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(client.get("/health").json()["status"] == "ok" for client in clients)
    assert len(answered) == 2 * EACH - EACH // 3
    settings = Settings(data=folder, database=postgres_url)
    clock = SystemClock()
    with upkeep.open_premises(settings, clock) as premises:
        with premises.database.read() as conn:
            assert {name for name in answered if content.item_by_platform_id(conn, name) is not None} == set(answered)
        counts = fsck.Counts()
        found = list(fsck.check(premises, frozenset(PERFORMERS), clock.now(), counts, quiet))
    assert [f"{finding.code} at {finding.place}" for finding in found] == []
    assert counts.leaves > 0
