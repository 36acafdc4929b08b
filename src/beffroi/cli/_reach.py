"""How commands reach the data: directly, or through the node that holds it.

Owns: `Banks`, with one class for each way.
Promises: both ways give the same answers.
Never does: write beside a running node (SQLite has one writer, DESIGN §4).
"""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from beffroi.app import open_house
from beffroi.flow import banks as flow
from beffroi.flow.house import House
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.kernel.json import canonical
from beffroi.ground.storage import Actor
from beffroi.matching.model import BankTerms, EntryGiven

from ._options import settings_from
from ._running import RunningNode, quoted, running

_BANKS = "/api/v1/banks"


class Banks(Protocol):
    """What commands need."""

    def lines(self) -> list[dict[str, Any]]:
        """All banks with their numbers."""
        ...

    def create(self, terms: BankTerms) -> None:
        """A new bank."""
        ...

    def import_file(self, bank: str, name: str, content: bytes, signal_type: str | None) -> dict[str, Any]:
        """Read one file into a bank."""
        ...

    def export(self, bank: str) -> Iterator[EntryGiven]:
        """All entries."""
        ...

    def replay(self, bank: str) -> dict[str, Any]:
        """What it would have done."""
        ...

    def promote(self, bank: str) -> None:
        """Let it act."""
        ...

    def disable(self, bank: str) -> None:
        """It matches nothing any more."""
        ...


@contextmanager
def reach(data: Path | None) -> Iterator[Banks]:
    """The banks, directly or through the running node."""
    settings = settings_from(data=data)
    node = running(settings)
    if node is not None:
        yield _Through(node)
        return
    with open_house(settings) as house:
        yield _Direct(house)


class _Direct:
    def __init__(self, house: House) -> None:
        user = getpass.getuser()
        self._house, self._actor, self._person = house, Actor("command-line", user), PersonId(f"command-line:{user}")

    def lines(self) -> list[dict[str, Any]]:
        return [flow.as_row(line) for line in flow.lines(self._house)]

    def create(self, terms: BankTerms) -> None:
        flow.create(self._house, self._actor, self._person, terms)

    def import_file(self, bank: str, name: str, content: bytes, signal_type: str | None) -> dict[str, Any]:
        done = flow.import_file(self._house, self._actor, self._person, bank, name, content, signal_type)
        return flow.imported_row(done)

    def export(self, bank: str) -> Iterator[EntryGiven]:
        return (entry.given for entry in flow.export(self._house, bank))

    def replay(self, bank: str) -> dict[str, Any]:
        return flow.replay_row(flow.replay(self._house, bank))

    def promote(self, bank: str) -> None:
        flow.promote(self._house, self._actor, self._person, bank)

    def disable(self, bank: str) -> None:
        flow.disable(self._house, self._actor, self._person, bank)


class _Through:
    """Through the node that runs."""

    def __init__(self, node: RunningNode) -> None:
        self._node = node

    def lines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._node.get(_BANKS)["banks"]
        return found

    def create(self, terms: BankTerms) -> None:
        row = {"name": terms.name, "purpose": terms.purpose, "source": terms.source.value}
        self._node.post(_BANKS, canonical(row | {"radius_bits": terms.radius_bits, "hourly_cap": terms.hourly_cap}))

    def import_file(self, bank: str, name: str, content: bytes, signal_type: str | None) -> dict[str, Any]:
        extra = {"X-File-Name": name.encode("ascii", "replace").decode()} | (
            {"X-Signal-Type": signal_type} if signal_type else {}
        )
        return self._node.post(
            f"{_BANKS}/{quoted(bank)}/entries", content, extra | {"Content-Type": "application/octet-stream"}
        )

    def export(self, bank: str) -> Iterator[EntryGiven]:
        after: int | None = 0
        while after is not None:
            page = self._node.get(f"{_BANKS}/{quoted(bank)}/entries?after={after}")
            yield from (flow.entry_given(row) for row in page["entries"])
            after = page["next_after"]

    def replay(self, bank: str) -> dict[str, Any]:
        return self._node.get(f"{_BANKS}/{quoted(bank)}/replay")

    def promote(self, bank: str) -> None:
        self._node.post(f"{_BANKS}/{quoted(bank)}/promote", b"{}")

    def disable(self, bank: str) -> None:
        self._node.post(f"{_BANKS}/{quoted(bank)}/disable", b"{}")
