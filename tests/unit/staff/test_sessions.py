"""Sessions, on both databases."""

from dataclasses import replace

import pytest

from beffroi.ground.kernel.errors import NotFound, Unauthenticated
from beffroi.ground.kernel.ids import SessionId
from beffroi.staff import service, sessions, tables
from beffroi.staff.model import Method, Role, SessionEnd, SessionsEnded, SignedIn
from beffroi.staff.permissions import PUBLIC, Permission
from beffroi.staff.proof import throttle
from beffroi.staff.proof.check import Proof
from tests.unit.staff.rig import HOME, PEPPER, House

PLACES = throttle.places(PEPPER, HOME, "mara")
DOOR = sessions.Door(demo_allowed=False)


def opened(house: House, name: str = "mara", *roles: Role) -> sessions.Opened:
    person = house.person(name, *roles)
    return house.write(lambda tx: sessions.open_session(tx, person, Method.LINK, "Some Browser"))


def is_open(house: House, token: str) -> bool:
    try:
        house.ask(lambda conn: sessions.resume(conn, token, house.clock.now(), demo_allowed=False))
    except Unauthenticated as refusal:
        assert refusal.code == "session-ended"  # noqa: PT017  one answer for every reason
        return False
    return True


def test_who_asks(house: House) -> None:
    session = opened(house, "mara", Role.MODERATOR)
    principal = house.principal(session)
    assert (principal.kind, principal.id, principal.session) == ("person", session.person, session.session)
    assert principal.may(Permission.CASES_DECIDE)
    assert principal.recent_auth == house.clock.now()
    assert SignedIn(session.person, session.session, Method.LINK) in house.recorded


def test_the_token_is_nowhere_but_with_its_holder(house: House) -> None:
    session = opened(house)
    assert session.token not in repr(session)
    for table in tables.session_table, tables.person_table:
        assert session.token not in repr(house.rows(table))
    assert not is_open(house, session.token[:-1])
    assert not is_open(house, "")
    assert not is_open(house, "\ud800")


def test_unused_for_a_shift_it_ends(house: House) -> None:
    session = opened(house)
    house.move(hours=7.9)
    assert is_open(house, session.token)
    house.move(hours=0.2)
    assert not is_open(house, session.token)


def test_used_it_goes_on_but_never_over_a_day(house: House) -> None:
    session = opened(house)
    for _ in range(5):
        house.move(hours=4.75)
        assert is_open(house, session.token)
        house.write(lambda tx: sessions.see(tx, session.session))
    house.move(minutes=16)
    assert not is_open(house, session.token)


def test_seeing_is_due_every_five_minutes(house: House) -> None:
    session = opened(house)

    def due() -> bool:
        return house.ask(
            lambda conn: sessions.resume(conn, session.token, house.clock.now(), demo_allowed=False)
        ).see_due

    assert not due()
    house.move(minutes=5)
    assert due()
    house.write(lambda tx: sessions.see(tx, session.session))
    assert not due()


def test_a_new_session_never_takes_an_old_token(house: House) -> None:
    first = opened(house)
    proof = Proof(first.person, Method.PASSKEY)
    second = house.write(lambda tx: sessions.sign_in(tx, proof, PLACES, DOOR, replaces=first.token))
    assert second.token != first.token
    assert not is_open(house, first.token)
    assert is_open(house, second.token)
    assert SessionsEnded(first.person, 1, SessionEnd.REPLACED) in house.recorded
    third = house.write(lambda tx: sessions.sign_in(tx, proof, PLACES, DOOR, replaces="planted"))
    assert third.token != "planted"
    assert not is_open(house, "planted")


def test_proving_again_turns_the_token(house: House) -> None:
    session = opened(house)
    house.move(hours=1)
    proof = Proof(session.person, Method.PASSKEY)
    renewed = house.write(lambda tx: sessions.prove_again(tx, session.session, proof, PLACES, DOOR))
    assert not is_open(house, session.token)
    principal = house.principal(renewed)
    assert principal.session == session.session
    assert principal.recent_auth == house.clock.now()
    assert renewed.ends_at == session.ends_at


def test_nobody_proves_again_for_somebody_else(house: House) -> None:
    session, other = opened(house), house.person("noor")
    with pytest.raises(Unauthenticated):
        house.write(lambda tx: sessions.prove_again(tx, session.session, Proof(other, Method.PASSKEY), PLACES, DOOR))
    assert is_open(house, session.token)


def test_ending_one_or_all(house: House) -> None:
    first = opened(house)
    person = first.person
    second, third = (house.write(lambda tx: sessions.open_session(tx, person, Method.LINK)) for _ in range(2))
    house.write(lambda tx: sessions.end(tx, person, first.session))
    assert [is_open(house, one.token) for one in (first, second, third)] == [False, True, True]
    with pytest.raises(NotFound):
        house.write(lambda tx: sessions.end(tx, person, first.session))
    assert house.write(lambda tx: sessions.end_all(tx, person, but=third.session)) == 1
    assert [is_open(house, one.token) for one in (second, third)] == [False, True]
    assert house.write(lambda tx: sessions.end_all(tx, person)) == 1
    assert house.write(lambda tx: sessions.end_all(tx, person)) == 0


def test_an_act_needs_a_session_that_has_not_ended_meanwhile(house: House) -> None:
    session = opened(house)
    house.write(lambda tx: sessions.check_live(tx, session.session))
    house.write(lambda tx: sessions.end_all(tx, session.person))
    with pytest.raises(Unauthenticated):
        house.write(lambda tx: sessions.check_live(tx, session.session))


def test_nobody_ends_the_session_of_somebody_else(house: House) -> None:
    session, other = opened(house), house.person("noor")
    with pytest.raises(NotFound):
        house.write(lambda tx: sessions.end(tx, other, session.session))
    assert is_open(house, session.token)


def test_signing_out(house: House) -> None:
    session = opened(house)
    principal = house.principal(session)
    house.write(lambda tx: sessions.sign_out(tx, principal))
    assert not is_open(house, session.token)
    house.write(lambda tx: sessions.sign_out(tx, PUBLIC))
    with pytest.raises(NotFound):
        house.write(lambda tx: sessions.sign_out(tx, replace(principal, session=SessionId("ses_x"))))


def test_sample_people_have_no_session_outside_the_demo(house: House) -> None:
    person = house.person("noor", demo=True)
    session = house.write(lambda tx: sessions.open_session(tx, person, Method.DEMO))
    now = house.clock.now()
    assert house.ask(lambda conn: sessions.resume(conn, session.token, now, demo_allowed=True)).principal.id == person
    assert not is_open(house, session.token)


def test_what_they_may_do_is_read_anew(house: House) -> None:
    session = opened(house, "mara", Role.MODERATOR)
    house.write(lambda tx: service.suspend(tx, session.person, None))
    assert not is_open(house, session.token)


def test_the_name_of_the_cookie() -> None:
    assert sessions.cookie_name(https=True) == "__Host-beffroi"
    assert sessions.cookie_name(https=False) == "beffroi"
