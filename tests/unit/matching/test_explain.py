from dataclasses import replace

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.ids import BankId, EntryId, ItemId, MatchId, PersonId
from beffroi.matching.explain import MatchKind, TrackRecord, Voice, explain, kind_of, merged, wilson
from beffroi.matching.model import Bank, BankTerms, Entry, EntryGiven, Match, Opinion, Stage, Standing
from beffroi.signals import registry

NOW = FakeClock().now()
BANK = Bank(BankId("bnk_1"), 1, BankTerms("Harbour", "a test", radius_bits=20), PersonId("p"), Stage.ACTIVE, NOW)
ENTRY = Entry(EntryId("ent_1"), 1, 1, 1, BANK.id, EntryGiven("pdq", "00" * 32), False, True, PersonId("p"), NOW)
MATCH = Match(
    MatchId("mat_1"),
    ItemId("itm_1"),
    1,
    ENTRY.id,
    BANK.id,
    "pdq",
    "media:0",
    6,
    Standing.ACTING,
    confirmed_here=False,
    spans=(),
    silenced_by=None,
    verdict=None,
    verdict_at=None,
    at=NOW,
)


def test_a_near_copy_says_how_near_of_how_far():
    told = explain(MATCH, ENTRY, BANK, TrackRecord(412, 6), [Voice("Oostmark", Opinion.POSITIVE)])
    assert (told.kind, told.match.distance, told.radius_bits) == (MatchKind.NEAR_COPY, 6, 20)
    assert (told.record.confirmed, told.voices[0].bank, told.spans) == (412, "Oostmark", ())


def test_what_is_equal_or_not_has_no_radius():
    told = explain(replace(MATCH, type="phrase", spans=((9, 12), (4, 8))), ENTRY, BANK)
    assert (told.kind, told.radius_bits, told.spans) == (MatchKind.PHRASE, None, ((4, 8), (9, 12)))
    assert told.record == TrackRecord()


def test_every_signal_type_has_a_code():
    assert {name: kind_of(name) for name in registry.TYPES} == {
        "sha256": "same-file",
        "md5": "same-file",
        "pdq": "near-copy",
        "url": "same-address",
        "phrase": "phrase",
    }


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ((), ()),
        (((0, 2), (4, 6)), ((0, 2), (4, 6))),
        (((4, 6), (0, 5)), ((0, 6),)),
        (((0, 3), (3, 5)), ((0, 5),)),
        (((0, 9), (2, 3), (2, 3)), ((0, 9),)),
    ],
)
def test_stretches_that_meet_are_one(spans, expected):
    assert merged(spans) == expected


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(successes: int, trials: int, low: float, high: float):
    """R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    record = TrackRecord(confirmed=successes, overturned=trials - successes)
    assert record.interval == pytest.approx((low, high), abs=5e-5)
    assert record.precision == pytest.approx(successes / trials)


def test_before_the_first_verdict_everything_is_possible():
    assert (TrackRecord().precision, TrackRecord().interval) == (None, (0.0, 1.0))


@pytest.mark.parametrize("trials", [1, 10, 1000])
def test_an_interval_stays_between_nothing_and_everything(trials: int):
    nothing, everything = wilson(0, trials), wilson(trials, trials)
    assert 0.0 <= nothing[0] < 1e-9
    assert 1.0 - 1e-9 < everything[1] <= 1.0
    assert nothing[1] == pytest.approx(1.0 - everything[0])
