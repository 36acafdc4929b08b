from dataclasses import replace
from datetime import timedelta

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import BankId, ItemId, PersonId
from beffroi.ground.kernel.limits import (
    BRAKE_STEPS,
    ENTRY_WORDS_CHARS_MAX,
    HOURLY_CAP_MAX,
    LABEL_CHARS_MAX,
    LABELS_MAX,
    NAME_CHARS_MAX,
    PDQ_RADIUS_MAX,
    STRAIN_MAX,
)
from beffroi.matching import rules
from beffroi.matching.events import BankCreated, BankDisabled, BankPaused, BankPromoted, EntryAdded
from beffroi.matching.model import Bank, BankSource, BankTerms, ContentGround, EntryGiven, Opinion, Stage, Standing

NOW = FakeClock().now()
LEAD = PersonId("prs_lead")
TERMS = BankTerms("Harbour pictures", "Known copies of one invented poster")


def bank(stage: Stage = Stage.OBSERVE, **terms: object) -> Bank:
    return Bank(BankId("bnk_1"), 1, replace(TERMS, **terms), LEAD, stage, NOW)  # type: ignore[arg-type]


def test_a_new_bank_observes():
    (created,) = rules.create_bank(BankId("bnk_1"), TERMS, LEAD, NOW)
    assert rules.apply_bank(None, created) == replace(bank(), version=0)


@pytest.mark.parametrize(
    ("command", "allowed", "after"),
    [
        (lambda one: rules.promote(one, LEAD), {Stage.OBSERVE}, Stage.ACTIVE),
        (lambda one: rules.set_back(one, LEAD), {Stage.ACTIVE, Stage.PAUSED, Stage.DISABLED}, Stage.OBSERVE),
        (lambda one: rules.resume(one, LEAD, NOW), {Stage.PAUSED}, Stage.ACTIVE),
        (lambda one: rules.disable(one, LEAD), {Stage.OBSERVE, Stage.ACTIVE, Stage.PAUSED}, Stage.DISABLED),
    ],
    ids=["promote", "set back", "resume", "disable"],
)
def test_the_life_of_a_bank(command, allowed: set[Stage], after: Stage):
    for stage in Stage:
        if stage in allowed:
            (event,) = command(bank(stage))
            assert rules.apply_bank(bank(stage), event).stage is after
        elif stage is after is Stage.DISABLED:
            assert command(bank(stage)) == ()
        else:
            with pytest.raises(Conflict) as refused:
                command(bank(stage))
            assert refused.value.code == "wrong-stage"


@pytest.mark.parametrize("stage", [Stage.ACTIVE, Stage.PAUSED])
@pytest.mark.parametrize("wider", [{"radius_bits": 32}, {"quality_min": 49}])
def test_an_acting_bank_cannot_be_widened(stage: Stage, wider: dict[str, int]):
    with pytest.raises(Conflict) as refused:
        rules.change_bank(bank(stage), replace(TERMS, **wider), LEAD)  # type: ignore[arg-type]
    assert refused.value.code == "observe-first"
    assert rules.change_bank(bank(Stage.OBSERVE), replace(TERMS, **wider), LEAD)  # type: ignore[arg-type]


def test_an_acting_bank_can_be_narrowed_renamed_and_given_away():
    terms, other = replace(TERMS, name="Harbour", radius_bits=20, quality_min=60, hourly_cap=5), PersonId("prs_2")
    (event,) = rules.change_bank(bank(Stage.ACTIVE), terms, other)
    changed = rules.apply_bank(bank(Stage.ACTIVE), event)
    assert (changed.terms, changed.owner, changed.stage) == (terms, other, Stage.ACTIVE)
    assert rules.change_bank(changed, terms, other) == ()


@pytest.mark.parametrize(
    ("field", "at_limit", "beyond"),
    [
        ("radius_bits", 0, -1),
        ("radius_bits", PDQ_RADIUS_MAX, PDQ_RADIUS_MAX + 1),
        ("quality_min", 0, -1),
        ("quality_min", 100, 101),
        ("hourly_cap", 1, 0),
        ("hourly_cap", HOURLY_CAP_MAX, HOURLY_CAP_MAX + 1),
        ("name", "n" * NAME_CHARS_MAX, "n" * (NAME_CHARS_MAX + 1)),
        ("name", "n", "  "),
        ("name", "two\nlines", "bell\a"),
        ("purpose", "p" * ENTRY_WORDS_CHARS_MAX, "p" * (ENTRY_WORDS_CHARS_MAX + 1)),
        ("terms_of_use", "", "t" * (ENTRY_WORDS_CHARS_MAX + 1)),
        ("source_name", "", "half of a pair \ud800"),
    ],
)
def test_terms_have_bounds(field: str, at_limit: object, beyond: object):
    fine = replace(TERMS, **{field: at_limit})  # type: ignore[arg-type]
    assert rules.examine_terms(fine) == fine
    with pytest.raises(Invalid) as refused:
        rules.examine_terms(replace(TERMS, **{field: beyond}))  # type: ignore[arg-type]
    assert refused.value.where == field


def test_who_is_not_oneself_has_a_name():
    for source in set(BankSource) - {BankSource.OWN}:
        with pytest.raises(Invalid) as refused:
            rules.examine_terms(replace(TERMS, source=source))
        assert refused.value.where == "source_name"
        named = replace(TERMS, source=source, source_name="Oostmark")
        assert rules.examine_terms(named) == named


