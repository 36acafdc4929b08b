"""Getting means of proof, by a link and for oneself."""

import re
from datetime import timedelta

import pyotp
import pytest

from beffroi.ground.kernel.errors import Invalid, NotFound, Refusal, Unauthenticated
from beffroi.staff import enrol, login, service
from beffroi.staff.enrol import Joining, Telephone
from beffroi.staff.login import Answer
from beffroi.staff.model import LinkKind
from beffroi.staff.permissions import PUBLIC, Principal
from beffroi.staff.proof import totp
from tests.unit.staff.rig import HOME, PASSWORD, SECRET, Device, House

pytestmark = pytest.mark.parametrize("house_db", ["sqlite"], indirect=True)
"""Flows over stores that are tested on both databases."""

BETTER = "nine lanterns by the sea"


def shown(telephone: Telephone, house: House) -> str:
    """What a telephone shows that has scanned the QR code."""
    read = pyotp.parse_uri(telephone.address)
    assert isinstance(read, pyotp.TOTP)
    return read.at(house.clock.now())


def signed_in(house: House, name: str = "mara") -> Principal:
    house.person(name)
    return house.principal(house.sign_in(name))


# ── by a link ─────────────────────────────────────────────────────────────────────────────────────


def test_the_page_behind_the_first_link(house: House) -> None:
    token = house.write(service.first_link)
    welcome = enrol.welcome(house.desk, token)
    assert (welcome.kind, welcome.name, welcome.email) == (LinkKind.FIRST, "", "")
    assert enrol.welcome(house.desk, token) == welcome
    given = Joining("Ada", "ada@node.example", PASSWORD, shown(welcome.telephone, house), "Some Browser")
    joined = enrol.join(house.desk, token, given)
    assert house.principal(joined.opened)
    house.move(seconds=60)
    typed = house.given("ada", code=shown(welcome.telephone, house))
    assert login.by_password(house.desk, typed).person == joined.opened.person
    for code in joined.recovery_codes:
        assert re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", code)
        assert login.by_password(house.desk, house.given("ada", code=code))
    assert len(set(joined.recovery_codes)) == 10


def test_the_code_used_to_join_is_spent(house: House) -> None:
    token = house.write(service.first_link)
    code = shown(enrol.welcome(house.desk, token).telephone, house)
    enrol.join(house.desk, token, Joining("Ada", "ada@node.example", PASSWORD, code))
    with pytest.raises(Unauthenticated):
        login.by_password(house.desk, house.given("ada", code=code))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "short"}, "password-too-short"),
        ({"password": "ada@node.example"}, "password-guessable"),
        ({"code": "000000"}, "code-does-not-fit"),
        ({"code": ""}, "code-does-not-fit"),
        ({"name": ""}, "no-name"),
        ({"email": "ada"}, "no-email"),
    ],
)
def test_a_form_that_does_not_do_leaves_the_link_as_it_was(house: House, changes: dict[str, str], code: str) -> None:
    token = house.write(service.first_link)
    telephone = enrol.welcome(house.desk, token).telephone
    typed = {"name": "Ada", "email": "ada@node.example", "password": PASSWORD, "code": shown(telephone, house)}
    with pytest.raises(Invalid) as refused:
        enrol.join(house.desk, token, Joining(**typed | changes))
    assert refused.value.code == code
    assert enrol.join(house.desk, token, Joining(**typed))


@pytest.mark.parametrize("token", ["", "made up", "\ud800"])
def test_links_that_never_were(house: House, token: str) -> None:
    with pytest.raises(NotFound):
        enrol.welcome(house.desk, token)


# ── for oneself ───────────────────────────────────────────────────────────────────────────────────


def test_another_password(house: House) -> None:
    principal = signed_in(house)
    other = house.sign_in("mara")
    enrol.change_password(house.desk, principal, BETTER)
    with pytest.raises(Unauthenticated):
        house.principal(other)
    with pytest.raises(Unauthenticated):
        house.sign_in("mara")
    assert house.sign_in("mara", password=BETTER)
    with pytest.raises(Invalid):
        enrol.change_password(house.desk, house.principal(house.sign_in("mara", password=BETTER)), "Mara12345678")


