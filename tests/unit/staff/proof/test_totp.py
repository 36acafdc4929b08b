"""Codes of the telephone."""

from datetime import UTC, datetime, timedelta

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.staff.proof import totp

NOW = FakeClock().now()
SECRET = b"12345678901234567890"


@pytest.mark.parametrize(("at_s", "code"), [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")])
def test_the_vectors_of_rfc_6238(at_s: int, code: str) -> None:
    at = datetime.fromtimestamp(at_s, UTC)
    assert totp.code(SECRET, at) == code
    assert totp.counter(SECRET, code, at, last=0) == at_s // 30


@pytest.mark.parametrize(("off_s", "holds"), [(-90, False), (-30, True), (0, True), (30, True), (90, False)])
def test_a_clock_may_be_off_by_one_step(off_s: int, holds: bool) -> None:
    code = totp.code(SECRET, NOW + timedelta(seconds=off_s))
    assert (totp.counter(SECRET, code, NOW, last=0) is not None) is holds


def test_a_code_works_once() -> None:
    code = totp.code(SECRET, NOW)
    spent = totp.counter(SECRET, code, NOW, last=0)
    assert spent is not None
    assert totp.counter(SECRET, code, NOW, last=spent) is None
    assert totp.counter(SECRET, totp.code(SECRET, NOW - timedelta(seconds=30)), NOW, last=spent) is None
    assert totp.counter(SECRET, totp.code(SECRET, NOW + timedelta(seconds=30)), NOW, last=spent) == spent + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "٢٨٧٠٨٢", "28708a", "²87082", "\ud800" * 6, "0" * 10_000])
def test_what_is_no_code(typed: str) -> None:
    assert totp.counter(SECRET, typed, datetime.fromtimestamp(59, UTC), last=0) is None


def test_spaces_as_telephones_show_them() -> None:
    assert totp.counter(SECRET, "287 082", datetime.fromtimestamp(59, UTC), last=0) == 1


def test_the_secret_of_an_occasion_needs_the_pepper() -> None:
    secret = totp.derived(b"p" * 32, "link|abc")
    assert secret == totp.derived(b"p" * 32, "link|abc")
    assert len(secret) == 20
    assert secret not in {totp.derived(b"q" * 32, "link|abc"), totp.derived(b"p" * 32, "link|abd")}


def test_the_address_for_the_qr_code() -> None:
    address = totp.address(SECRET, "mara@node.example", "Invented Node")
    assert address.startswith("otpauth://totp/Invented%20Node:mara%40node.example?secret=")
    assert totp.spelled(SECRET) in address
