from datetime import date, timedelta

import pytest

from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.ids import BankId, ItemId
from beffroi.matching import recording, service, store, views
from beffroi.matching.explain import MatchKind, TrackRecord, Voice
from beffroi.matching.model import EntryGiven, Opinion, Standing, Verdict
from tests.unit.matching.scene import LEAD, House, flipped, keep, picture, post

HASH = "f0" * 16 + "3c" * 16
OTHER = "0f" * 16 + "3c" * 16


def test_banks_are_listed_by_name_with_their_numbers(house: House):
    busy, quiet = house.bank("Harbour"), house.bank("Attic", active=False)
    entry = house.entry(busy, "phrase", "kettle")
    house.entry(busy, "phrase", "a kettle")
    house.do(service.set_enabled, house.entry(busy, "phrase", "teapot").id, LEAD, enabled=False)
    house.entry(quiet, "phrase", "kettle")
    (found,) = house.search(post("a kettle"))
    house.do(keep, "itm_old", found)
    house.clock.move(timedelta(hours=25))
    house.do(keep, "itm_1", found)
    house.do(keep, "itm_2", found)
    house.do(recording.note_verdict, ItemId("itm_1"), 1, Verdict.CONFIRMED)
    house.do(recording.note_verdict, ItemId("itm_2"), 1, Verdict.OVERTURNED)
    first, second = house.read(views.banks, house.clock.now())
    assert (first.bank, second.bank) == (quiet, busy)
    assert (second.entries, second.enabled, second.acting_24h, second.observed_24h) == (3, 2, 2, 0)
    assert (first.entries, first.enabled, first.acting_24h, first.observed_24h) == (1, 1, 0, 2)
    record = TrackRecord(confirmed=1, overturned=1, last_mistake_at=house.clock.now())
    assert (first.record, second.record) == (record, record)
    assert (first.unseen, second.unseen) == (1, 1)
    assert house.read(views.bank, busy.id, house.clock.now()) == second
    assert house.read(views.entry_record, entry.id) == record


def test_a_bank_without_anything_has_zeros(house: House):
    bank = house.bank()
    line = house.read(views.bank, bank.id, house.clock.now())
    assert line == views.BankLine(bank, 0, 0, 0, 0, 0, TrackRecord())
    with pytest.raises(NotFound):
        house.read(views.bank, BankId("bnk_none"), house.clock.now())


def test_entries_come_in_pages_that_meet(house: House):
    bank, other = house.bank(), house.bank("other")
    house.entry(other, "phrase", "elsewhere")
    rows = [EntryGiven("phrase", f"kettle number {number}") for number in range(5)]
    house.do(service.import_entries, bank.id, rows, LEAD)
    seen, after = [], 0
    while True:
        page = house.read(views.entries, bank.id, after=after, limit=2)
        seen += [entry.value for entry in page.entries]
        if page.next_after is None:
            break
        after = page.next_after
    assert seen == [house.read(views.entries, bank.id).entries[place].value for place in range(5)]
    assert len(set(seen)) == 5
    assert house.read(views.entries, bank.id, limit=5).next_after is None


def test_entries_can_be_chosen(house: House):
    bank = house.bank()
    phrase, negative = house.entry(bank, "phrase", "kettle"), house.entry(bank, "pdq", HASH, Opinion.NEGATIVE)
    house.do(service.set_enabled, phrase.id, LEAD, enabled=False)

    def chosen(**by: object) -> list[str]:
        return [entry.id for entry in house.read(views.entries, bank.id, **by).entries]

    assert chosen(signal_type="pdq") == chosen(opinion=Opinion.NEGATIVE) == chosen(enabled=True) == [negative.id]
    assert chosen(enabled=False) == [phrase.id]
    assert chosen(signal_type="pdq", enabled=False) == []


def test_matches_explain_themselves(house: House):
    bank, other = house.bank("Harbour"), house.bank("Oostmark", active=False)
    near = house.entry(bank, "pdq", HASH)
    house.entry(other, "pdq", HASH, Opinion.DISPUTED)
    gone = house.entry(house.bank("gone"), "pdq", HASH)
    house.do(service.set_enabled, gone.id, LEAD, enabled=False)
    phrase = house.entry(bank, "phrase", "kettle")
    (found,) = house.search(post("two kettles, one kettle", picture(flipped(HASH, 6))))
    house.do(keep, "itm_0", found)
    house.do(recording.note_verdict, ItemId("itm_0"), 1, Verdict.OVERTURNED)
    house.do(keep, "itm_1", found)
    told = house.read(views.matches, ItemId("itm_1"), 1)
    assert [(one.entry.id, one.kind, one.match.standing) for one in told] == [
        (phrase.id, MatchKind.PHRASE, Standing.ACTING),
        (near.id, MatchKind.NEAR_COPY, Standing.ACTING),
        (told[2].entry.id, MatchKind.NEAR_COPY, Standing.DISPUTED),
    ]
    assert (told[0].spans, told[0].radius_bits, told[0].voices) == (((17, 23),), None, ())
    assert (told[1].match.distance, told[1].radius_bits) == (6, 31)
    assert told[1].voices == (Voice("Oostmark", Opinion.DISPUTED),)
    assert told[1].record == TrackRecord(0, 1, house.clock.now())
    assert house.read(views.matches, ItemId("itm_1"), 2) == ()


