from datetime import timedelta

import pytest

from beffroi.ground.kernel.ids import ItemId
from beffroi.ground.kernel.limits import OBSERVED_ROWS_HOURLY_MAX
from beffroi.matching import recording, rules, service, store
from beffroi.matching.events import BankPaused, MatchesFound, MatchSummary, VerdictNoted
from beffroi.matching.model import Opinion, Stage, Standing, Verdict
from tests.unit.matching.scene import LEAD, House, flipped, keep, picture, post

HASH = "f0" * 16 + "3c" * 16


def standings(matches) -> list[Standing]:
    return [match.standing for match in matches]


def test_what_was_found_is_kept_with_its_reasons(house: House):
    bank = house.bank()
    near, phrase = house.entry(bank, "pdq", HASH), house.entry(bank, "phrase", "kettle song")
    (found,) = house.search(post("a kettle song", picture(flipped(HASH, 6))))
    matches = house.do(keep, "itm_1", found)
    assert [(m.entry, m.type, m.source, m.distance, m.spans) for m in matches] == [
        (phrase.id, "phrase", "text", 0, ((2, 13),)),
        (near.id, "pdq", "media:0", 6, ()),
    ]
    assert tuple(house.read(store.matches_of, ItemId("itm_1"), 1)) == matches
    (event,) = house.recorded(MatchesFound)
    assert event.acting == tuple(
        MatchSummary(m.id, m.entry, bank.id, m.type, m.source, m.distance, confirmed_here=False) for m in matches
    )


def test_keeping_again_changes_nothing_and_tells_the_same(house: House):
    house.entry(house.bank(), "pdq", HASH)
    (found,) = house.search(post(None, picture(HASH)))
    first = house.do(keep, "itm_1", found)
    assert house.do(keep, "itm_1", found) == first
    assert len(house.recorded(MatchesFound)) == 1


def test_a_later_search_adds_only_what_is_new(house: House):
    bank = house.bank()
    house.entry(bank, "pdq", HASH)
    item = post("a kettle", picture(HASH))
    first = house.do(keep, "itm_1", house.search(item)[0])
    phrase = house.entry(bank, "phrase", "kettle")
    second = house.do(keep, "itm_1", house.search(item)[0])
    assert second[:1] == first
    assert [match.entry for match in second[1:]] == [phrase.id]
    assert [len(event.acting) for event in house.recorded(MatchesFound)] == [1, 1]


def test_each_revision_has_its_own_matches(house: House):
    house.entry(house.bank(), "phrase", "kettle")
    (found,) = house.search(post("kettle"))
    one, two = house.do(keep, "itm_1", found), house.do(keep, "itm_1", found, revision=2)
    assert one[0].id != two[0].id
    assert [event.revision for event in house.recorded(MatchesFound)] == [1, 2]


def test_nothing_found_is_nothing_kept(house: House):
    assert house.do(keep, "itm_1", ()) == ()
    assert house.recorded(MatchesFound) == []


def test_an_observing_bank_opens_nothing(house: House):
    house.entry(house.bank(active=False), "phrase", "kettle")
    (match,) = house.do(keep, "itm_1", house.search(post("kettle"))[0])
    assert match.observed
    (event,) = house.recorded(MatchesFound)
    assert (event.acting, event.observed) == ((), 1)


def test_disputed_and_silenced_matches_are_kept_and_do_not_act(house: House):
    bank = house.bank()
    house.entry(bank, "phrase", "kettle", Opinion.DISPUTED)
    house.entry(bank, "phrase", "teapot")
    house.entry(house.bank("ours"), "phrase", "teapot", Opinion.NEGATIVE)
    matches = house.do(keep, "itm_1", house.search(post("kettle and teapot"))[0])
    assert sorted(standings(matches)) == [Standing.DISPUTED, Standing.SILENCED]
    (event,) = house.recorded(MatchesFound)
    assert (event.acting, event.observed, event.disputed, event.silenced) == ((), 0, 1, 1)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda house, bank, entry: house.do(service.set_enabled, entry.id, LEAD, enabled=False), []),
        (lambda house, bank, entry: house.do(service.set_opinion, entry.id, Opinion.NEGATIVE, LEAD), []),
        (lambda house, bank, entry: house.do(service.disable, bank.id, LEAD), []),
        (lambda house, bank, entry: house.do(service.set_opinion, entry.id, Opinion.DISPUTED, LEAD), ["disputed"]),
        (lambda house, bank, entry: house.do(service.set_back, bank.id, LEAD), ["observed"]),
    ],
    ids=["entry disabled", "entry negative", "bank disabled", "entry disputed", "bank set back"],
)
def test_what_changed_since_the_search_counts(house: House, change, expected: list[str]):
    bank = house.bank()
    entry = house.entry(bank, "phrase", "kettle")
    (found,) = house.search(post("kettle"))
    change(house, bank, entry)
    assert standings(house.do(keep, "itm_1", found)) == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda house, bank, entry: house.do(service.set_enabled, entry.id, LEAD, enabled=False),
        lambda house, bank, entry: house.do(service.set_opinion, entry.id, Opinion.DISPUTED, LEAD),
        lambda house, bank, entry: house.do(service.disable, bank.id, LEAD),
    ],
    ids=["entry disabled", "entry disputed", "bank disabled"],
)
def test_who_no_longer_objects_no_longer_silences(house: House, change):
    house.entry(house.bank(), "phrase", "kettle")
    ours = house.bank("ours", active=False)
    objection = house.entry(ours, "phrase", "kettle", Opinion.NEGATIVE)
    (found,) = house.search(post("kettle"))
    assert standings(house.do(keep, "itm_1", found)) == ["silenced"]
    change(house, ours, objection)
    (match,) = house.do(keep, "itm_2", found)
    assert (match.standing, match.silenced_by) == (Standing.ACTING, None)


