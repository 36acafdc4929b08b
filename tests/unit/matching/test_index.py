from array import array

import pytest

from beffroi.ground.kernel.clock import EPOCH
from beffroi.ground.kernel.ids import BankId, EntryId, PersonId
from beffroi.ground.kernel.limits import FOUND_PER_SIGNAL_MAX, HITS_PER_PHRASE_MAX
from beffroi.matching.index import Index
from beffroi.matching.model import Bank, BankTerms, Found, Opinion, Stage, Standing
from beffroi.matching.roster import Arrivals
from beffroi.signals.model import Extracted, Signal
from tests.unit.matching.scene import flipped, picture, post

HASH = "f0" * 16 + "3c" * 16
OTHER = "0f" * 16 + "3c" * 16
POSITIVE, NEGATIVE, DISPUTED = Opinion.POSITIVE, Opinion.NEGATIVE, Opinion.DISPUTED


def bank(name: str, stage: Stage = Stage.ACTIVE, radius: int = 31, quality: int = 50) -> Bank:
    terms = BankTerms(name, "a test", radius_bits=radius, quality_min=quality)
    return Bank(BankId(name), 1, terms, PersonId("prs_x"), stage, EPOCH)


def entry_id(number: int) -> EntryId:
    return EntryId(f"ent_{number:026d}")


def index_of(
    *entries: tuple[str, str, str, Opinion], banks: tuple[Bank, ...] = (bank("a"),), start: Index | None = None
):
    """An index of entries, each bank, type, value, opinion; numbered from 1, or on from `start`."""
    before = start or Index.empty()
    arrivals = Arrivals.after(before.roster)
    for number, (bank_name, kind, value, opinion) in enumerate(entries, start=before.seq + 1):
        arrivals.arrive(number, entry_id(number), BankId(bank_name), opinion, confirmed=number % 2 == 0)
        arrivals.compare(number, kind, value)
    return Index.empty().changed(len(entries), banks, arrivals)


def brief(found: tuple[Found, ...]) -> list[tuple[int, int, str]]:
    return [(int(one.entry[4:]), one.distance, str(one.standing)) for one in found]


def test_every_type_is_found_where_it_stands():
    index = index_of(
        ("a", "pdq", HASH, POSITIVE),
        ("a", "sha256", "ab" * 32, POSITIVE),
        ("a", "url", "https://files.example/x", POSITIVE),
        ("a", "phrase", "kettle song", POSITIVE),
    )
    item = post(
        "Sing the KETTLE song",
        picture(flipped(HASH, 6), source="media:1"),
        Signal("sha256", "ab" * 32, None, "media:0"),
        Signal("url", "https://files.example/x", None, "text"),
    )
    (found,) = index.search([item])
    assert [(one.type, one.source, one.distance, one.spans, one.confirmed_here) for one in found] == [
        ("sha256", "media:0", 0, (), True),
        ("url", "text", 0, (), False),
        ("phrase", "text", 0, ((9, 20),), True),
        ("pdq", "media:1", 6, (), False),
    ]
    assert {one.standing for one in found} == {Standing.ACTING}


def test_items_of_a_batch_keep_their_places():
    index = index_of(("a", "pdq", HASH, POSITIVE), ("a", "phrase", "kettle", POSITIVE))
    batch = [post(), post("tea"), post("kettle"), post(None, picture(HASH)), post("kettle", picture(OTHER))]
    assert [brief(found) for found in index.search(batch)] == [
        [],
        [],
        [(2, 0, "acting")],
        [(1, 0, "acting")],
        [(2, 0, "acting")],
    ]


def test_each_bank_has_its_own_radius_and_quality():
    banks = (bank("near", radius=5), bank("far", radius=20), bank("sharp", radius=20, quality=80))
    index = index_of(*((name, "pdq", HASH, POSITIVE) for name in ("near", "far", "sharp")), banks=banks)
    (close,) = index.search([post(None, picture(flipped(HASH, 5), quality=80))])
    (wide,) = index.search([post(None, picture(flipped(HASH, 20), quality=79))])
    (beyond,) = index.search([post(None, picture(flipped(HASH, 21)))])
    assert [one.bank for one in close] == ["near", "far", "sharp"]
    assert ([one.bank for one in wide], beyond) == (["far"], ())


def test_a_flat_picture_matches_only_where_the_bank_allows_it():
    index = index_of(("a", "pdq", HASH, POSITIVE), banks=(bank("a", quality=0),))
    assert index.search([post(None, picture(HASH, quality=0))])[0] != ()


