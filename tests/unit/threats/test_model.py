"""A warning's own words about itself."""

from beffroi.threats.model import LetterKind
from tests.unit.threats.scene import SIGN, draft, established, signed, supplement


def test_the_first_letter_and_whether_it_was_taken_back(sqlite_db):
    established(sqlite_db)
    opened = draft(sqlite_db)
    assert opened.warning is None
    threat = signed(sqlite_db, opened, parts=SIGN.parts)
    assert threat.warning == threat.letters[0]
    assert not supplement(sqlite_db, threat).is_retracted
    again = signed(sqlite_db, draft(sqlite_db, 2))
    assert supplement(sqlite_db, again, LetterKind.RETRACTION).is_retracted
