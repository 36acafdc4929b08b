"""Password and code, checked as one thing."""

from dataclasses import replace

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.ids import PersonId
from beffroi.staff.model import Method
from beffroi.staff.proof import check, tokens, totp
from beffroi.staff.proof.passwords import Hasher
from beffroi.staff.proof.store import Known
from tests.unit.staff.rig import HASHER, PASSWORD, PEPPER, SECRET

NOW = FakeClock().now()
CODE = totp.code(SECRET, NOW)
PAPER = "AAAA-BBBB-CCCC-DDDD"
KNOWN = Known(
    PersonId("prs_mara"),
    HASHER.hash(PASSWORD),
    NOW,
    SECRET,
    0,
    frozenset({tokens.recovery_digest(PEPPER, PAPER)}),
    demo=False,
)


def proof(known: Known | None = KNOWN, password: str = PASSWORD, code: str = CODE) -> check.Proof | None:
    return check.by_password(HASHER, PEPPER, known, password, code, NOW)


def test_password_and_code() -> None:
    assert proof() == check.Proof(KNOWN.person, Method.PASSWORD_CODE, NOW, int(NOW.timestamp()) // 30)


def test_password_and_recovery_code() -> None:
    held = proof(code=PAPER.lower())
    assert held is not None
    assert (held.method, held.totp_counter) == (Method.PASSWORD_RECOVERY, None)
    assert held.recovery == tokens.recovery_digest(PEPPER, PAPER)


@pytest.mark.parametrize(
    ("known", "password", "code"),
    [
        (KNOWN, "wrong password", CODE),
        (KNOWN, PASSWORD, "000000"),
        (KNOWN, PASSWORD, ""),
        (KNOWN, PASSWORD, "AAAA-BBBB-CCCC-DDDE"),
        (KNOWN, "", ""),
        (None, PASSWORD, CODE),
        (replace(KNOWN, totp_counter=2**40), PASSWORD, CODE),
        (replace(KNOWN, totp_secret=None), PASSWORD, CODE),
        (replace(KNOWN, totp_secret=None), PASSWORD, PAPER),
        (replace(KNOWN, totp_secret=None, demo=True), "wrong password", ""),
        (replace(KNOWN, demo=True), PASSWORD, ""),
    ],
)
def test_anything_wrong_is_nothing(known: Known | None, password: str, code: str) -> None:
    assert proof(known, password, code) is None


def test_sample_people_without_a_telephone_need_no_code() -> None:
    held = proof(replace(KNOWN, totp_secret=None, demo=True), code="")
    assert held is not None
    assert held.method is Method.DEMO


def test_an_old_hash_is_made_anew() -> None:
    standard = Hasher("standard")
    held = check.by_password(standard, PEPPER, KNOWN, PASSWORD, CODE, NOW)
    assert held is not None
    assert held.rehashed is not None
    assert standard.holds(held.rehashed, PASSWORD)
    assert not standard.is_outdated(held.rehashed)
    again = proof()
    assert again is not None
    assert again.rehashed is None


def test_no_repr_shows_a_secret() -> None:
    shown = f"{KNOWN!r}{proof()!r}{proof(code=PAPER)!r}"
    for secret in (KNOWN.password_hash, repr(SECRET), repr(tokens.recovery_digest(PEPPER, PAPER)), PASSWORD):
        assert secret not in shown