@pytest.mark.parametrize(
    ("stage", "standing"),
    [(Stage.ACTIVE, "acting"), (Stage.OBSERVE, "observed"), (Stage.PAUSED, "observed")],
)
def test_the_stage_of_the_bank_says_what_a_match_may_do(stage: Stage, standing: str):
    index = index_of(("a", "phrase", "kettle", POSITIVE), banks=(bank("a", stage),))
    assert brief(index.search([post("kettle")])[0]) == [(1, 0, standing)]


def test_a_disabled_bank_matches_and_silences_nothing():
    entries = [
        ("off", kind, value, o) for o in (POSITIVE, NEGATIVE) for kind, value in (("pdq", HASH), ("phrase", "tea"))
    ]
    entries += [("a", "pdq", flipped(HASH, 1), POSITIVE), ("a", "phrase", "tea", POSITIVE)]
    index = index_of(*entries, banks=(bank("a"), bank("off", Stage.DISABLED)))
    (found,) = index.search([post("tea", picture(HASH))])
    assert brief(found) == [(6, 0, "acting"), (5, 1, "acting")]


def test_a_disputed_entry_never_acts():
    index = index_of(("a", "pdq", HASH, DISPUTED))
    assert brief(index.search([post(None, picture(HASH))])[0]) == [(1, 0, "disputed")]


@pytest.mark.parametrize(
    ("negative_bits", "standing"),
    [(3, "silenced"), (4, "silenced"), (5, "acting")],
    ids=["nearer", "as near", "farther"],
)
def test_a_negative_entry_silences_what_is_no_closer(negative_bits: int, standing: str):
    negative = f"{int(HASH, 16) ^ ((1 << negative_bits) - 1):064x}"  # its last bits; the positive differs in the first
    entries = ("a", "pdq", flipped(HASH, 4), POSITIVE), ("b", "pdq", negative, NEGATIVE)
    index = index_of(*entries, banks=(bank("a"), bank("b", Stage.OBSERVE)))
    (found,) = index.search([post(None, picture(HASH))])
    assert brief(found) == [(1, 4, standing)]
    assert found[0].silenced_by == (entry_id(2) if standing == "silenced" else None)


def test_a_negative_entry_beyond_its_own_banks_radius_silences_nothing():
    banks = (bank("a"), bank("b", radius=2))
    index = index_of(("a", "pdq", flipped(HASH, 4), POSITIVE), ("b", "pdq", flipped(HASH, 3), NEGATIVE), banks=banks)
    assert brief(index.search([post(None, picture(HASH))])[0]) == [(1, 4, "acting")]


def test_a_negative_entry_speaks_of_its_own_picture_only():
    index = index_of(("a", "pdq", HASH, POSITIVE), ("a", "pdq", OTHER, POSITIVE), ("a", "pdq", HASH, NEGATIVE))
    (found,) = index.search([post(None, picture(HASH, source="media:0"), picture(OTHER, source="media:1"))])
    assert brief(found) == [(1, 0, "silenced"), (2, 0, "acting")]


def test_a_negative_value_of_one_type_leaves_other_types_alone():
    index = index_of(
        ("a", "sha256", "ab" * 32, NEGATIVE),
        ("b", "sha256", "ab" * 32, POSITIVE),
        ("b", "pdq", HASH, POSITIVE),
        banks=(bank("a"), bank("b")),
    )
    item = post(None, Signal("sha256", "ab" * 32, None, "media:0"), picture(HASH))
    assert brief(index.search([item])[0]) == [(2, 0, "silenced"), (3, 0, "acting")]


def test_a_negative_phrase_silences_only_what_stands_inside_it():
    index = index_of(("a", "phrase", "burning kettle", POSITIVE), ("a", "phrase", "burning kettle museum", NEGATIVE))
    text = "The burning kettle museum has a burning kettle."
    inside, both = index.search([post("Visit the burning kettle museum"), post(text)])
    assert (brief(inside), inside[0].silenced_by) == ([(1, 0, "silenced")], entry_id(2))
    assert (brief(both), [text[slice(*span)] for span in both[0].spans]) == ([(1, 0, "acting")], ["burning kettle"])
    assert both[0].spans == ((32, 46),)


def test_repeating_an_innocent_phrase_hides_nothing():
    index = index_of(("a", "phrase", "burning kettle", POSITIVE), ("a", "phrase", "burning kettle museum", NEGATIVE))
    text = "burning kettle museum. " * HITS_PER_PHRASE_MAX + "burning kettle"
    assert brief(index.search([post(text)])[0]) == [(1, 0, "acting")]


