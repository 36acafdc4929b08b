"""A name service that changes its mind: the address that was checked is the one that is called."""

from collections.abc import Sequence
from itertools import chain, repeat

import pytest

from beffroi.ground.net import Blocked, Outbound, Policy, Unreachable
from tests.attack.ssrf.traps import Sentinel, Trap, answer, says

PUBLIC = "1.1.1.1"


class Rebinding:
    """Gives one answer after the other, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = chain(answers, repeat(answers[-1]))
        self.asked = 0

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return next(self._answers)


def test_public_then_loopback_connects_to_the_public_address_only(sentinel: Sentinel) -> None:
    with Trap(says(answer(b"trapped"))) as trap:
        resolver = Rebinding([PUBLIC], ["127.0.0.1"])
        outbound = Outbound(Policy.read(plain_hosts=["rebind.example"], high_ports=True), resolver=resolver)
        with pytest.raises(Unreachable):
            outbound.get(f"http://rebind.example:{trap.port}/")
        assert (sentinel.connects, resolver.asked, trap.accepted) == ([PUBLIC], 1, 0)


def test_the_second_request_is_checked_again(sentinel: Sentinel) -> None:
    with Trap(says(answer(b"trapped"))) as trap:
        resolver = Rebinding([PUBLIC], ["127.0.0.1"])
        outbound = Outbound(Policy.read(plain_hosts=["rebind.example"], high_ports=True), resolver=resolver)
        with pytest.raises(Unreachable):
            outbound.get(f"http://rebind.example:{trap.port}/")
        with pytest.raises(Blocked) as refusal:
            outbound.get(f"http://rebind.example:{trap.port}/")
        assert refusal.value.reason == "address-loopback"
        assert (sentinel.connects, trap.accepted) == ([PUBLIC], 0)


@pytest.mark.parametrize("order", [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [PUBLIC, PUBLIC, "10.0.0.1"]])
def test_one_closed_address_among_open_ones_closes_the_name(order: list[str], sentinel: Sentinel) -> None:
    outbound = Outbound(Policy.read(), resolver=Rebinding(order))
    with pytest.raises(Blocked):
        outbound.get("https://rebind.example/")
    assert sentinel.connects == []


def test_a_pair_that_was_opened_by_name_does_not_move_to_metadata(sentinel: Sentinel) -> None:
    with Trap(says(answer(b"own"))) as own:
        resolver = Rebinding(["127.0.0.1"], ["169.254.169.254"])
        outbound = Outbound(Policy.read(own=[f"site.example:{own.port}"]), resolver=resolver)
        assert outbound.get(f"http://site.example:{own.port}/").body == b"own"
        with pytest.raises(Blocked):
            outbound.get(f"http://site.example:{own.port}/")
        assert sentinel.connects == ["127.0.0.1"]


def test_the_system_resolver_is_not_asked_beside_ours(sentinel: Sentinel) -> None:
    with Trap(says(answer(b"own"))) as own:
        Outbound(Policy.read(own=[f"site.example:{own.port}"]), resolver=Rebinding(["127.0.0.1"])).get(
            f"http://site.example:{own.port}/"
        )
    assert set(sentinel.lookups) <= {"127.0.0.1"}
