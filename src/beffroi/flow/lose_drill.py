"""The drill for lost keys: on a copy made of a backup, each key is taken away, and what then happens is looked at.

Owns: what can be lost, what is looked at for each, and which ways back are tried.
Promises: nothing but the copy is touched; each line says what was seen, not what should be; a way back that did not
work says so.
Never does: run beside the real data.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from beffroi.ground.kernel.clock import Clock
from beffroi.ground.kernel.errors import BeffroiError
from beffroi.ground.kernel.ids import random_bytes
from beffroi.ground.ledger.integrate import Integrator
from beffroi.ground.storage import Database, Vault, Writer, chest
from beffroi.ground.storage.files import kept
from beffroi.ground.trust.keys import Purpose
from beffroi.ground.trust.ring import KeyRing
from beffroi.settings import Settings
from beffroi.staff import store as staff
from beffroi.staff.model import PersonState
from beffroi.staff.proof import tokens

from . import fsck, upkeep
from .reactions import settle


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that was taken away."""

    what: str
    seen: str
    """What then happened."""
    ways: tuple[tuple[str, bool], ...]
    """Each way back that was tried, and whether it works."""


@dataclass(frozen=True, slots=True)
class Drill:
    """From what copies are made, and where. `kinds` are the kinds of effects that somebody performs."""

    settings: Settings
    clock: Clock
    backup: Path
    chest: Path
    folder: Path
    kinds: Collection[str]

    def run(self) -> Iterator[Loss]:
        """Take away one after the other."""
        for name, lose in LOSSES.items():
            yield lose(self, self.folder / name)

    def copy(self, folder: Path) -> Settings:
        """A node restored into `folder`, as it was when the backup was made."""
        settings = self.settings.model_copy(update={"data": folder, "database": "", "blobs": ""})
        upkeep.restore(settings, self.clock, self.backup, self.chest, same_log=True, progress=_unseen)
        return settings

    def findings(self, settings: Settings) -> Counter[str]:
        """What `fsck` finds, by code."""
        with upkeep.open_premises(settings, self.clock) as premises:
            found = fsck.check(premises, self.kinds, self.clock.now(), fsck.Counts(), _unseen)
            return Counter(finding.code for finding in found)


def _vault(drill: Drill, folder: Path) -> Loss:
    settings = drill.copy(folder)
    chest.lose(folder, chest.VAULT)
    Vault(folder / chest.VAULT).close()  # as a start would
    found = drill.findings(settings)
    unread = found["key-missing"] + found["blob-does-not-open"]
    chest.put_back(drill.chest, folder, chest.VAULT)
    works = not drill.findings(settings)
    seen = f"{unread} persons or files of theirs cannot be read any more ({_listed(found)}); the record stays"
    return Loss("vault.db", seen, (("vault.db from the newest chest", works),))


def _ledger(drill: Drill, folder: Path) -> Loss:
    settings = drill.copy(folder)
    for path in (folder / "keys").glob(f"{Purpose.LEDGER}-*.json"):
        path.unlink()
    refused = _sign(drill, settings)
    anew = _sign(drill, _under(settings, f"{settings.origin}-after-loss"))
    second = drill.copy(folder.with_name(f"{folder.name}-again"))
    chest.put_back(drill.chest, second.data, "keys")
    back = _sign(drill, second)
    seen = "a new key was made, and signs" if refused is None else f"nothing is signed under the old name ({refused})"
    ways = (("keys/ from any chest", back is None), ("another log_origin, and keys ceremony", anew is None))
    return Loss("the ledger's key", seen, ways)


def _pepper(drill: Drill, folder: Path) -> Loss:
    settings = drill.copy(folder)
    chest.lose(folder, "pepper")
    lost, everybody = _found_by_address(settings)
    chest.put_back(drill.chest, folder, "pepper")
    found, _ = _found_by_address(settings)
    seen = f"{everybody - lost} of {everybody} people cannot sign in by their address; no recovery code works"
    return Loss("pepper", seen, (("pepper from any chest", found == everybody),))


LOSSES: dict[str, Callable[[Drill, Path], Loss]] = {"vault": _vault, "ledger": _ledger, "pepper": _pepper}
"""The other purposes (`peering`, `webhook`, `vault_wrap`) sign and wrap nothing yet; losing them loses nothing."""


def _under(settings: Settings, origin: str) -> Settings:
    """The same node under another name of its log."""
    return settings.model_copy(update={"log_origin": origin})


def _sign(drill: Drill, settings: Settings) -> str | None:
    """Seal the log as a start would; the code of what refuses it."""
    with _opened(settings, drill.clock) as (database, writer):
        try:
            ring = KeyRing.open(settings.data / "keys", drill.clock)
            Integrator(database, writer, ring, settings.origin, drill.clock).beat()
        except BeffroiError as refusal:
            return refusal.code
    return None


def _found_by_address(settings: Settings) -> tuple[int, int]:
    """How many active people are found by their address, of how many; a missing pepper is made anew, as by a start."""
    pepper = kept(settings.data / "pepper", lambda: random_bytes(32))
    with ExitStack() as closing:
        database, vault = Database(settings.database_url), Vault(settings.data / chest.VAULT)
        closing.callback(database.close)
        closing.callback(vault.close)
        with database.read() as conn:
            active = [p.id for p in staff.everybody(conn) if p.state is PersonState.ACTIVE]
            known = staff.identities(conn, vault, active)
            lookups = {person: tokens.lookup_of(pepper, who.email) for person, who in known.items()}
            found = [p for p, lookup in lookups.items() if staff.person_by_lookup(conn, lookup) == p]
    return len(found), len(known)


@contextmanager
def _opened(settings: Settings, clock: Clock) -> Iterator[tuple[Database, Writer]]:
    with ExitStack() as closing:
        database, vault = Database(settings.database_url), Vault(settings.data / chest.VAULT)
        closing.callback(database.close)
        closing.callback(vault.close)
        writer = Writer(database, vault, clock, settle)
        closing.callback(writer.close)
        yield database, writer


def _listed(found: Counter[str]) -> str:
    return ", ".join(f"{count} {code}" for code, count in sorted(found.items())) or "nothing found"


def _unseen(_what: str, _done: int, _of: int | None) -> None:
    """Nobody watches a drill's copies being made."""
