"""What users report on the platform becomes notices, each once, in order."""

import pytest

from beffroi.doors.platforms import Capability, UserReport
from beffroi.doors.workers import Crew
from beffroi.doors.workers.reports import read_reports
from beffroi.flow import notice
from beffroi.ground.net import Unreachable
from tests.unit.doors.workers.test_crew import until


def a_report(node, number, **changes):
    given = {
        "cursor": str(number),
        "reporter": "u-9",
        "reason": "burns lamps",
        "url": f"https://agora.example/p/p-{number}",
    }
    return UserReport(**given | {"item": node.given(number, "A quiet evening")} | changes)


def test_reports_become_cases_in_order(node):
    node.platform.reported = [[a_report(node, 1), a_report(node, 2, reason=" ")], []]
    assert read_reports(node.house, node.platform) is True
    assert notice.reports_read(node.house) == "2"
    assert [len(case.notices) for case in node.cases()] == [1, 1]
    assert read_reports(node.house, node.platform) is False


def test_one_that_cannot_be_taken_does_not_keep_the_others_waiting(node, caplog):
    bad = a_report(node, 1, item=node.given(1, "x" * 300_000))
    node.platform.reported = [[bad, a_report(node, 2)]]
    read_reports(node.house, node.platform)
    assert (notice.reports_read(node.house), len(node.cases())) == ("2", 1)
    assert "report 1 of a user was not taken: too-long" in caplog.text


def test_a_platform_that_cannot_be_asked_is_asked_again(node, monkeypatch):
    def fails(after):
        raise Unreachable("connection-failed")

    monkeypatch.setattr(node.platform, "reports", fails)
    with pytest.raises(Unreachable):
        read_reports(node.house, node.platform)
    assert notice.reports_read(node.house) == ""


def test_a_crew_reads_them_where_the_platform_has_them(node):
    node.platform.reported = [[a_report(node, 1)]]
    crew = Crew(node.house, node.platform)
    crew.start()
    until(lambda: notice.reports_read(node.house) == "1")
    crew.stop()
    node.platform.capabilities = frozenset(Capability) - {Capability.REPORTS}
    crew = Crew(node.house, node.platform)
    crew.start()
    crew.stop()
    assert "reports" not in [thread.name for thread in crew._threads]