def test_a_crowd_of_near_copies_is_told_by_its_closest_in_each_bank():
    entries = [
        (name, "pdq", flipped(HASH, bits), POSITIVE) for name in "ab" for bits in range(FOUND_PER_SIGNAL_MAX + 4)
    ]
    (found,) = index_of(*entries, banks=(bank("a"), bank("b"))).search([post(None, picture(HASH))])
    for name in "ab":
        assert [one.distance for one in found if one.bank == name] == list(range(FOUND_PER_SIGNAL_MAX))


def test_more_pictures_than_are_looked_for_in_one_go(monkeypatch: pytest.MonkeyPatch):
    index = index_of(
        ("a", "pdq", HASH, POSITIVE),
        ("a", "pdq", OTHER, POSITIVE),
        ("b", "pdq", OTHER, NEGATIVE),
        banks=(bank("a"), bank("b")),
    )
    signals = [Signal("pdq", value, 90, f"media:{n}") for n, value in enumerate((HASH, OTHER, "0" * 64, HASH, OTHER))]
    batch = [Extracted(tuple(signals), None, ()), Extracted(tuple(signals[:3]), None, ())]
    at_once = index.search(batch)
    monkeypatch.setattr("beffroi.matching.index.PDQ_QUERIES_AT_ONCE", 3)
    assert index.search(batch) == at_once
    assert [len(found) for found in at_once] == [4, 2]


def test_a_change_makes_a_new_index_and_leaves_the_old_one():
    old = index_of(("a", "pdq", HASH, POSITIVE), ("a", "phrase", "tea", POSITIVE), ("a", "sha256", "ab" * 32, POSITIVE))
    arrivals = Arrivals.after(old.roster)
    for number in (1, 2, 3):
        arrivals.leave(number)
    arrivals.arrive(4, entry_id(4), BankId("b"), POSITIVE, confirmed=False)
    arrivals.compare(4, "pdq", OTHER)
    new = old.changed(9, (bank("a"), bank("b")), arrivals)
    item = post("tea", picture(HASH), picture(OTHER, source="media:1"), Signal("sha256", "ab" * 32, None, "media:0"))
    assert (len(old), len(new), old.seq, new.seq) == (3, 1, 3, 9)
    assert len(old.search([item])[0]) == 3
    assert brief(new.search([item])[0]) == [(4, 0, "acting")]


def test_an_entry_that_comes_again_is_there_once_with_what_changed():
    old = index_of(
        ("a", "pdq", HASH, POSITIVE), ("a", "phrase", "tea", POSITIVE), ("a", "url", "https://a.example/", POSITIVE)
    )
    arrivals = Arrivals.after(old.roster)
    for number, (kind, value) in enumerate((("pdq", HASH), ("phrase", "tea"), ("url", "https://a.example/")), start=1):
        arrivals.arrive(number, entry_id(number), BankId("a"), DISPUTED, confirmed=True)
        arrivals.compare(number, kind, value)
    new = old.changed(6, (bank("a"),), arrivals)
    (found,) = new.search([post("tea", picture(HASH), Signal("url", "https://a.example/", None, "text"))])
    assert sorted(brief(found)) == [(1, 0, "disputed"), (2, 0, "disputed"), (3, 0, "disputed")]
    assert all(one.confirmed_here for one in found)


def test_a_change_of_banks_alone_is_in_force():
    old = index_of(("a", "phrase", "tea", POSITIVE))
    new = old.changed(2, (bank("a", Stage.PAUSED),), Arrivals.after(old.roster))
    assert brief(new.search([post("tea")])[0]) == [(1, 0, "observed")]
    assert new.roster is old.roster


def test_an_empty_index_finds_nothing():
    assert Index.empty().search([post("tea", picture(HASH)), post()]) == [(), ()]
    assert Index.empty().search([]) == []


def test_nothing_but_signals_of_known_types_is_compared():
    index = index_of(("a", "pdq", HASH, POSITIVE))
    odd = Extracted((Signal("tlsh", "T1", None, "media:0"),), None, ())
    assert index.search([odd]) == [()]


def test_arrivals_are_packed_tightly():
    arrivals = Arrivals.after(Index.empty().roster)
    for number in range(1000):
        arrivals.arrive(number, entry_id(number), BankId("a"), POSITIVE, confirmed=False)
        arrivals.compare(number, "pdq", HASH)
    index = Index.empty().changed(1000, (bank("a"),), arrivals)
    held = index.roster.numbers.nbytes + index.roster.rows.nbytes + index.pdq.size_bytes
    assert held / 1000 <= 140  # DESIGN §7, bytes a hash
    assert isinstance(arrivals.numbers, array)
