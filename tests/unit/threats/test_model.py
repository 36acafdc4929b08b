"""A warning's own words about itself."""

from dataclasses import replace

from beffroi.threats.model import LetterKind
from tests.unit.threats.scene import SIGN, VALMERE, draft, established, signed, supplement


def test_the_first_letter_and_whether_it_was_taken_back(sqlite_db):
    established(sqlite_db)
    opened = draft(sqlite_db)
    assert opened.warning is None
    threat = signed(sqlite_db, opened, parts=SIGN.parts)
    assert threat.warning == threat.letters[0]
    assert not supplement(sqlite_db, threat).is_retracted
    again = signed(sqlite_db, draft(sqlite_db, 2))
    assert supplement(sqlite_db, again, LetterKind.RETRACTION).is_retracted


def test_only_a_number_is_dialled():
    for phone, dial in (
        ("+99 0 555-0107", "+9905550107"),
        ("(0) 555/0107", "05550107"),
        ("555 or the desk", ""),
        ("javascript:1", ""),
        ("+", ""),
        ("\u0661\u0662", ""),
    ):
        assert replace(VALMERE, phone=phone).dial == dial
