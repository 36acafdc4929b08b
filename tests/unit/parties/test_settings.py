"""What the charter's settings can be, and what no setting can be."""

from typing import Any

import pytest

from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.parties.settings import SETTINGS, OneOf, Setting, SomeOf, Whole, Words, YesNo, setting


@pytest.mark.parametrize("known", SETTINGS.values(), ids=lambda known: known.name)
def test_every_setting_explains_itself_and_allows_its_default(known: Setting) -> None:
    known.check(known.default)
    assert SETTINGS[known.name] is known
    assert known.decides
    assert known.words.endswith((".", "?"))
    assert known.form.told()


def test_unknown_settings() -> None:
    assert setting("undo_hold_s").default == 60
    with pytest.raises(NotFound):
        setting("screening.private")


@pytest.mark.parametrize(
    ("name", "forbidden"),
    [
        ("screening.visibility", ["private", "unlisted", "closed_group", "all", "", ("public", "private"), True]),
        ("categories", [("terrorist_content", "nudity"), ("nudity",), (), "terrorist_content", (["x"],), (7,)]),
        ("categories", [("terrorist_content",) * 2]),
        ("four_eyes.account_suspension", [False, 0, 1, "yes"]),
        ("hold_h_max", [25, 0, -1, 48, True, "24", 24.0]),
        ("remedies.complaint_months", [5, 0, 121]),
        ("undo_hold_s", [-1, 601, 59.5, "60", False]),
        ("fail.text", ["Open", "", None, True]),
        ("remedies.out_of_court", ["x" * 2001, 7, None]),
    ],
)  # fmt: skip
def test_what_no_setting_can_be(name: str, forbidden: list[Any]) -> None:
    for value in forbidden:
        with pytest.raises(Invalid) as refused:
            setting(name).check(value)
        assert (refused.value.code, refused.value.where) == ("value-not-allowed", name)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("fail.text", ["open", "closed"]),
        ("hold_h_max", [1, 24]),
        ("undo_hold_s", [0, 600]),
        ("remedies.complaint_months", [6, 120]),
        ("remedies.own_complaint", [True, False]),
        ("remedies.out_of_court", ["", "x" * 2000]),
        ("categories", [("terrorist_content",)]),
    ],
)
def test_what_they_can_be(name: str, values: list[Any]) -> None:
    for value in values:
        setting(name).check(value)


def test_what_is_fixed_says_so() -> None:
    fixed = {name for name, known in SETTINGS.items() if known.is_fixed}
    assert fixed == {"screening.visibility", "categories", "four_eyes.account_suspension"}


def test_the_allowed_values_in_words() -> None:
    told = [form.told() for form in (OneOf(("a", "b")), SomeOf(("a",)), Whole(1, 24), YesNo(), YesNo(fixed=True))]
    assert told == ["a | b", "a", "1 … 24", "yes | no", "yes"]
    assert YesNo(fixed=False).told() == "no"
    assert not YesNo(fixed=False).allows(True)
    assert "2000" in Words().told()


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("fail.text", " closed ", "closed"),
        ("undo_hold_s", "90", 90),
        ("remedies.own_complaint", "no", False),
        ("remedies.out_of_court", "A body, 1 Harbour Street", "A body, 1 Harbour Street"),
        ("categories", "terrorist_content", ("terrorist_content",)),
    ],
)
def test_as_typed_into_a_form(name: str, typed: str, value: Any) -> None:
    assert setting(name).read(typed) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    [("undo_hold_s", "-1"), ("undo_hold_s", "٩٠"), ("undo_hold_s", "9" * 5000), ("hold_h_max", "25"),
     ("remedies.own_complaint", "perhaps"), ("four_eyes.account_suspension", "no"), ("categories", "")],
)  # fmt: skip
def test_typed_wrong(name: str, typed: str) -> None:
    with pytest.raises(Invalid):
        setting(name).read(typed)
