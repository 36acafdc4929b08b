from datetime import UTC, datetime

import pytest

from beffroi.ground.ledger.events import EVENTS, KeyRotated, KeysAttested, LogOpened

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "type_"),
    [
        (KeysAttested("node.example/ledger", ("key_1",), 8, "00" * 32, ("prs_1", "prs_2")), "keys-attested"),
        (LogOpened("new.example/ledger", "node.example/ledger", 8, "00" * 32, ("prs_1", "prs_2")), "log-opened"),
        (KeyRotated("node.example/ledger", "ledger", "key_1", "key_2", AT), "key-rotated"),
    ],
)
def test_each_is_about_the_log_by_its_name(event, type_):
    assert type(event) in EVENTS
    assert (event.type(), event.aggregate, event.aggregate_id) == (type_, "log", event.origin)
