"""The letter: the same facts give the same bytes, and nobody's words pass for ours."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from beffroi.ground.kernel.limits import WARNING_POST_CHARS_MAX
from beffroi.threats.letter import (
    Content,
    File,
    Found,
    Sender,
    State,
    Subject,
    ThreatNotification,
    cover,
    cut,
    script,
    subject_line,
    text,
)
from beffroi.threats.model import Basis, Danger, How, LetterKind, Level, Link, Mark, Window
from tests.tidy.sources import ROOT

SCHEMA = ROOT / "docs" / "threat-notification.schema.json"
WARNING = ThreatNotification(
    kind=LetterKind.WARNING,
    reference="W-2F-9A31C0",
    sender=Sender(name="Agora", country="XO", email="orders@node.example", phone="+00 1 234"),
    explanation="They will be at the lamp hall at six with the tin. Two replies ask to stop.",
    found=Found(
        legal_basis=(Basis.TCO_14_5, Basis.DSA_18),
        became_aware_at="2026-11-14T02:21:44Z",
        how=How.MATCH,
        danger=Danger.LIFE,
        level=Level.HIGH_SPECIFIC,
        window=Window.HOURS,
        marks=(Mark.INTENT, Mark.PLACE),
        states=(State(country="XV", link=Link.OFFENCE, stated=True),),
        content=Content(
            text="At the lamp hall\nwith the tin",
            is_cut=False,
            url="https://agora.example/p/1",
            published_at="2026-11-14T02:20:00Z",
            is_public=True,
            files=(File(media_type="image/png", size_bytes=9, sha256="ab" * 32, viewed_by_human=False),),
        ),
        subject=Subject(name="night.tin.7", number="u-1", last_connection="192.0.2.44 port 4711"),
    ),
)
PLAIN = WARNING.model_copy(update={"kind": LetterKind.RETRACTION, "found": None})


def with_post(said: str, name: str = "night.tin.7") -> ThreatNotification:
    assert WARNING.found is not None
    assert WARNING.found.content is not None
    content = WARNING.found.content.model_copy(update={"text": said})
    found = WARNING.found.model_copy(update={"content": content, "subject": Subject(name=name)})
    return WARNING.model_copy(update={"found": found})


def test_the_text_says_what_an_officer_needs() -> None:
    said = text(WARNING)
    for line in (
        "Reference:    W-2F-9A31C0",
        "From:         Agora (XO), +00 1 234, orders@node.example",
        "Law:          Article 14(5) of Regulation (EU) 2021/784; Article 18 of Regulation (EU) 2022/2065",
        "Danger to:    life, within hours",
        "State:        XV: where it would happen, or happened (stated)",
        "> At the lamp hall",
        "> with the tin",
        "Posted:       2026-11-14T02:20:00Z",
        "Connection:   192.0.2.44 port 4711",
    ):
        assert line in said.splitlines()
    assert "not opened by a person" in said


@given(st.text(max_size=200), st.text(max_size=40))
def test_nothing_a_user_wrote_begins_a_line_of_ours(posted: str, name: str) -> None:
    theirs = text(with_post(posted, name)).splitlines()
    ours = text(with_post("", "")).splitlines()
    extra = [line for line in theirs if line not in ours]
    assert all(line.startswith(("> ", "Name:")) for line in extra)


def test_equal_facts_give_equal_bytes_and_others_do_not() -> None:
    again = ThreatNotification.model_validate_json(WARNING.data())
    assert (again, again.digest) == (WARNING, WARNING.digest)
    assert with_post("something else").digest != WARNING.digest
    assert text(again) == text(WARNING)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        ThreatNotification.model_validate(json.loads(WARNING.data()) | {"score": 0.97})


def test_a_long_post_is_cut_and_says_so() -> None:
    assert cut("x" * WARNING_POST_CHARS_MAX) == ("x" * WARNING_POST_CHARS_MAX, False)
    assert cut("x" * (WARNING_POST_CHARS_MAX + 1)) == ("x" * WARNING_POST_CHARS_MAX, True)


@pytest.mark.parametrize("letter", [WARNING, PLAIN])
def test_what_is_not_encrypted_says_nothing_of_anybody(letter: ThreatNotification) -> None:
    bare = cover(letter, "https://node.example/w/t", with_letter=False) + script(letter) + subject_line(letter)
    assert "W-2F-9A31C0" in bare
    for secret in ("night.tin.7", "u-1", "192.0.2.44", "lamp hall", "replies"):
        assert secret not in bare


def test_the_schema_is_published_as_it_is() -> None:
    assert json.loads(SCHEMA.read_text("utf-8")) == ThreatNotification.model_json_schema()
