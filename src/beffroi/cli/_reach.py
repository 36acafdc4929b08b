"""How commands reach the data: directly, or through the node that holds it.

Owns: `Banks`, with one class for each way; `ask_node`.
Promises: both ways give the same answers; through the node the command line shows the key that only the
operating system's user of the node can read.
Never does: write beside a running node (SQLite has one writer, DESIGN §4).
"""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from beffroi.app import open_house
from beffroi.flow import banks as flow
from beffroi.flow.house import House
from beffroi.flow.local_key import read as read_local_key
from beffroi.ground.kernel.errors import BeffroiError, Unavailable
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.kernel.json import canonical, parse
from beffroi.ground.kernel.limits import BANK_FILE_BYTES_MAX
from beffroi.ground.net import Outbound, Policy
from beffroi.ground.storage import Actor
from beffroi.ground.storage.lock import NodeLock
from beffroi.matching.model import BankTerms, EntryGiven
from beffroi.settings import Settings

from ._options import settings_from


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
    lock = NodeLock(settings.data)
    if settings.data.exists() and lock.is_held():
        yield _Through(settings, lock.note())
        return
    with open_house(settings) as house:
        yield _Direct(house)


def ask_node(settings: Settings, base_url: str, path: str) -> dict[str, Any]:
    """What the running node answers at `path`, asked with the key it left for its operating-system user."""
    outbound = Outbound(Policy.read(own=(base_url.split("//", 1)[1],)))
    headers = {"Authorization": f"Bearer {read_local_key(settings.data)}"}
    answer = outbound.get(f"{base_url}{quote(path)}", headers=headers)
    return _read(answer.status, answer.body)


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
    """Through the node's own API, with the key it left for its operating-system user."""

    def __init__(self, settings: Settings, base_url: str) -> None:
        own = base_url.split("//", 1)[1]
        self._outbound = Outbound(Policy.read(own=(own,)))
        self._base = f"{base_url}/api/v1/banks"
        self._headers = {"Authorization": f"Bearer {read_local_key(settings.data)}"}

    def lines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("")["banks"]
        return found

    def create(self, terms: BankTerms) -> None:
        row = {"name": terms.name, "purpose": terms.purpose, "source": terms.source.value}
        self._post("", canonical(row | {"radius_bits": terms.radius_bits, "hourly_cap": terms.hourly_cap}))

    def import_file(self, bank: str, name: str, content: bytes, signal_type: str | None) -> dict[str, Any]:
        extra = {"X-File-Name": name.encode("ascii", "replace").decode()} | (
            {"X-Signal-Type": signal_type} if signal_type else {}
        )
        return self._post(f"/{_quoted(bank)}/entries", content, extra | {"Content-Type": "application/octet-stream"})

    def export(self, bank: str) -> Iterator[EntryGiven]:
        after: int | None = 0
        while after is not None:
            page = self._get(f"/{_quoted(bank)}/entries?after={after}")
            yield from (flow.entry_given(row) for row in page["entries"])
            after = page["next_after"]

    def replay(self, bank: str) -> dict[str, Any]:
        return self._get(f"/{_quoted(bank)}/replay")

    def promote(self, bank: str) -> None:
        self._post(f"/{_quoted(bank)}/promote", b"{}")

    def disable(self, bank: str) -> None:
        self._post(f"/{_quoted(bank)}/disable", b"{}")

    def _get(self, path: str) -> dict[str, Any]:
        answer = self._outbound.get(self._base + path, headers=self._headers, body_bytes_max=BANK_FILE_BYTES_MAX)
        return _read(answer.status, answer.body)

    def _post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> dict[str, Any]:
        sent = {"Content-Type": "application/json"} | self._headers | (headers or {})
        answer = self._outbound.post(self._base + path, body, headers=sent, total_s=600)
        return _read(answer.status, answer.body)


def _read(status: int, body: bytes) -> dict[str, Any]:
    said: dict[str, Any] = parse(body) if body else {}
    if status >= 500:  # noqa: PLR2004 (HTTP's own number)
        raise Unavailable("node-failed", f"the node answered {status}")
    if status >= 400:  # noqa: PLR2004
        raise BeffroiError(str(said.get("code", "refused")), str(said.get("detail", f"the node answered {status}")))
    return said


def _quoted(name: str) -> str:
    return quote(name, safe="")