@pytest.mark.parametrize(
    ("opinion", "stage", "silenced", "expected"),
    [
        (Opinion.POSITIVE, Stage.ACTIVE, False, Standing.ACTING),
        (Opinion.POSITIVE, Stage.OBSERVE, False, Standing.OBSERVED),
        (Opinion.POSITIVE, Stage.PAUSED, False, Standing.OBSERVED),
        (Opinion.DISPUTED, Stage.ACTIVE, False, Standing.DISPUTED),
        (Opinion.DISPUTED, Stage.OBSERVE, False, Standing.DISPUTED),
        (Opinion.POSITIVE, Stage.ACTIVE, True, Standing.SILENCED),
        (Opinion.DISPUTED, Stage.ACTIVE, True, Standing.SILENCED),
    ],
)
def test_what_a_match_may_do(opinion: Opinion, stage: Stage, silenced: bool, expected: Standing):
    assert rules.standing(opinion, stage, silenced=silenced) is expected


def test_the_brake_counts_items_over_the_cap_of_an_acting_bank():
    one = bank(Stage.ACTIVE, hourly_cap=3)
    assert rules.brake(one, 3, NOW) == ()
    assert rules.brake(one, 4, NOW) == (BankPaused(one.id, 4, 3, NOW),)
    assert all(rules.brake(bank(stage, hourly_cap=3), 99, NOW) == () for stage in set(Stage) - {Stage.ACTIVE})


def test_the_brake_counts_at_every_item_under_a_small_cap_and_at_some_under_a_big_one():
    items = [ItemId(f"itm_{number}") for number in range(10_000)]
    assert all(rules.brake_counts_at(bank(hourly_cap=2 * BRAKE_STEPS - 1), item) for item in items)
    counted = sum(rules.brake_counts_at(bank(hourly_cap=50 * BRAKE_STEPS), item) for item in items)
    assert 150 <= counted <= 250


def test_the_brake_counts_from_the_full_hour_or_the_last_resume_in_it():
    ten_past = NOW + timedelta(minutes=10)
    assert rules.brake_counts_since(bank(), ten_past) == NOW
    resumed = replace(bank(), resumed_at=NOW + timedelta(minutes=5))
    assert rules.brake_counts_since(resumed, ten_past) == NOW + timedelta(minutes=5)
    assert rules.brake_counts_since(resumed, NOW + timedelta(hours=2, minutes=1)) == NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    "event", [BankPromoted(BankId("bnk_1"), LEAD), BankDisabled(BankId("bnk_1"), LEAD, Stage.ACTIVE)]
)
def test_a_bank_begins_with_its_creation(event: BankPromoted | BankDisabled):
    with pytest.raises(Conflict):
        rules.apply_bank(None, event)


def test_an_event_of_something_else_does_not_fit():
    stray = EntryAdded("ent_1", BankId("bnk_1"), 1, "md5", "", Opinion.POSITIVE, LEAD)  # type: ignore[arg-type]
    for state in (None, bank()):
        with pytest.raises(Conflict) as refused:
            rules.apply_bank(state, stray)
        assert refused.value.code == "event-does-not-fit"


def test_a_bank_is_created_once():
    (created,) = rules.create_bank(BankId("bnk_1"), TERMS, LEAD, NOW)
    assert isinstance(created, BankCreated)


def test_an_entry_comes_out_in_canonical_form():
    given = EntryGiven("sha256", " " + "AB" * 32, labels=(" tco-2-7-a ", "poster", "poster", ""))
    examined = rules.examine_entry(given)
    assert (examined.value, examined.labels) == ("ab" * 32, (ContentGround.INCITES, "poster"))
    assert rules.examine_entry(examined) == examined


@pytest.mark.parametrize(
    ("fine", "malformed", "where"),
    [
        ({}, {"type": "tlsh"}, "type"),
        ({}, {"value": "ab"}, "value"),
        ({"strain": STRAIN_MAX}, {"strain": STRAIN_MAX + 1}, "strain"),
        ({"strain": 0}, {"strain": -1}, "strain"),
        ({"labels": ("l" * LABEL_CHARS_MAX,)}, {"labels": ("l" * (LABEL_CHARS_MAX + 1),)}, "labels"),
        (
            {"labels": tuple(map(str, range(LABELS_MAX)))},
            {"labels": tuple(map(str, range(LABELS_MAX + 1)))},
            "labels",
        ),
        ({"labels": ("one,two",)}, {"labels": ("one;two",)}, "labels"),
        ({"note": "n" * ENTRY_WORDS_CHARS_MAX}, {"note": "n" * (ENTRY_WORDS_CHARS_MAX + 1)}, "note"),
        ({"description": "a kettle"}, {"description": "a\0kettle"}, "description"),
    ],
)
def test_entries_have_bounds(fine: dict[str, object], malformed: dict[str, object], where: str):
    start = EntryGiven("sha256", "ab" * 32)
    in_bounds = replace(start, **fine)  # type: ignore[arg-type]
    assert rules.examine_entry(in_bounds) == in_bounds
    with pytest.raises(Invalid) as refused:
        rules.examine_entry(replace(start, **malformed))  # type: ignore[arg-type]
    assert refused.value.where == where
