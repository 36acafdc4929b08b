"""How fast somebody may try."""

from datetime import datetime, timedelta

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import TooMany
from beffroi.staff.proof import throttle
from beffroi.staff.proof.throttle import Places, Tallies

PEPPER = b"p" * 32
START = FakeClock().now()


class Gate:
    """Tries one after the other, with a clock."""

    def __init__(self) -> None:
        self.counts: Tallies = {}
        self.now = START

    def wait(self, **by: float) -> None:
        self.now += timedelta(**by)

    def places(self, account: str = "mara", address: str = "192.0.2.1") -> Places:
        return throttle.places(PEPPER, address, account)

    def fail(self, account: str = "mara", address: str = "192.0.2.1") -> None:
        self.counts |= throttle.attempt(self.counts, self.places(account, address), self.now)

    def succeed(self, account: str = "mara", address: str = "192.0.2.1") -> None:
        self.fail(account, address)
        self.counts |= throttle.succeeded(self.counts, self.places(account, address), self.now)

    def wait_s(self, account: str = "mara", address: str = "192.0.2.1") -> int:
        """How long one has to wait now; 0: not at all."""
        try:
            throttle.attempt(self.counts, self.places(account, address), self.now)
        except TooMany as refusal:
            return refusal.retry_after_s
        return 0


def test_waits_double_and_have_an_end() -> None:
    gate, waits = Gate(), []
    for _ in range(14):
        gate.fail()
        waits.append(gate.wait_s())
        gate.wait(seconds=waits[-1])
    assert waits == [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900, 900]


def test_a_wait_is_kept_to_the_second() -> None:
    gate = Gate()
    for _ in range(5):
        gate.fail()
    gate.wait(seconds=14.5)
    assert gate.wait_s() == 1
    gate.wait(seconds=0.5)
    assert gate.wait_s() == 0


def test_success_wipes_the_pair() -> None:
    gate = Gate()
    for _ in range(4):
        gate.fail()
    gate.succeed()
    for _ in range(4):
        gate.fail()
    assert gate.wait_s() == 0


def test_tries_are_forgotten() -> None:
    gate = Gate()
    for _ in range(5):
        gate.fail()
    gate.wait(hours=2, seconds=1)
    for _ in range(4):
        gate.fail()
    assert gate.wait_s() == 0


def test_one_address_cannot_try_many_accounts() -> None:
    gate = Gate()
    for number in range(30):
        gate.fail(f"account-{number}")
    assert gate.wait_s("another") == 15
    assert gate.wait_s("another", "192.0.2.2") == 0


def test_an_own_account_does_not_wipe_the_count_of_an_address() -> None:
    gate, tried = Gate(), 0
    while tried < 60 and not gate.wait_s("one more"):
        gate.succeed("the guesser's own")
        gate.fail(f"victim-{tried}")
        tried += 1
    assert tried == 30


def test_strangers_do_not_lock_out_who_signed_in_here_before() -> None:
    gate = Gate()
    gate.succeed("mara", "192.0.2.1")
    for number in range(200):
        address = f"198.51.100.{number}"
        gate.wait(seconds=gate.wait_s("mara", address))
        gate.fail("mara", address)
        assert gate.wait_s("mara", "192.0.2.1") == 0
    assert 0 < gate.wait_s("mara", "203.0.113.9") <= 900


def test_a_known_place_is_known_for_a_month() -> None:
    gate = Gate()
    gate.succeed()
    gate.wait(days=30, seconds=1)
    for number in range(30):
        gate.fail("mara", f"198.51.100.{number}")
    assert gate.wait_s() == 15


def test_an_office_at_the_start_of_a_shift() -> None:
    gate = Gate()
    for number in range(200):
        gate.succeed(f"person-{number}")
    assert gate.wait_s("one more") == 0


def test_a_passkey_is_held_up_by_its_address_alone() -> None:
    gate = Gate()
    for number in range(60):
        gate.wait(seconds=gate.wait_s("mara", f"198.51.100.{number}"))
        gate.fail("mara", f"198.51.100.{number}")
    passkey = throttle.places(PEPPER, "203.0.113.9")
    assert passkey.all == (passkey.address,)
    assert throttle.attempt(gate.counts, passkey, gate.now)


def test_keys_tell_neither_account_nor_address() -> None:
    told = repr(throttle.places(PEPPER, "192.0.2.1", "mara"))
    assert "192.0.2" not in told
    assert "mara" not in told
    assert throttle.places(PEPPER, "192.0.2.1", "mara") == throttle.places(PEPPER, "::ffff:192.0.2.1", "mara")


@pytest.mark.parametrize("last_at", [START, START - timedelta(hours=2)])
def test_a_charge_says_when(last_at: datetime) -> None:
    gate = Gate()
    gate.now = last_at
    gate.fail()
    assert {tally.last_at for tally in gate.counts.values()} == {last_at}