def test_the_brake_pauses_a_bank_over_its_cap(house: House):
    bank, other = house.bank(hourly_cap=2), house.bank("other")
    house.entry(bank, "phrase", "kettle")
    house.entry(bank, "phrase", "a kettle")
    house.entry(other, "phrase", "teapot")
    (found,) = house.search(post("a kettle and a teapot"))
    kept = [house.do(keep, f"itm_{number}", found) for number in range(4)]
    assert [sum(m.standing is Standing.ACTING for m in matches if m.bank == bank.id) for matches in kept] == [
        2,
        2,
        0,
        0,
    ]
    assert all(m.standing is Standing.ACTING for matches in kept for m in matches if m.bank == other.id)
    assert house.read(store.BANKS.load, bank.id).stage is Stage.PAUSED
    (paused,) = house.recorded(BankPaused)
    assert (paused.items, paused.cap, paused.since) == (3, 2, house.clock.now())
    assert [len(event.acting) for event in house.recorded(MatchesFound)] == [3, 3, 1, 1]


def test_a_big_cap_is_counted_now_and_then_and_still_holds(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rules, "BRAKE_STEPS", 2)
    bank = house.bank(hourly_cap=8)  # counted at about every fourth item
    house.entry(bank, "phrase", "kettle")
    (found,) = house.search(post("kettle"))
    items = [f"itm_{number}" for number in range(40)]
    acted = [item for item in items if house.do(keep, item, found)[0].standing is Standing.ACTING]
    stopped_at = next(item for item in items[8:] if rules.brake_counts_at(bank, ItemId(item)))
    assert acted == items[: items.index(stopped_at)]
    assert house.read(store.BANKS.load, bank.id).stage is Stage.PAUSED


def test_the_brake_works_inside_one_transaction_too(house: House):
    house.entry(house.bank(hourly_cap=1), "phrase", "kettle")
    (found,) = house.search(post("kettle"))
    kept = house.do(lambda tx: [keep(tx, f"itm_{number}", found)[0] for number in range(3)])
    assert standings(kept) == ["acting", "observed", "observed"]
    assert len(house.recorded(BankPaused)) == 1


def test_a_new_hour_counts_anew(house: House):
    bank = house.bank(hourly_cap=1)
    house.entry(bank, "phrase", "kettle")
    (found,) = house.search(post("kettle"))
    house.do(keep, "itm_1", found)
    house.clock.move(timedelta(hours=1))
    assert standings(house.do(keep, "itm_2", found)) == ["acting"]


def test_a_resumed_bank_counts_anew_in_the_same_hour(house: House):
    bank = house.bank(hourly_cap=1)
    house.entry(bank, "phrase", "kettle")
    (found,) = house.search(post("kettle"))
    for item in ("itm_1", "itm_2"):
        house.do(keep, item, found)
    house.clock.move(timedelta(minutes=5))
    house.do(service.resume, bank.id, LEAD)
    house.clock.move(timedelta(minutes=5))
    assert standings(house.do(keep, "itm_3", found)) == ["acting"]
    assert standings(house.do(keep, "itm_4", found)) == ["observed"]


def test_an_observing_bank_leaves_so_many_rows_an_hour_and_no_more(house: House, monkeypatch: pytest.MonkeyPatch):
    assert OBSERVED_ROWS_HOURLY_MAX == 1000
    monkeypatch.setattr(recording, "OBSERVED_ROWS_HOURLY_MAX", 3)
    house.entry(house.bank(active=False), "phrase", "kettle")
    (found,) = house.search(post("kettle"))
    assert [len(house.do(keep, f"itm_{number}", found)) for number in range(5)] == [1, 1, 1, 0, 0]
    house.clock.move(timedelta(hours=1))
    assert len(house.do(keep, "itm_9", found)) == 1


def test_a_verdict_is_noted_on_what_claimed_something(house: House):
    bank = house.bank()
    house.entry(bank, "phrase", "kettle")
    house.entry(house.bank("observing", active=False), "phrase", "kettle")
    house.entry(bank, "phrase", "teapot")
    house.entry(bank, "phrase", "teapot museum", Opinion.NEGATIVE)
    house.do(keep, "itm_1", house.search(post("kettle, teapot museum"))[0])
    assert house.do(recording.note_verdict, ItemId("itm_1"), 1, Verdict.CONFIRMED) == 2
    assert house.do(recording.note_verdict, ItemId("itm_1"), 1, Verdict.CONFIRMED) == 0
    verdicts = {m.standing: m.verdict for m in house.read(store.matches_of, ItemId("itm_1"), 1)}
    assert verdicts == {
        Standing.ACTING: Verdict.CONFIRMED,
        Standing.OBSERVED: Verdict.CONFIRMED,
        Standing.SILENCED: None,
    }
    assert house.do(recording.note_verdict, ItemId("itm_1"), 1, Verdict.OVERTURNED) == 2
    assert [(e.verdict, e.matches) for e in house.recorded(VerdictNoted)] == [("confirmed", 2), ("overturned", 2)]


def test_a_verdict_on_an_item_without_matches_is_nothing(house: House):
    assert house.do(recording.note_verdict, ItemId("itm_1"), 1, Verdict.CONFIRMED) == 0
    assert house.recorded(VerdictNoted) == []
