import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.ids import BankId, EntryId, ItemId, MatchId, PersonId
from beffroi.ground.storage import Event
from beffroi.matching import events
from beffroi.matching.model import BankTerms, Opinion, Stage, Verdict

NOW = FakeClock().now()
BANK, ENTRY, ITEM, LEAD = BankId("bnk_1"), EntryId("ent_1"), ItemId("itm_1"), PersonId("prs_1")
SUMMARY = events.MatchSummary(MatchId("mat_1"), ENTRY, BANK, "pdq", "media:0", 6, confirmed_here=True)
ALL = [
    events.BankCreated(BANK, BankTerms("Harbour", "a test"), LEAD, NOW),
    events.BankChanged(BANK, BankTerms("Harbour", "a test", radius_bits=0), LEAD),
    events.BankPromoted(BANK, LEAD),
    events.BankSetBack(BANK, LEAD),
    events.BankPaused(BANK, 101, 100, NOW),
    events.BankResumed(BANK, LEAD, NOW),
    events.BankDisabled(BANK, LEAD, Stage.PAUSED),
    events.EntriesImported(BANK, 1, 9, 9, 2, "ab" * 32, LEAD),
    events.EntryAdded(ENTRY, BANK, 3, "pdq", "ab" * 32, Opinion.NEGATIVE, LEAD),
    events.EntryChanged(ENTRY, BANK, 4, Opinion.DISPUTED, enabled=True, confirmed_here=False, by=LEAD),
    events.EntryDescribed(ENTRY, BANK, LEAD),
    events.MatchesFound(ITEM, 1, (SUMMARY,), observed=1, disputed=0, silenced=2),
    events.VerdictNoted(ITEM, 1, Verdict.OVERTURNED, 3),
]


@pytest.mark.parametrize("event", ALL, ids=lambda event: event.type())
def test_every_event_comes_back_from_its_facts(event: Event):
    assert type(event).from_facts(event.facts()) == event


def test_every_event_is_tried_here():
    defined = {each for each in vars(events).values() if isinstance(each, type) and issubclass(each, Event)} - {Event}
    assert {type(event) for event in ALL} == defined
