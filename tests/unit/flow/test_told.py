"""Events as lines of the log: ids, and nobody's name."""

import logging

from beffroi.flow.told import tell

ROW = {
    "type": "case-opened",
    "id": "evt_1",
    "aggregate": "case",
    "aggregate_id": "cas_1",
    "actor": "person:prs_1",
    "facts": {"why": "a canary"},
    "personal": {"acc_1": "00"},
}


def test_a_line_has_ids_and_no_facts(caplog):
    with caplog.at_level(logging.INFO, "beffroi.event"):
        tell([ROW, ROW | {"actor": "command-line:somebody"}])
    [record] = caplog.records
    first, second = record.beffroi_rows
    assert first == {
        "event": "case-opened", "id": "evt_1", "aggregate": "case", "aggregate_id": "cas_1", "actor": "person:prs_1",
    }  # fmt: skip
    assert second["actor"] == "command-line"


def test_nothing_recorded_is_no_line(caplog):
    with caplog.at_level(logging.INFO, "beffroi.event"):
        tell([])
    assert caplog.records == []
