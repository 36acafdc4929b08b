"""What a running node consists of, handed to every flow.

Owns: `House`, and the two ways to the database: `write` (through the writer's lanes) and `read`.
Promises: a commit is announced to those who watch, after it happened.
Never does: build its parts (`beffroi.app` does), or know of HTTP.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sqlalchemy import Connection

from beffroi.ground.kernel.clock import Clock
from beffroi.ground.ledger.integrate import Integrator
from beffroi.ground.net import Outbound
from beffroi.ground.storage import Actor, BlobStore, Database, Lane, Reserve, Spool, Tx, Vault, Writer
from beffroi.ground.trust.ring import KeyRing
from beffroi.matching.keeper import IndexKeeper
from beffroi.settings import Settings
from beffroi.signals import Decoder
from beffroi.staff.proof.passwords import Hasher
from beffroi.staff.proof.provider import Provider

from .changes import Changes
from .local_key import LocalKey
from .watch import Watch

T = TypeVar("T")


@dataclass(frozen=True)
class House:
    """One node's parts."""

    settings: Settings
    clock: Clock
    database: Database
    vault: Vault
    blobs: BlobStore
    ring: KeyRing
    decoder: Decoder
    index: IndexKeeper
    outbound: Outbound
    writer: Writer
    integrator: Integrator
    changes: Changes
    hasher: Hasher
    pepper: bytes = field(repr=False)
    local_key: LocalKey
    watch: Watch
    spool: Spool
    """Where acts go that must not wait for the database."""
    reserve: Reserve | None = None
    """Room on the disk of an SQLite database."""
    provider: Provider | None = None
    """The organisation's identity provider, where one is set."""
    backfill_turn: threading.Lock = field(default_factory=threading.Lock)
    """One page of old items at a time, so that uploads go first."""
    guard: Callable[[Tx], None] | None = None
    """Asked first in every transaction, and refuses; see `guarded`."""

    def guarded(self, guard: Callable[[Tx], None]) -> "House":
        """The same house, in which nothing is written unless `guard` lets it, in that same transaction."""
        return replace(self, guard=guard)

    def write(self, lane: Lane, actor: Actor, work: Callable[[Tx], T]) -> T:
        """Do `work` in one transaction, with its reactions; returns after the commit.

        Raises:
            Refusal: what `work` or a reaction refused; nothing was written.
            Unavailable: the record could not be written, so nothing happened.

        """
        guard = self.guard

        def let_in(tx: Tx) -> T:
            if guard is not None:
                guard(tx)
            return work(tx)

        result = self.writer.run(lane, actor, let_in)
        self.changes.tell()
        return result

    def read(self) -> AbstractContextManager[Connection]:
        """A connection that sees one moment and cannot write."""
        return self.database.read()
