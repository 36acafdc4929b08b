"""From the wire to the words of the capabilities, and back."""

from datetime import UTC, datetime

import pytest

from beffroi.doors.api import wire
from beffroi.flow.verdict import Reason, Verdict, Word
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.ids import ItemId


def test_a_file_comes_one_way_only() -> None:
    for given in (wire.MediaIn(), wire.MediaIn(url="https://a.example/x", data="")):
        with pytest.raises(Invalid) as refused:
            wire.media(given)
        assert refused.value.code == "media-one-of"


def test_instants_become_utc() -> None:
    given = wire.ItemIn.model_validate(
        {"platform_id": "p", "account": {"platform_id": "u"}, "posted_at": "2026-06-01T10:00:00+02:00"}
    )
    assert wire.submission(given).posted_at == datetime(2026, 6, 1, 8, tzinfo=UTC)


def test_a_verdict_keeps_its_facts_and_gets_its_link() -> None:
    reason = Reason("near-copy", {"bank": "Lamps", "type": "pdq", "distance": 6, "entry": "ent_1"})
    answer = Verdict(Word.HOLD, ItemId("itm_1"), 2, (reason,), rule=("rul_1", "Copies"), token="abc")
    said = wire.verdict_out(answer, "https://node.example").model_dump()
    assert said["statement_url"] == "https://node.example/s/abc"
    assert said["reasons"][0]["distance"] == 6
    assert said["rule"] == {"id": "rul_1", "name": "Copies"}


def test_an_account_event_names_the_account() -> None:
    with pytest.raises(Invalid):
        wire.account_or_refuse(None)
