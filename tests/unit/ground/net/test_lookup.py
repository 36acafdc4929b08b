"""Look-ups: bounded in time, number and size; every address handed on."""

from collections.abc import Sequence
from ipaddress import ip_address
from threading import Event

import pytest

from beffroi.ground.kernel.limits import OUTBOUND_ADDRESSES_MAX, OUTBOUND_LOOKUPS_MAX
from beffroi.ground.net.errors import Blocked, Unreachable
from beffroi.ground.net.lookup import Lookups, system


def test_every_address_once_in_order() -> None:
    lookups = Lookups(lambda host, port: ["1.1.1.1", "2606:4700::1111", "1.1.1.1"])
    assert lookups.addresses("a.example", 443, 5) == (ip_address("1.1.1.1"), ip_address("2606:4700::1111"))


def test_as_many_addresses_as_allowed_and_one_more() -> None:
    def many(count: int) -> Lookups:
        return Lookups(lambda host, port: [f"1.1.1.{n}" for n in range(count)])

    assert len(many(OUTBOUND_ADDRESSES_MAX).addresses("a.example", 443, 5)) == OUTBOUND_ADDRESSES_MAX
    with pytest.raises(Blocked) as refusal:
        many(OUTBOUND_ADDRESSES_MAX + 1).addresses("a.example", 443, 5)
    assert refusal.value.reason == "too-many-addresses"


@pytest.mark.parametrize("host", ["a..example", "a" * 64 + ".example", "." * 300])
def test_names_that_no_resolver_takes(host: str) -> None:
    with pytest.raises(Unreachable) as failure:
        Lookups(system).addresses(host, 443, 5)
    assert failure.value.reason == "dns-failure"


def test_no_answer_is_a_failure() -> None:
    with pytest.raises(Unreachable) as failure:
        Lookups(lambda host, port: []).addresses("a.example", 443, 5)
    assert failure.value.reason == "dns-failure"


def test_a_resolver_that_hangs_holds_its_slot_only_until_it_ends() -> None:
    end = Event()

    def hanging(host: str, port: int) -> Sequence[str]:
        end.wait(30)
        return ["1.1.1.1"]

    lookups = Lookups(hanging)
    for _ in range(OUTBOUND_LOOKUPS_MAX):
        with pytest.raises(Unreachable) as failure:
            lookups.addresses("a.example", 443, 0.001)
        assert failure.value.reason == "dns-timeout"
    with pytest.raises(Unreachable) as failure:
        lookups.addresses("a.example", 443, 0.001)
    assert failure.value.reason == "dns-busy"
    end.set()
    for _ in range(OUTBOUND_LOOKUPS_MAX):
        lookups._free.acquire(timeout=10)  # all slots come back, or this is false and the next line too
    assert not lookups._free.acquire(blocking=False)


def test_the_system_resolver_knows_this_machine() -> None:
    assert "127.0.0.1" in system("127.0.0.1", 80)
