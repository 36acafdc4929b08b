"""Statuses and pauses; the bodies are in test_webhook."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from beffroi.doors.platforms import ActKind, Done, PlatformAct, Refused, Retry, StatementLink
from beffroi.doors.platforms.answers import outcome_of, pause_s
from beffroi.ground.kernel.limits import RETRY_AFTER_S_MAX

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


def of_kind(removal: PlatformAct, kind: ActKind) -> PlatformAct:
    return replace(removal, kind=kind, account="u-3", label="Violent", territories=("AT",))


@pytest.mark.parametrize("kind", ActKind)
def test_gone_is_done_only_where_hiding_was_the_aim(
    kind: ActKind, removal: PlatformAct, statement: StatementLink
) -> None:
    act = of_kind(removal, kind)
    hides = {ActKind.ITEM_HOLD, ActKind.ITEM_REMOVE, ActKind.ITEM_DISABLE, ActKind.ITEM_RESTRICT}
    expected = Done("gone") if kind in hides else Refused("gone", final=True)
    assert outcome_of(act, 410, b"") == expected
    assert outcome_of(act, 200, b'{"outcome":"gone"}') == expected


@pytest.mark.parametrize("status", range(100, 600))
def test_every_status_has_one_meaning(status: int, removal: PlatformAct) -> None:
    outcome = outcome_of(removal, status, b"", 9)
    if 200 <= status < 300 or status == 410:
        assert isinstance(outcome, Done)
    elif status in {408, 425, 429} or status < 200 or status >= 500:
        assert outcome == Retry(f"status-{status}", 9)
    else:
        assert outcome == Refused("redirected" if status < 400 else f"status-{status}", final=status >= 400)


@pytest.mark.parametrize(
    ("field", "seconds"),
    [
        (None, None), ("0", 0), ("17", 17), ("86399", 86_399), ("86400", 86_400), ("86401", 86_400),
        ("9" * 1000, RETRY_AFTER_S_MAX), ("-5", None), ("1.5", None), ("soon", None), ("", None), ("١٧", None),
        ("Mon, 01 Jun 2026 08:00:30 GMT", 30), ("Mon, 01 Jun 2026 07:00:00 GMT", 0),
        ("Mon, 01 Jun 2099 08:00:00 GMT", RETRY_AFTER_S_MAX), ("Mon, 99 Jun 2026 08:00:00 GMT", None),
        ("Mon, 01 Jun 2026 08:00:30 -0000", None),
    ],
)  # fmt: skip
def test_the_pause_a_receiver_asks_for(field: str | None, seconds: int | None) -> None:
    assert pause_s(field, NOW) == seconds
