"""What the flows of `login` and `enrol` are handed.

Owns: `Desk`.
Promises: no `repr` shows the pepper.
Never does: anything.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from beffroi.ground.kernel.clock import Clock
from beffroi.ground.storage import Actor, Lane, Tx, Vault

from .proof.passkeys import RelyingParty
from .proof.passwords import Hasher
from .proof.provider import Provider
from .sessions import Door

T = TypeVar("T")


class Write(Protocol):
    """`Writer.run`, or what has its shape."""

    def __call__(self, lane: Lane, actor: Actor, work: Callable[[Tx], T], /) -> T:
        """Do `work` in one transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The place where people show who they are. `pepper`: 32 secret bytes that must outlive every account."""

    read: Callable[[], AbstractContextManager[Connection]]
    write: Write
    vault: Vault
    clock: Clock
    hasher: Hasher
    pepper: bytes = field(repr=False)
    party: RelyingParty
    demo_allowed: bool
    provider: Provider | None = None
    """The organisation's identity provider, where one is set."""
    only_break_glass: bool = False
    """Whether passwords and passkeys let in administrators only; everybody else comes by the provider."""

    @property
    def door(self) -> Door:
        """Whom it lets in."""
        return Door(self.demo_allowed, self.only_break_glass)
