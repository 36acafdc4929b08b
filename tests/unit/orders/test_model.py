"""What follows from an order's regions."""

from dataclasses import replace

import pytest

from beffroi.orders.model import Authentication, Secrecy, Validity
from tests.unit.orders.test_rules import received


@pytest.mark.parametrize(
    ("validity", "binds"),
    [(Validity.LIVE, True), (Validity.FINAL, True), (Validity.SUSPENDED, False), (Validity.WITHDRAWN, False)],
)
def test_what_binds(validity, binds):
    assert replace(received(), validity=validity).binds is binds
    assert not replace(received(), validity=validity, authentication=Authentication.FORGED).binds


def test_what_is_secret():
    assert [one for one in Secrecy if replace(received(), secrecy=one).is_secret] == [Secrecy.ACTIVE, Secrecy.EXTENDED]
