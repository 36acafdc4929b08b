"""The wire shapes, word for word as the contract has them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from beffroi.doors.platforms import ActKind, PlatformAct, PlatformItem, VerdictReady
from beffroi.doors.platforms.messages import Message, body_of

AT = "2026-06-01T08:00:00.000000Z"
STATEMENT = {
    "url": "https://node.example/s/abc", "code": "KLMT-4417-RSBN", "language": "de",
    "title": "Entfernt", "summary": "Ihr Beitrag …",
}  # fmt: skip


def wire(act: PlatformAct | VerdictReady) -> Any:
    return json.loads(body_of(act))


@pytest.mark.parametrize("kind", [ActKind.ITEM_HOLD, ActKind.ITEM_REMOVE, ActKind.ITEM_DISABLE])
def test_restricting_everywhere(kind: ActKind, removal: PlatformAct) -> None:
    until = removal.at + timedelta(days=1)
    assert wire(replace(removal, kind=kind, until=until)) == {
        "type": kind.value,
        "timestamp": AT,
        "data": {
            "item": {"platform_id": "p-17", "version": 2},
            "restriction": "rst_01",
            "territories": None,
            "until": "2026-06-02T08:00:00.000000Z",
            "statement": STATEMENT,
        },
    }


def test_restricting_somewhere(removal: PlatformAct) -> None:
    act = replace(removal, kind=ActKind.ITEM_RESTRICT, territories=("AT", "BE"), statement=None)
    assert wire(act)["data"] == {
        "item": {"platform_id": "p-17", "version": 2},
        "restriction": "rst_01",
        "territories": ["AT", "BE"],
        "until": None,
        "statement": None,
    }


def test_labelling(removal: PlatformAct) -> None:
    assert wire(replace(removal, kind=ActKind.ITEM_LABEL, label="Violent"))["data"] == {
        "item": {"platform_id": "p-17", "version": 2},
        "restriction": "rst_01",
        "label": {"text": "Violent"},
        "statement": STATEMENT,
    }


def test_restoring(removal: PlatformAct) -> None:
    assert wire(replace(removal, kind=ActKind.ITEM_RESTORE, statement=None))["data"] == {
        "item": {"platform_id": "p-17", "version": 2},
        "restriction": "rst_01",
        "statement": None,
    }


@pytest.mark.parametrize("kind", [ActKind.ACCOUNT_WARN, ActKind.ACCOUNT_SUSPEND, ActKind.ACCOUNT_RESTORE])
def test_accounts(kind: ActKind, removal: PlatformAct) -> None:
    assert wire(replace(removal, kind=kind, item=None, account="u-3"))["data"] == {
        "account": {"platform_id": "u-3"},
        "restriction": "rst_01",
        "until": None,
        "statement": STATEMENT,
    }


def test_informing(removal: PlatformAct) -> None:
    told = replace(removal, kind=ActKind.USER_INFORM, account="u-3")
    assert wire(told)["data"] == {
        "account": {"platform_id": "u-3"}, "item": {"platform_id": "p-17"}, "statement": STATEMENT
    }  # fmt: skip
    assert wire(replace(told, item=None))["data"] == {"account": {"platform_id": "u-3"}, "statement": STATEMENT}


def test_a_late_verdict() -> None:
    reason = {"code": "near-copy", "message": "…", "bank": "Harbour pictures", "type": "pdq", "distance": 6}
    at = datetime(2026, 6, 1, 8, tzinfo=UTC)
    late = VerdictReady("itm_1-v1", at, PlatformItem("p-17", 1), "hold", (reason,), {"id": "rul_1", "name": "r"}, at)
    assert wire(late) == {
        "type": "verdict.ready",
        "timestamp": AT,
        "data": {
            "item": {"platform_id": "p-17", "version": 1},
            "verdict": "hold",
            "reasons": [reason],
            "rule": {"id": "rul_1", "name": "r"},
            "until": AT,
            "statement_url": None,
        },
    }


def test_the_same_act_is_the_same_bytes(removal: PlatformAct) -> None:
    assert body_of(removal) == body_of(replace(removal))


def test_the_schema_can_be_published() -> None:
    assert set(Message.model_json_schema()["properties"]) == {"type", "timestamp", "data"}