def test_another_telephone(house: House) -> None:
    principal = signed_in(house)
    telephone = enrol.telephone(house.desk, principal)
    assert enrol.telephone(house.desk, principal) == telephone
    with pytest.raises(Invalid):
        enrol.change_telephone(house.desk, principal, house.code(SECRET))
    assert house.sign_in("mara")
    enrol.change_telephone(house.desk, principal, shown(telephone, house))
    with pytest.raises(Unauthenticated):
        house.sign_in("mara")
    house.move(seconds=60)
    assert login.by_password(house.desk, house.given("mara", code=shown(telephone, house)))
    house.move(seconds=60)
    again = house.principal(login.by_password(house.desk, house.given("mara", code=shown(telephone, house))))
    assert enrol.telephone(house.desk, again) != telephone


def test_other_recovery_codes(house: House) -> None:
    principal = signed_in(house)
    old = enrol.recovery_codes(house.desk, principal)
    new = enrol.recovery_codes(house.desk, principal)
    with pytest.raises(Unauthenticated):
        house.sign_in("mara", code=old[0])
    assert house.sign_in("mara", code=new[0])


def test_a_passkey_more_and_less(house: House) -> None:
    principal, device = signed_in(house), Device()
    offer = enrol.offer_passkey(house.desk, principal)
    made = Answer(offer.ticket, device.create(offer.options), HOME)
    passkey = enrol.add_passkey(house.desk, principal, made, "Ring")
    with pytest.raises(Unauthenticated):
        enrol.add_passkey(house.desk, principal, made, "Ring")
    enrol.remove_passkey(house.desk, principal, passkey)
    asked = login.challenge(house.desk, HOME)
    with pytest.raises(Unauthenticated):
        login.by_passkey(house.desk, Answer(asked.ticket, device.get(asked.options), HOME))


def test_nobody_answers_an_offer_to_somebody_else(house: House) -> None:
    mara, noor = signed_in(house), signed_in(house, "noor")
    offer = enrol.offer_passkey(house.desk, mara)
    with pytest.raises(Unauthenticated):
        enrol.add_passkey(house.desk, noor, Answer(offer.ticket, Device().create(offer.options), HOME), "Ring")


def test_an_old_proof_is_not_enough(house: House) -> None:
    principal = signed_in(house)
    house.clock.move(timedelta(minutes=10, seconds=1))
    nothing = Answer("", b"", HOME)
    for asked in (
        lambda: enrol.change_password(house.desk, principal, BETTER),
        lambda: enrol.telephone(house.desk, principal),
        lambda: enrol.change_telephone(house.desk, principal, "000000"),
        lambda: enrol.recovery_codes(house.desk, principal),
        lambda: enrol.offer_passkey(house.desk, principal),
        lambda: enrol.add_passkey(house.desk, principal, nothing, "Ring"),
        lambda: enrol.remove_passkey(house.desk, principal, "psk_x"),
    ):
        with pytest.raises(Unauthenticated) as refused:
            asked()
        assert refused.value.code == "proof-too-old"
    with pytest.raises(Refusal):
        enrol.telephone(house.desk, PUBLIC)


def test_no_repr_shows_a_secret(house: House) -> None:
    token = house.write(service.first_link)
    welcome = enrol.welcome(house.desk, token)
    given = Joining("Ada", "ada@node.example", PASSWORD, shown(welcome.telephone, house))
    joined = enrol.join(house.desk, token, given)
    told = repr((welcome, given, joined, enrol.identity(b"p", "Ada", "ada@node.example")))
    secret = totp.spelled(totp.derived(house.desk.pepper, f"link|{token}"))
    for hidden in (PASSWORD, given.code, "ada@", secret, joined.opened.token, joined.recovery_codes[0]):
        assert hidden not in told
