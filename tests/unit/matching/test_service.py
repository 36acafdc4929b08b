import hashlib
from dataclasses import replace

import pytest

from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound, TooLarge
from beffroi.ground.kernel.ids import BankId, EntryId, PersonId
from beffroi.ground.kernel.limits import IMPORT_ROWS_MAX
from beffroi.matching import service, store, views
from beffroi.matching.events import (
    BankChanged,
    BankCreated,
    BankDisabled,
    BankPromoted,
    EntriesImported,
    EntryAdded,
    EntryChanged,
    EntryDescribed,
)
from beffroi.matching.imports import pieces
from beffroi.matching.model import BankSource, BankTerms, EntryGiven, Opinion, Stage
from beffroi.matching.service import Imported
from beffroi.signals.model import Signal
from tests.unit.matching.scene import LEAD, House, flipped, picture, post

PDQ = "f0" * 32
SHA = "ab" * 32


def numbered(count: int, first: int = 0) -> list[EntryGiven]:
    return [EntryGiven("sha256", f"{number:064x}") for number in range(first, first + count)]


def test_a_bank_is_made_promoted_set_back_and_disabled(house: House):
    bank = house.bank(active=False, source=BankSource.PARTNER, source_name="Oostmark", terms_of_use="members only")
    assert (bank.stage, bank.terms.radius_bits, bank.terms.quality_min, bank.terms.hourly_cap) == (
        Stage.OBSERVE,
        31,
        50,
        100,
    )
    for command, stage in (
        (service.promote, Stage.ACTIVE),
        (service.set_back, Stage.OBSERVE),
        (service.disable, Stage.DISABLED),
        (service.set_back, Stage.OBSERVE),
    ):
        changed = house.do(command, bank.id, LEAD)
        assert changed.stage is stage
        assert house.read(store.BANKS.load, bank.id) == changed
    assert [type(event) for event in house.events][:2] == [BankCreated, BankPromoted]


def test_disabling_twice_is_one_event(house: House):
    bank = house.bank()
    house.do(service.disable, bank.id, LEAD)
    house.do(service.disable, bank.id, LEAD)
    assert len(house.recorded(BankDisabled)) == 1


def test_names_are_taken_once(house: House):
    first, second = house.bank("Harbour"), house.bank("Lighthouse")
    with pytest.raises(Conflict) as refused:
        house.bank("Harbour")
    assert refused.value.code == "name-taken"
    with pytest.raises(Conflict):
        house.do(service.change_bank, second.id, replace(second.terms, name="Harbour"), LEAD)
    changed = house.do(service.change_bank, first.id, replace(first.terms, purpose="another"), PersonId("prs_2"))
    assert (changed.terms.purpose, changed.owner) == ("another", "prs_2")
    assert len(house.recorded(BankChanged)) == 1


def test_a_bank_that_is_not_there_is_named_so(house: House):
    nowhere = BankId("bnk_none")
    for command in (
        lambda tx: service.promote(tx, nowhere, LEAD),
        lambda tx: service.add_entry(tx, nowhere, EntryGiven("sha256", SHA), LEAD),
        lambda tx: service.import_entries(tx, nowhere, numbered(1), LEAD),
        lambda tx: service.change_bank(tx, nowhere, BankTerms("n", "p"), LEAD),
    ):
        with pytest.raises(NotFound):
            house.do(command)


def test_an_entry_is_added_once(house: House):
    bank = house.bank()
    given = EntryGiven("sha256", SHA.upper(), labels=("tco-2-7-d",), note="n", description="a kettle", strain=2)
    entry = house.do(service.add_entry, bank.id, given, LEAD)
    again = house.do(service.add_entry, bank.id, given, PersonId("prs_2"))
    assert again == entry == house.read(store.entry, entry.id)
    assert (entry.value, entry.given.labels, entry.given.strain) == (SHA, ("tco-2-7-d",), 2)
    assert (entry.enabled, entry.confirmed_here, entry.added_by) == (True, False, LEAD)
    (added,) = house.recorded(EntryAdded)
    assert added.digest == hashlib.sha256(f"sha256:{SHA}\n".encode()).hexdigest()


def test_the_same_value_may_stand_in_two_banks(house: House):
    one, other = house.bank("one"), house.bank("other")
    assert house.entry(one, "sha256", SHA).id != house.entry(other, "sha256", SHA, Opinion.NEGATIVE).id


def test_an_entry_that_differs_is_not_passed_over_in_silence(house: House):
    bank = house.bank()
    entry = house.entry(bank, "sha256", SHA)
    with pytest.raises(Conflict) as refused:
        house.entry(bank, "sha256", SHA, Opinion.NEGATIVE)
    assert refused.value.code == "entry-differs"
    house.do(service.set_enabled, entry.id, LEAD, enabled=False)
    with pytest.raises(Conflict):
        house.entry(bank, "sha256", SHA)


def test_a_list_is_one_event_and_comes_in_once(house: House):
    bank = house.bank()
    rows = [*numbered(3), *numbered(2), EntryGiven("phrase", "A  Kettle"), EntryGiven("phrase", "a kettle")]
    assert house.do(service.import_entries, bank.id, rows, LEAD) == Imported(added=4, known=3)
    assert house.do(service.import_entries, bank.id, rows, LEAD) == Imported(added=0, known=7)
    (imported,) = house.recorded(EntriesImported)
    page = house.read(views.entries, bank.id)
    lines = "".join(f"{entry.type}:{entry.value}\n" for entry in page.entries)
    assert [entry.value for entry in page.entries] == [f"{n:064x}" for n in range(3)] + ["a kettle"]
    assert imported.digest == hashlib.sha256(lines.encode()).hexdigest()
    assert (imported.count, imported.known) == (4, 3)
    assert (imported.first_seq, imported.last_seq) == (page.entries[0].number, page.entries[-1].number)