def test_a_replay_tells_what_would_have_happened(house: House):
    bank = house.bank(active=False)
    house.entry(bank, "pdq", HASH)
    house.entry(bank, "pdq", OTHER)
    house.entry(bank, "phrase", "kettle")
    one, two = house.search(post("kettle", picture(HASH)), post(None, picture(flipped(OTHER, 3))))
    for day, (item, found) in enumerate([("itm_1", one), ("itm_2", one), ("itm_3", two)]):
        house.do(keep, item, found)
        if day == 0:
            house.clock.move(timedelta(days=2))
    house.do(recording.note_verdict, ItemId("itm_3"), 1, Verdict.CONFIRMED)
    told = house.read(views.replay, bank.id, house.clock.now())
    assert (told.bank, told.since, told.items, told.hours_full) == (bank, bank.created_at, 3, 0)
    assert told.by_day == ((date(2026, 6, 1), 1), (date(2026, 6, 2), 0), (date(2026, 6, 3), 2))
    assert told.items_per_day == 1.0
    assert told.cases == 2  # the two copies of one picture and phrase are one
    assert [match.item for match in told.samples][-1] == "itm_1"
    assert {match.item for match in told.samples} == {"itm_1", "itm_2", "itm_3"}
    assert told.record == TrackRecord(confirmed=1)


def test_a_replay_looks_back_so_far_and_shows_so_many(house: House):
    bank = house.bank(active=False)
    house.entry(bank, "phrase", "kettle")
    (found,) = house.search(post("kettle"))
    house.do(keep, "itm_old", found)
    house.clock.move(timedelta(days=3))
    for number in range(3):
        house.do(keep, f"itm_{number}", found)
    told = house.read(views.replay, bank.id, house.clock.now(), days=1, samples=2)
    assert (told.items, len(told.by_day), len(told.samples)) == (3, 2, 2)


def test_a_replay_says_where_more_matched_than_was_kept(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(views, "OBSERVED_ROWS_HOURLY_MAX", 2)
    bank = house.bank(active=False)
    house.entry(bank, "phrase", "kettle")
    (found,) = house.search(post("kettle"))
    for number in range(3):
        house.do(keep, f"itm_{number}", found)
        if number == 1:
            house.clock.move(timedelta(hours=1))
    assert house.read(views.replay, bank.id, house.clock.now()).hours_full == 1


def test_a_replay_of_nothing_is_nothing(house: House):
    bank = house.bank(active=False)
    told = house.read(views.replay, bank.id, house.clock.now())
    assert (told.items, told.cases, told.samples, told.items_per_day) == (0, 0, (), 0.0)


def test_only_observed_matches_are_replayed(house: House):
    bank = house.bank()
    house.entry(bank, "phrase", "kettle")
    house.do(keep, "itm_1", house.search(post("kettle"))[0])
    assert house.read(views.replay, bank.id, house.clock.now()).items == 0
    assert house.read(store.matches_of, ItemId("itm_1"), 1)[0].standing is Standing.ACTING


def test_a_record_is_of_the_latest_verdicts(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(views, "JUDGED_MATCHES_MAX", 3)
    bank = house.bank()
    house.entry(bank, "phrase", "kettle")
    (found,) = house.search(post("kettle"))
    wrong, right = Verdict.OVERTURNED, Verdict.CONFIRMED
    records = []
    for number, verdict in enumerate([wrong, right, right, right, wrong]):
        house.clock.move(timedelta(minutes=1))
        house.do(keep, f"itm_{number}", found)
        house.do(recording.note_verdict, ItemId(f"itm_{number}"), 1, verdict)
        record = house.read(views.bank_record, bank.id)
        records.append((record.confirmed, record.overturned, record.last_mistake_at is None))
    assert records == [(0, 1, False), (1, 1, False), (2, 1, False), (3, 0, True), (2, 1, False)]
