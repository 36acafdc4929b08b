"""Who is warned: every State that is named has somebody, or the fallback of the law is warned as well."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import PersonId, RecipientId
from beffroi.ground.kernel.limits import WARNING_RECIPIENTS_MAX
from beffroi.threats.model import Entry, Function, Link, Recipient, RecipientState, StateConcerned, Way
from beffroi.threats.routing import EMERGENCY, apply, confirm, is_live, pin, route
from tests.unit.threats.scene import CONTACT, EUROPOL, OOSTMARK, VALMERE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TOMAS, IOANA = PersonId("prs_tomas"), PersonId("prs_ioana")


def live(entry: Entry, name: str | None = None) -> Recipient:
    [pinned] = pin(RecipientId(name or entry.name), entry, TOMAS, NOW)
    made = apply(None, pinned)
    [called] = confirm(made, IOANA, NOW)
    return apply(made, called)


REGISTER = [live(entry) for entry in (VALMERE, OOSTMARK, CONTACT, EUROPOL)]


def to(*states: tuple[str, Link], register=REGISTER, home="XO", can_mail=True, is_public=True):
    concerned = [StateConcerned(country, link, stated=False) for country, link in states]
    found = route(concerned, register, home, NOW, can_mail=can_mail, is_public=is_public)
    return [each.recipient for each in found.addressees], found


def test_suspect_here_and_victim_there_are_both_warned():
    named, found = to(("XV", Link.VICTIM), ("XO", Link.SUSPECT))
    assert named == [VALMERE.name, OOSTMARK.name]
    assert [each.links for each in found.addressees] == [(Link.VICTIM,), (Link.SUSPECT,)]
    assert found.missing == ()


def test_where_no_state_is_known_the_contact_point_of_the_establishment_and_europol_are_warned():
    assert to()[0] == [CONTACT.name, EUROPOL.name]
    assert to(home="XV")[0] == [EUROPOL.name], "the contact point of another State is not ours"


def test_a_state_that_the_register_does_not_know_brings_the_fallback_beside_the_others():
    named, found = to(("XV", Link.OFFENCE), ("XZ", Link.SUSPECT))
    assert (named, found.missing) == ([VALMERE.name, CONTACT.name, EUROPOL.name], ("XZ",))


def test_where_nobody_is_known_the_emergency_number_is_rung():
    assert to(register=[])[0] == [EMERGENCY]
    assert to(("XZ", Link.OFFENCE), register=[live(VALMERE)])[0] == [EMERGENCY]


def test_how_a_letter_reaches_them():
    sealed = live(replace(VALMERE, certificate="pinned"))
    for register, can_mail, way in (
        ([sealed], True, Way.SEALED),
        ([live(VALMERE)], True, Way.NOTE),
        ([live(replace(VALMERE, email=""))], True, Way.PAPER),
        ([sealed], False, Way.PAPER),
    ):
        _, found = to(("XV", Link.OFFENCE), register=register, can_mail=can_mail)
        assert found.addressees[0].way is way


def test_what_is_not_public_goes_from_the_united_states_to_their_own_alone():
    """18 U.S.C. 2702(b)(8), 2711(4); a public post may go to several States."""
    bureau = live(replace(VALMERE, name="Federal desk", country="US"))
    register = [*REGISTER, bureau]
    states = ("XV", Link.OFFENCE), ("US", Link.SUSPECT)
    assert to(*states, register=register, home="US")[0] == [VALMERE.name, "Federal desk"]
    assert to(*states, register=register, home="US", is_public=False)[0] == ["Federal desk"]
    assert to(*states, register=register, home="XO", is_public=False)[0] == [VALMERE.name, "Federal desk"]


def test_an_entry_counts_from_its_call_back_to_its_end():
    made = live(VALMERE)
    assert is_live(made, NOW)
    assert not is_live(made, made.expires_at)
    assert not is_live(replace(made, state=RecipientState.PINNED), NOW)
    with pytest.raises(Conflict):
        confirm(replace(made, state=RecipientState.PINNED), IOANA, made.expires_at + timedelta(seconds=1))


_COUNTRIES = st.sampled_from(["XO", "XV", "XW", "XZ"])
_ENTRIES = st.builds(
    lambda n, f, c: live(replace(VALMERE, name=f"desk {n}", function=f, country="" if f is Function.EUROPOL else c)),
    st.integers(0, 99),
    st.sampled_from(Function),
    _COUNTRIES,
)


@given(st.lists(st.tuples(_COUNTRIES, st.sampled_from(Link)), max_size=3), st.lists(_ENTRIES, max_size=12))
def test_somebody_is_always_warned_and_never_a_crowd(states, register):
    named, found = to(*states, register=register)
    assert 1 <= len(named) <= WARNING_RECIPIENTS_MAX
    assert set(found.missing) <= {country for country, _ in states}
    for each in found.addressees:
        assert each.entry is None or each.links or each.entry.function is not Function.INVESTIGATE
