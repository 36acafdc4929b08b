"""How fast somebody may try to sign in. Pure.

Owns: the three counts of tries (one account from one address, one address, one account) and their waits.
Promises: waits grow and have an end, so nobody is locked out for good; an unknown account is treated as a known one;
who signed in from an address before is not held up there by strangers who try the account from elsewhere.
Never does: count successes against anybody: a try that succeeded is given back.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beffroi.ground.kernel.errors import TooMany
from beffroi.ground.kernel.limits import (
    ACCOUNT_FREE_MAX,
    ADDRESS_FREE_MAX,
    PAIR_FREE_MAX,
    PLACE_KNOWN_DAYS,
    TRY_FORGET_H,
    TRY_WAIT_S_FIRST,
    TRY_WAIT_S_MAX,
)

from .tokens import network_of, place_of


@dataclass(frozen=True, slots=True)
class Places:
    """Where a try is counted: keys that tell neither account nor address. A passkey names no account beforehand."""

    address: str
    pair: str = ""
    account: str = ""

    @property
    def all(self) -> tuple[str, ...]:
        """Those there are."""
        return tuple(place for place in (self.address, self.pair, self.account) if place)


@dataclass(frozen=True, slots=True)
class Tally:
    """Tries at one place. `due_at`: not before then; `known_until`: somebody succeeded here, pairs only."""

    tries: int = 0
    last_at: datetime | None = None
    due_at: datetime | None = None
    known_until: datetime | None = None


Tallies = dict[str, Tally]
"""By place."""


def places(pepper: bytes, address: str, account: str = "") -> Places:
    """Where tries from `address`, for `account` (a lookup) if one is named, are counted."""
    network = network_of(address)
    at_address = place_of(pepper, "address", network)
    if not account:
        return Places(at_address)
    return Places(at_address, place_of(pepper, "pair", account, network), place_of(pepper, "account", account))


def attempt(counts: Tallies, at: Places, now: datetime) -> Tallies:
    """Count one try before it is checked, so that tries side by side cannot outrun the count.

    Raises:
        TooMany: not before `retry_after_s`.

    """
    free = _counted(counts, at, now)
    present = {place: _fresh(counts.get(place, Tally()), now) for place in free}
    waits = [tally.due_at - now for tally in present.values() if tally.due_at is not None and tally.due_at > now]
    if waits:
        raise TooMany("too-many-tries", "too many tries; wait, then try again", retry_after_s=_whole(max(waits)))
    return {place: _charged(tally, free[place], now) for place, tally in present.items()}


def succeeded(counts: Tallies, at: Places, now: datetime) -> Tallies:
    """The try was good: give it back, and know the place.

    The address only gets this one try back: otherwise a guesser with an account of their own could wipe the count.
    """
    given_back = {
        place: replace(tally, tries=max(0, tally.tries - 1), due_at=None)
        for place in _counted(counts, at, now)
        for tally in [counts.get(place, Tally())]
    }
    known = {at.pair: Tally(0, now, known_until=now + timedelta(days=PLACE_KNOWN_DAYS))} if at.pair else {}
    return given_back | known


def _counted(counts: Tallies, at: Places, now: datetime) -> dict[str, int]:
    """The places that count this try, with the tries that are free there. A known pair spares its account."""
    pair = counts.get(at.pair, Tally())
    is_known = pair.known_until is not None and now < pair.known_until
    free = {at.address: ADDRESS_FREE_MAX, at.pair: PAIR_FREE_MAX, at.account: ACCOUNT_FREE_MAX}
    return {place: count for place, count in free.items() if place and not (is_known and place == at.account)}


def _fresh(tally: Tally, now: datetime) -> Tally:
    """Without tries that are forgotten by now."""
    forgotten = tally.last_at is not None and now - tally.last_at > timedelta(hours=TRY_FORGET_H)
    return replace(tally, tries=0, due_at=None) if forgotten else tally


def _charged(tally: Tally, free: int, now: datetime) -> Tally:
    tries = tally.tries + 1
    doublings = min(tries - free, 16)
    wait_s = min(TRY_WAIT_S_FIRST * 2**doublings, TRY_WAIT_S_MAX) if doublings >= 0 else 0
    due_at = now + timedelta(seconds=wait_s) if wait_s else None
    return replace(tally, tries=tries, last_at=now, due_at=due_at)


def _whole(wait: timedelta) -> int:
    """Seconds, rounded up."""
    return -(-wait // timedelta(seconds=1))
