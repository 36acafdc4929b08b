"""Single sign-on: what is remembered, what is bound, who keeps a password. Lies stand in `tests/attack`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyotp
import pytest

from beffroi.ground.kernel.errors import Conflict, NotAllowed, NotFound, Refusal, Unauthenticated
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.kernel.limits import SIGN_ON_S_MAX
from beffroi.ground.net import Outbound, Policy
from beffroi.ground.records import erase
from beffroi.staff import enrol, login, service, sessions, signon, store, views
from beffroi.staff.desk import Desk
from beffroi.staff.model import Method, Role, Way
from beffroi.staff.permissions import PUBLIC, Principal
from beffroi.staff.proof import store as kept
from beffroi.staff.proof.id_token import Wanted
from beffroi.staff.proof.provider import Provider, Terms
from beffroi.staff.signon import Departure, Return
from beffroi.staff.tables import RECORDS
from tests.providers import CLIENT, SECRET, Forger
from tests.unit.staff.rig import HOME, House, identity

pytestmark = pytest.mark.parametrize("house_db", ["sqlite"], indirect=True)
"""The stores are tested on both databases."""


@pytest.fixture
def forger(house: House) -> Iterator[Forger]:
    made = Forger(house.clock)
    yield made
    made.close()


@pytest.fixture
def desk(house: House, forger: Forger) -> Desk:
    terms = Terms(Wanted(forger.issuer, CLIENT, "RS256"), SECRET, "https://node.example/login/single/return", "Office")
    provider = Provider(terms, Outbound(Policy.read(own=(forger.pair,))), house.clock)
    house.desk = replace(house.desk, provider=provider)
    return house.desk


def back(desk: Desk, forger: Forger, away: Departure, who: Principal = PUBLIC, **changes: Any) -> signon.Arrival:
    asked = forger.sent_to(away.address)
    told = {"ticket": away.ticket, "code": "a-code", "state": asked["state"], "issuer": None, "address": HOME}
    return signon.arrive(desk, Return(**told | changes), who)


def invited(house: House, name: str, *roles: Role) -> tuple[PersonId, str]:
    made = house.write(lambda tx: service.invite(tx, identity(name), roles or (Role.MODERATOR,), None))
    return made.person.id, made.token


def joined(house: House, desk: Desk, forger: Forger, name: str, *roles: Role) -> PersonId:
    person, token = invited(house, name, *roles)
    forger.claims = {"sub": f"u-{name}", "email": f"{name}@node.example"}
    back(desk, forger, signon.begin_joining(desk, HOME, token))
    return person


def ways(house: House, person: PersonId) -> tuple[Way, ...]:
    return house.ask(lambda conn: views.person(conn, None, person)).card.ways


def test_joining_then_signing_in(house: House, desk: Desk, forger: Forger) -> None:
    mara = joined(house, desk, forger, "mara", Role.SENIOR_MODERATOR)
    assert ways(house, mara) == (Way.SINGLE_SIGN_ON,)
    arrival = back(desk, forger, signon.begin(desk, HOME, "/console/queue"), agent="Some Browser")
    assert (arrival.opened.person, arrival.onward) == (mara, "/console/queue")
    assert house.principal(arrival.opened).roles == {Role.SENIOR_MODERATOR}
    sessions = house.ask(lambda conn: store.sessions_of(conn, house.vault, mara))
    assert {session.method for session, _ in sessions} == {Method.SINGLE_SIGN_ON}
    assert sorted(agent for _, agent in sessions) == ["", "Some Browser"]


def test_one_may_be_away_so_long(house: House, desk: Desk, forger: Forger) -> None:
    joined(house, desk, forger, "mara")
    in_time, late = signon.begin(desk, HOME, ""), signon.begin(desk, HOME, "")
    house.move(seconds=SIGN_ON_S_MAX - 1)
    assert back(desk, forger, in_time)
    house.move(seconds=1)
    with pytest.raises(Unauthenticated) as refused:
        back(desk, forger, late)
    assert refused.value.facts["reason"] == "ticket-used-or-late"


def test_a_link_by_which_somebody_gets_the_provider_instead_of_a_password(
    house: House, desk: Desk, forger: Forger
) -> None:
    mara = house.person("mara")
    held = house.principal(house.sign_in("mara"))
    token = house.write(lambda tx: service.link_for(tx, mara, None))
    forger.claims = {"email": "mara@node.example"}
    back(desk, forger, signon.begin_joining(desk, HOME, token))
    assert ways(house, mara) == (Way.SINGLE_SIGN_ON,)
    with pytest.raises(Unauthenticated):
        house.sign_in("mara")
    assert held.session not in {s.id for s, _ in house.ask(lambda conn: store.sessions_of(conn, house.vault, mara))}


def test_the_same_account_again_after_a_new_link(house: House, desk: Desk, forger: Forger) -> None:
    mara = joined(house, desk, forger, "mara")
    token = house.write(lambda tx: service.link_for(tx, mara, None))
    back(desk, forger, signon.begin_joining(desk, HOME, token))
    assert ways(house, mara) == (Way.SINGLE_SIGN_ON,)


def test_a_link_by_which_somebody_gets_a_password_instead(house: House, desk: Desk, forger: Forger) -> None:
    mara = joined(house, desk, forger, "mara")
    token = house.write(lambda tx: service.link_for(tx, mara, None))
    secret = enrol.welcome(desk, token).telephone.spelled
    code = pyotp.TOTP(secret).at(house.clock.now())
    enrol.join(desk, token, enrol.Joining("", "", "twelve lanterns by the canal", code))
    assert ways(house, mara) == (Way.PASSWORD,)
    with pytest.raises(Unauthenticated):
        back(desk, forger, signon.begin(desk, HOME, ""))


def test_an_account_of_the_provider_is_one_persons(house: House, desk: Desk, forger: Forger) -> None:
    joined(house, desk, forger, "mara")
    _, token = invited(house, "noor")
    forger.claims = {"sub": "u-mara", "email": "noor@node.example"}
    with pytest.raises(Conflict) as refused:
        back(desk, forger, signon.begin_joining(desk, HOME, token))
    assert refused.value.code == "bound-to-another"
    forger.claims = {"sub": "u-noor", "email": "noor@node.example"}
    assert back(desk, forger, signon.begin_joining(desk, HOME, token))  # the link was not used up by the refusal


def test_the_first_administrator_has_a_password(house: House, desk: Desk, forger: Forger) -> None:
    token = house.write(service.first_link)
    with pytest.raises(NotFound):
        signon.begin_joining(desk, HOME, token)


def test_one_administrator_keeps_a_password(house: House, desk: Desk, forger: Forger) -> None:
    ada, ben = house.person("ada", Role.ADMINISTRATOR), house.person("ben", Role.ADMINISTRATOR)

    def to_provider(person: PersonId, name: str) -> None:
        token = house.write(lambda tx: service.link_for(tx, person, None))
        forger.claims = {"sub": f"u-{name}", "email": f"{name}@node.example"}
        back(desk, forger, signon.begin_joining(desk, HOME, token))

    to_provider(ben, "ben")
    with pytest.raises(Conflict) as refused:
        to_provider(ada, "ada")
    assert refused.value.code == "last-with-password"
    assert ways(house, ada) == (Way.PASSWORD,)
    assert house.sign_in("ada")


def test_only_administrators_by_password(house: House, desk: Desk, forger: Forger) -> None:
    house.person("ada", Role.ADMINISTRATOR)
    house.person("mara")
    held = house.principal(house.sign_in("mara"))
    _, for_noor = invited(house, "noor")
    house.desk = strict = replace(desk, only_break_glass=True)
    assert house.sign_in("ada")
    with pytest.raises(Unauthenticated) as refused:
        house.sign_in("mara")
    assert refused.value.code == "sign-in-failed"  # as for a wrong password
    house.move(seconds=60)
    with pytest.raises(Unauthenticated):
        login.again_by_password(strict, held, house.given("mara"))
    assert enrol.welcome(strict, for_noor).only_by_provider
    with pytest.raises(NotAllowed):
        enrol.join(strict, for_noor, enrol.Joining("", "", "twelve lanterns by the canal", "000000"))
    assert joined(house, strict, forger, "vera")
    assert back(strict, forger, signon.begin(strict, HOME, "")).opened


def test_a_session_is_proved_again(house: House, desk: Desk, forger: Forger) -> None:
    joined(house, desk, forger, "mara")
    opened = back(desk, forger, signon.begin(desk, HOME, "")).opened
    house.move(seconds=3600)
    mara = house.principal(opened)
    away = signon.begin_again(desk, mara, HOME, "/console/me")
    proved = back(desk, forger, away, mara)
    assert proved.onward == "/console/me"
    assert proved.opened.session == opened.session
    assert house.principal(proved.opened).recent_auth == house.clock.now()
    with pytest.raises(Unauthenticated):  # the old token is worth nothing
        house.principal(opened)


def test_a_session_that_ended_meanwhile(house: House, desk: Desk, forger: Forger) -> None:
    person = joined(house, desk, forger, "mara")
    mara = house.principal(back(desk, forger, signon.begin(desk, HOME, "")).opened)
    away = signon.begin_again(desk, mara, HOME, "")
    house.write(lambda tx: sessions.end_all(tx, person))
    with pytest.raises(Unauthenticated):
        back(desk, forger, away, mara)
    with pytest.raises(Unauthenticated):
        signon.begin_again(desk, PUBLIC, HOME, "")


def test_what_was_bound_and_is_no_more(house: House, desk: Desk, forger: Forger) -> None:
    mara = joined(house, desk, forger, "mara")
    away = signon.begin(desk, HOME, "")
    ended = house.write(lambda tx: service.unbind(tx, mara, None))
    with pytest.raises(Unauthenticated):
        back(desk, forger, away)
    assert enrol.welcome(desk, ended).name == "Mara"
    with pytest.raises(NotFound):
        house.write(lambda tx: service.unbind(tx, mara, None))


def test_unbinding_oneself(house: House, desk: Desk, forger: Forger) -> None:
    house.person("ben", Role.ADMINISTRATOR)
    ada = joined(house, desk, forger, "ada", Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        house.write(lambda tx: service.unbind(tx, ada, ada))


def test_tries_are_counted_and_given_back(house: House, desk: Desk, forger: Forger) -> None:
    joined(house, desk, forger, "mara")
    for _ in range(100):
        back(desk, forger, signon.begin(desk, HOME, ""))
    refusals = []
    for _ in range(100):
        try:
            signon.begin(desk, HOME, "")
        except Refusal as refusal:
            refusals.append(refusal.code)
    assert set(refusals) == {"too-many-tries"}


def test_no_provider(house: House) -> None:
    for call in (
        lambda: signon.begin(house.desk, HOME, ""),
        lambda: signon.arrive(house.desk, Return("t", "c", "s", None, HOME), PUBLIC),
    ):
        with pytest.raises(NotFound):
            call()


def test_erased_with_the_person(house: House, desk: Desk, forger: Forger) -> None:
    mara = joined(house, desk, forger, "mara")
    house.write(lambda tx: erase(tx, store.subject_of(mara), "request", RECORDS))
    assert house.ask(lambda conn: kept.bound_since(conn, mara)) is None
    with pytest.raises(Unauthenticated):
        back(desk, forger, signon.begin(desk, HOME, ""))
