"""Signing in, whole."""

import json
import threading
from dataclasses import replace

import pytest

from beffroi.ground.kernel.errors import NotAllowed, Refusal, TooMany, Unauthenticated
from beffroi.ground.kernel.ids import PersonId
from beffroi.staff import enrol, login, service, sessions
from beffroi.staff.login import Answer
from beffroi.staff.model import Role
from beffroi.staff.permissions import PUBLIC, of_person
from beffroi.staff.proof import store, tokens
from beffroi.staff.proof.passwords import Hasher
from tests.unit.staff.rig import HOME, PASSWORD, PEPPER, Device, House

pytestmark = pytest.mark.parametrize("house_db", ["sqlite"], indirect=True)
"""Flows over stores that are tested on both databases."""

ELSEWHERE = "198.51.100.9"
PAPER = "AAAA-BBBB-CCCC-DDDD"


def fails(house: House, name: str = "mara", **changes: str) -> Refusal:
    house.move(seconds=60)
    with pytest.raises(Refusal) as refused:
        login.by_password(house.desk, house.given(name, **changes))
    return refused.value


def test_password_and_code(house: House) -> None:
    mara = house.person("mara", Role.SENIOR_MODERATOR)
    opened = house.sign_in("mara", agent="Some Browser")
    assert opened.person == mara
    assert house.principal(opened).roles == {Role.SENIOR_MODERATOR}


def test_the_address_in_any_case(house: House) -> None:
    mara = house.person("mara")
    assert house.sign_in("mara", email=" MARA@Node.Example").person == mara


def test_a_code_works_once(house: House) -> None:
    house.person("mara")
    given = house.given("mara")
    assert login.by_password(house.desk, given)
    with pytest.raises(Unauthenticated):
        login.by_password(house.desk, given)


def test_a_code_used_by_two_at_once_opens_one_session(house: House) -> None:
    house.person("mara")
    given = house.given("mara")
    results: list[sessions.Opened | None] = []

    def run() -> None:
        try:
            results.append(login.by_password(house.desk, given))
        except Unauthenticated:
            results.append(None)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([opened for opened in results if opened]) == 1


def test_every_failure_has_the_same_answer(house: House) -> None:
    house.person("mara")
    suspended = house.person("noor")
    house.write(lambda tx: service.suspend(tx, suspended, None))
    refusals = [
        fails(house, password="wrong password"),
        fails(house, code="000000"),
        fails(house, code=""),
        fails(house, email="nobody@node.example"),
        fails(house, email="\ud800"),
        fails(house, "noor"),
    ]
    assert {(type(one), one.code, one.message) for one in refusals} == {
        (Unauthenticated, "sign-in-failed", refusals[0].message)
    }


def test_recovery_codes(house: House) -> None:
    house.person("mara", recovery=(tokens.recovery_digest(PEPPER, PAPER),))
    assert house.sign_in("mara", code=PAPER.lower())
    assert fails(house, code=PAPER).code == "sign-in-failed"


def test_an_account_that_is_guessed_at_has_to_wait(house: House) -> None:
    house.person("mara")
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            login.by_password(house.desk, house.given("mara", password="wrong password"))
    with pytest.raises(TooMany) as refused:
        login.by_password(house.desk, house.given("mara"))
    assert refused.value.retry_after_s == 15
    assert login.by_password(house.desk, house.given("mara", address=ELSEWHERE))
    house.move(seconds=60)
    assert login.by_password(house.desk, house.given("mara"))


def test_an_unknown_account_has_to_wait_just_the_same(house: House) -> None:
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            login.by_password(house.desk, house.given("nobody"))
    with pytest.raises(TooMany):
        login.by_password(house.desk, house.given("nobody"))


def test_guesses_side_by_side_do_not_outrun_the_count(house: House) -> None:
    house.person("mara")
    codes: list[str] = []

    def guess() -> None:
        try:
            login.by_password(house.desk, house.given("mara", password="wrong password"))
        except Refusal as refusal:
            codes.append(refusal.code)

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count("sign-in-failed") == 5
    assert codes.count("too-many-tries") == 15


def test_strangers_do_not_lock_out_a_person_at_their_desk(house: House) -> None:
    house.person("mara")
    house.sign_in("mara")
    for number in range(40):
        with pytest.raises(Refusal):
            login.by_password(house.desk, house.given("mara", password="wrong", address=f"198.51.100.{number}"))
    with pytest.raises(TooMany):
        login.by_password(house.desk, house.given("mara", address="203.0.113.1"))
    assert house.sign_in("mara")


def test_the_session_that_the_browser_had_ends(house: House) -> None:
    house.person("mara")
    first = house.sign_in("mara")
    house.move(seconds=60)
    second = login.by_password(house.desk, house.given("mara"), replaces=first.token)
    assert house.principal(second)
    with pytest.raises(Unauthenticated):
        house.principal(first)


def test_an_old_hash_is_made_anew_on_the_way(house: House) -> None:
    mara = house.person("mara", password_hash=Hasher("standard").hash(PASSWORD))
    assert house.sign_in("mara")
    found = house.ask(lambda conn: store.known(conn, house.vault, mara))
    assert found is not None
    assert not house.desk.hasher.is_outdated(found.password_hash)
    assert house.sign_in("mara")


def test_proving_again_by_password(house: House) -> None:
    house.person("mara")
    first = house.sign_in("mara")
    principal = house.principal(first)
    house.move(hours=1)
    with pytest.raises(Unauthenticated):
        login.again_by_password(house.desk, principal, house.given("mara", password="wrong"))
    again = login.again_by_password(house.desk, principal, house.given("mara", email=""))
    assert house.principal(again).recent_auth == house.clock.now()
    with pytest.raises(Unauthenticated):
        house.principal(first)


