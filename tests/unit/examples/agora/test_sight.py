"""Visibility: a pure function, so every combination is a line."""

import pytest

from examples.agora.restrictions import Restriction
from examples.agora.sight import look
from examples.agora.store import Post, User

NOW, LATER, BEFORE = "2026-06-01T08:00:00Z", "2026-06-01T09:00:00Z", "2026-06-01T07:00:00Z"


def post(state: str, held_until: str | None = None) -> Post:
    return Post(
        id=1,
        text="A kettle.",
        language="en",
        version=1,
        posted_at=BEFORE,
        edited_at=None,
        state=state,
        held_until=held_until,
        reason=None,
        statement_url=None,
        cleared_version=0,
        author=User(1, "Mara", "", 1),
        pictures=(),
    )


def rst(kind: str, *territories: str, url: str | None = None) -> Restriction:
    return Restriction("rst_1", kind, None, territories or None, None, url)


@pytest.mark.parametrize(
    ("state", "held_until", "restrictions", "others", "author"),
    [
        ("public", None, [], 200, 200),
        ("waiting", None, [], 404, 200),
        ("refused", None, [], 404, 200),
        ("held", None, [], 404, 200),
        ("held", LATER, [], 404, 200),
        ("held", NOW, [], 200, 200),
        ("held", BEFORE, [], 200, 200),
        ("deleted", None, [], 410, 410),
        ("public", None, [rst("remove")], 410, 410),
        ("public", None, [rst("disable")], 410, 410),
        ("public", None, [rst("hold")], 404, 200),
        ("public", None, [rst("label")], 200, 200),
        ("waiting", None, [rst("remove")], 410, 410),
        ("deleted", None, [rst("remove")], 410, 410),
        ("public", None, [rst("hold"), rst("remove")], 410, 410),
        ("public", None, [rst("restrict", "XA")], 451, 451),
        ("public", None, [rst("disable", "XA")], 451, 451),
        ("public", None, [rst("restrict", "XB")], 200, 200),
        ("held", LATER, [rst("restrict", "XA")], 404, 200),
        ("held", BEFORE, [rst("restrict", "XA")], 451, 451),
    ],
)
def test_who_sees_what_in_territory_xa(state, held_until, restrictions, others, author):
    seen = look(post(state, held_until), restrictions, territory="XA", is_author=False, at=NOW)
    own = look(post(state, held_until), restrictions, territory="XA", is_author=True, at=NOW)
    assert (seen.status, own.status) == (others, author)


def test_without_a_territory_no_territory_applies():
    assert look(post("public"), [rst("restrict", "XA")], territory=None, is_author=False, at=NOW).status == 200


def test_the_statement_of_the_restriction_that_decides_is_shown():
    restrictions = [rst("hold", url="http://n/hold"), rst("remove", url="http://n/remove")]
    assert look(post("public"), restrictions, territory=None, is_author=True, at=NOW).statement_url == "http://n/remove"


def test_a_restriction_ends_at_its_instant():
    passing = Restriction("rst_1", "remove", NOW, None, None, None)
    assert passing.in_force(BEFORE)
    assert not passing.in_force(NOW)