def test_a_long_list_comes_in_pieces(house: House):
    bank = house.bank()
    rows = numbered(IMPORT_ROWS_MAX + 1)
    with pytest.raises(TooLarge):
        house.do(service.import_entries, bank.id, rows, LEAD)
    imported = [house.do(service.import_entries, bank.id, piece, LEAD) for piece in pieces(rows)]
    assert imported == [Imported(IMPORT_ROWS_MAX, 0), Imported(1, 0)]
    assert house.do(service.import_entries, bank.id, [], LEAD) == Imported(0, 0)
    assert house.read(views.bank, bank.id, house.clock.now()).entries == IMPORT_ROWS_MAX + 1


def test_a_malformed_row_keeps_the_whole_piece_out(house: House):
    bank = house.bank()
    with pytest.raises(Invalid):
        house.do(service.import_entries, bank.id, [*numbered(1), EntryGiven("sha256", "short")], LEAD)
    assert house.read(views.entries, bank.id).entries == ()


def test_what_an_import_found_known_stays_as_it_was(house: House):
    bank = house.bank()
    entry = house.entry(bank, "sha256", f"{0:064x}", Opinion.NEGATIVE)
    house.do(service.import_entries, bank.id, numbered(1), LEAD)
    assert house.read(store.entry, entry.id).opinion is Opinion.NEGATIVE


def test_changes_of_an_entry_are_recorded_and_numbered(house: House):
    entry = house.entry(house.bank(), "sha256", SHA)
    house.do(service.set_opinion, entry.id, Opinion.DISPUTED, LEAD)
    house.do(service.confirm_here, entry.id, LEAD)
    changed = house.do(service.set_enabled, entry.id, LEAD, enabled=False)
    assert (changed.opinion, changed.confirmed_here, changed.enabled) == (Opinion.DISPUTED, True, False)
    events = house.recorded(EntryChanged)
    assert [(event.opinion, event.confirmed_here, event.enabled) for event in events] == [
        (Opinion.DISPUTED, False, True),
        (Opinion.DISPUTED, True, True),
        (Opinion.DISPUTED, True, False),
    ]
    assert entry.seq < events[0].seq < events[1].seq < events[2].seq == changed.seq
    assert (changed.number, changed.version) == (entry.number, 4)
    assert house.do(service.confirm_here, entry.id, LEAD, confirmed=False).confirmed_here is False


def test_a_change_that_changes_nothing_is_no_event(house: House):
    entry = house.entry(house.bank(), "sha256", SHA)
    assert house.do(service.set_enabled, entry.id, LEAD, enabled=True) == entry
    assert house.recorded(EntryChanged) == []


def test_words_about_an_entry_can_be_changed(house: House):
    entry = house.entry(house.bank(), "phrase", "a kettle")
    words = EntryGiven("", "", labels=("tco-2-7-a",), description="a song about a kettle", strain=1)
    changed = house.do(service.describe_entry, entry.id, words, LEAD)
    assert changed.given == replace(words, type="phrase", value="a kettle")
    assert house.do(service.describe_entry, entry.id, words, LEAD) == changed
    assert len(house.recorded(EntryDescribed)) == 1
    with pytest.raises(Invalid):
        house.do(service.describe_entry, entry.id, replace(words, strain=6), LEAD)


def test_an_entry_that_is_not_there_is_named_so(house: House):
    with pytest.raises(NotFound) as refused:
        house.do(service.set_enabled, EntryId("ent_none"), LEAD, enabled=False)
    assert refused.value.code == "no-such-entry"


def test_what_was_found_harmless_is_silenced_for_good(house: House):
    bank = house.bank()
    house.entry(bank, "pdq", PDQ)
    house.entry(bank, "sha256", SHA)
    house.entry(bank, "phrase", "kettle")
    near = flipped(PDQ, 6)
    harmless = post("kettle", picture(near), Signal("sha256", SHA, None, "media:0"))
    signals = [(signal.type, signal.value) for signal in harmless.signals]
    silenced = house.do(service.silence, [*signals, ("url", "https://a.example/"), ("phrase", "kettle")], LEAD)
    assert [entry.type for entry in silenced] == ["pdq", "sha256"]
    found = house.search(harmless, *(post(None, picture(flipped(near, bits))) for bits in (3, 4)))
    assert [sorted((one.type, str(one.standing)) for one in each) for each in found] == [
        [("pdq", "silenced"), ("phrase", "acting"), ("sha256", "silenced")],
        [("pdq", "silenced")],  # as near to the harmless picture as to the banked one
        [("pdq", "acting")],  # nearer to the banked one
    ]
    assert house.do(service.silence, signals, LEAD) == silenced
    assert house.do(service.silence, [("phrase", "kettle")], LEAD) == ()


def test_silencing_again_renews_what_was_taken_back(house: House):
    (entry,) = house.do(service.silence, [("pdq", PDQ)], LEAD)
    house.do(service.set_enabled, entry.id, LEAD, enabled=False)
    (again,) = house.do(service.silence, [("pdq", PDQ)], LEAD)
    assert (again.id, again.enabled, again.opinion) == (entry.id, True, Opinion.NEGATIVE)