def test_only_the_holder_of_a_session_proves_again(house: House) -> None:
    house.person("mara", totp_secret=b"mara's telephone")
    noor = house.principal(login_of_noor(house))
    with pytest.raises(Unauthenticated):  # Mara's code does not prove that it is Noor
        login.again_by_password(house.desk, noor, house.given("mara", code=house.code(b"mara's telephone")))
    with pytest.raises(Unauthenticated):
        login.again_by_password(house.desk, replace(noor, session=None), house.given("noor"))
    with pytest.raises(Unauthenticated):
        login.again_by_password(house.desk, PUBLIC, house.given("noor"))


def login_of_noor(house: House) -> sessions.Opened:
    house.person("noor")
    return house.sign_in("noor")


# ── passkeys ──────────────────────────────────────────────────────────────────────────────────────


def with_passkey(house: House, name: str = "mara", device: Device | None = None) -> tuple[PersonId, Device]:
    """A person with a registered device."""
    person, device = house.person(name), device or Device(credential=f"credential of {name}".encode())
    principal = house.principal(house.sign_in(name))
    offer = enrol.offer_passkey(house.desk, principal)
    enrol.add_passkey(house.desk, principal, Answer(offer.ticket, device.create(offer.options), HOME), "Ring")
    return person, device


def answer(house: House, device: Device) -> Answer:
    asked = login.challenge(house.desk, HOME)
    return Answer(asked.ticket, device.get(asked.options), HOME, "Some Browser")


def test_a_passkey_signs_in(house: House) -> None:
    mara, device = with_passkey(house)
    for _ in range(2):
        assert login.by_passkey(house.desk, answer(house, device)).person == mara


def test_an_answer_works_once(house: House) -> None:
    _, device = with_passkey(house)
    given = answer(house, device)
    assert login.by_passkey(house.desk, given)
    with pytest.raises(Unauthenticated):
        login.by_passkey(house.desk, given)


def test_an_answer_in_time(house: House) -> None:
    _, device = with_passkey(house)
    given = answer(house, device)
    house.move(seconds=300)
    with pytest.raises(Unauthenticated):
        login.by_passkey(house.desk, given)


def test_a_copied_device_is_noticed(house: House) -> None:
    _, device = with_passkey(house)
    copy = replace(device)
    assert login.by_passkey(house.desk, answer(house, device))
    with pytest.raises(Unauthenticated):
        login.by_passkey(house.desk, answer(house, copy))


def test_passkeys_that_are_refused(house: House) -> None:
    _, device = with_passkey(house)
    asked = login.challenge(house.desk, HOME)
    stranger = Device(credential=b"never registered", handle=device.handle)
    foreign = Answer(asked.ticket, device.get(login.challenge(house.desk, HOME).options), HOME)
    hostile = Answer(login.challenge(house.desk, HOME).ticket, b'{"id": [], "response": 7}', HOME)
    for given in (answer(house, stranger), foreign, hostile, Answer("no ticket", b"{}", HOME)):
        with pytest.raises(Unauthenticated) as refused:
            login.by_passkey(house.desk, given)
        assert refused.value.code == "sign-in-failed"


def test_a_suspended_person_has_a_passkey_in_vain(house: House) -> None:
    mara, device = with_passkey(house)
    house.write(lambda tx: service.suspend(tx, mara, None))
    with pytest.raises(Unauthenticated):
        login.by_passkey(house.desk, answer(house, device))


def test_a_sample_person_with_a_passkey_stays_in_the_demo(house: House) -> None:
    house.desk = house.demo()
    person = house.person("noor", demo=True)
    device = Device()
    proved = of_person(person, [Role.MODERATOR], None, house.clock.now())
    offer = enrol.offer_passkey(house.desk, proved)
    enrol.add_passkey(house.desk, proved, Answer(offer.ticket, device.create(offer.options), HOME), "Ring")
    assert login.by_passkey(house.desk, answer(house, device)).person == person
    with pytest.raises(NotAllowed):
        login.by_passkey(replace(house.desk, demo_allowed=False), answer(house, device))


def test_challenges_are_not_given_away_without_end(house: House) -> None:
    for _ in range(30):
        login.challenge(house.desk, HOME)
    with pytest.raises(TooMany):
        login.challenge(house.desk, HOME)
    assert login.challenge(house.desk, ELSEWHERE)


def test_guessing_at_passwords_does_not_hold_up_a_passkey(house: House) -> None:
    mara, device = with_passkey(house)
    for number in range(40):
        with pytest.raises(Refusal):
            login.by_password(house.desk, house.given("mara", password="wrong", address=f"198.51.100.{number}"))
    assert login.by_passkey(house.desk, answer(house, device)).person == mara


def test_proving_again_by_passkey(house: House) -> None:
    _, device = with_passkey(house)
    _, other = with_passkey(house, "noor")
    first = house.sign_in("mara")
    principal = house.principal(first)
    house.move(hours=1)
    with pytest.raises(Unauthenticated):
        login.again_by_passkey(house.desk, principal, answer(house, other))
    with pytest.raises(Unauthenticated):
        login.again_by_passkey(house.desk, replace(principal, session=None), answer(house, device))
    again = login.again_by_passkey(house.desk, principal, answer(house, device))
    assert house.principal(again).recent_auth == house.clock.now()


def test_no_repr_shows_a_secret(house: House) -> None:
    given = house.given("mara")
    asked = login.challenge(house.desk, HOME)
    shown = repr((given, asked, Answer(asked.ticket, b"credential", HOME), house.desk))
    challenge = json.loads(asked.options)["challenge"]
    for secret in (PASSWORD, given.code, "mara@", HOME, asked.ticket, challenge, repr(PEPPER)):
        assert secret not in shown
