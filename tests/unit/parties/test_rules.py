"""What an organisation must say of itself."""

from dataclasses import replace
from typing import Any

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import OrganisationId, PersonId, SubjectId
from beffroi.parties import rules
from beffroi.parties.model import ContactPoint, NodeKind, Organisation, Particulars, Service, Size
from beffroi.parties.settings import setting
from tests.unit.parties.invented import AGORA, CONTACT, DESK, LEGAL

NOW = FakeClock().now()
ID, REP, ADA = OrganisationId("org_x"), SubjectId("rep_x"), PersonId("prs_ada")


def established(particulars: Particulars = AGORA, representative: SubjectId | None = None) -> Organisation:
    (event,) = rules.establish(None, ID, particulars, representative, NOW)
    return rules.apply_organisation(None, event)


def test_established_once() -> None:
    organisation = established()
    assert (organisation.particulars, organisation.representative) == (AGORA, None)
    with pytest.raises(Conflict) as refused:
        rules.establish(organisation, ID, AGORA, None, NOW)
    assert refused.value.code == "already-established"


def test_amended() -> None:
    organisation = established()
    assert rules.amend(organisation, AGORA, None, NOW) == ()
    (event,) = rules.amend(organisation, replace(AGORA, size=Size.LARGE), REP, NOW)
    amended = rules.apply_organisation(organisation, event)
    assert (amended.particulars.size, amended.representative, amended.id) == (Size.LARGE, REP, ID)
    with pytest.raises(Conflict) as refused:
        rules.amend(organisation, DESK, None, NOW)
    assert refused.value.code == "kind-is-fixed"


def test_events_out_of_order_are_refused() -> None:
    (event,) = rules.amend(established(), replace(AGORA, size=Size.LARGE), None, NOW)
    with pytest.raises(Conflict):
        rules.apply_organisation(None, event)


def test_one_amends_what_one_saw() -> None:
    rules.same_version(established(), None)
    rules.same_version(established(), 0)
    with pytest.raises(Conflict) as refused:
        rules.same_version(established(), 1)
    assert refused.value.code == "stale-version"


@pytest.mark.parametrize("particulars", [AGORA, DESK, replace(AGORA, complaints=CONTACT, languages=("pt-BR",))])
def test_what_does(particulars: Particulars) -> None:
    rules.check(particulars)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 501}, "name"),
        ({"country": "be"}, "country"),
        ({"country": "BEL"}, "country"),
        ({"country": ""}, "country"),
        ({"languages": ()}, "languages"),
        ({"languages": ("Dutch",)}, "languages"),
        ({"size": None}, "size"),
        ({"service": None}, "size"),
        ({"kind": NodeKind.AUTHORITY}, "size"),
        ({"contact": ContactPoint("")}, "contact.email"),
        ({"contact": ContactPoint("a b@c")}, "contact.email"),
        ({"contact": ContactPoint("a@" + "b" * 320)}, "contact.email"),
        ({"contact": replace(CONTACT, postal="x" * 1001)}, "contact.postal"),
        ({"contact": replace(CONTACT, hours="x" * 1001)}, "contact.hours"),
        ({"complaints": ContactPoint("nobody")}, "complaints.email"),
    ],
)
def test_what_does_not(changes: dict[str, Any], where: str) -> None:
    for refuse in (
        lambda: rules.check(replace(AGORA, **changes)),
        lambda: rules.establish(None, ID, replace(AGORA, **changes), None, NOW),
    ):
        with pytest.raises(Invalid) as refused:
            refuse()
        assert refused.value.where == where


def test_only_platforms_have_a_size() -> None:
    for changes in ({"size": Size.MICRO}, {"service": Service.HOSTING}):
        with pytest.raises(Invalid):
            rules.check(replace(DESK, **changes))


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"email": ""}, {"email": "legal"}, {"phone": "x" * 1001}, {"postal": "x" * 1001}]
)
def test_representatives_that_cannot_be_reached(changes: dict[str, str]) -> None:
    rules.check_representative(LEGAL)
    with pytest.raises(Invalid) as refused:
        rules.check_representative(replace(LEGAL, **changes))
    assert refused.value.where == f"representative.{next(iter(changes))}"


def test_gaps() -> None:
    outside = replace(AGORA, country="NO")
    silent = replace(AGORA, contact=replace(CONTACT, hours=""))
    assert rules.gaps(None) == ("organisation",)
    assert rules.gaps(established()) == ()
    assert rules.gaps(established(silent)) == ("contact-hours",)
    assert rules.gaps(established(outside)) == ("legal-representative",)
    assert rules.gaps(established(outside, REP)) == ()
    assert rules.gaps(established(replace(DESK, country="NO"))) == ()


def test_a_setting_changes_with_a_reason() -> None:
    fail = setting("fail.media")
    event = rules.change(fail, "open", "closed", ADA, "Live pictures of attacks", NOW)
    assert (event.setting, event.was, event.value, event.person) == ("fail.media", "open", "closed", ADA)
    state = rules.apply_charter(None, event)
    again = rules.apply_charter(state, rules.change(fail, "closed", "open", ADA, "Too many were held up", NOW))
    assert (state.value, again.value, again.id) == ("closed", "open", "fail.media")
    for reason in ("", "  ", "x" * 2001):
        with pytest.raises(Invalid):
            rules.change(fail, "open", "closed", ADA, reason, NOW)
    with pytest.raises(Conflict):
        rules.change(fail, "open", "open", ADA, "No reason", NOW)
    with pytest.raises(Invalid):
        rules.change(fail, "open", "ajar", ADA, "A reason", NOW)
