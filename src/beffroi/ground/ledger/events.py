"""What is recorded about the log itself and the keys that sign it.

Owns: the events of the aggregate `log`, whose id is the log's name.
Promises: a log that goes on under a new name says in its own leaves which one it follows, at which size and root.
Never does: hold a secret, or anybody's name; people stand by their ids.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beffroi.ground.kernel.ids import KeyId, PersonId
from beffroi.ground.storage import Event


@dataclass(frozen=True, slots=True)
class KeysAttested(Event):
    """Those present saw these keys, this name, and this checkpoint (size, and root in hex) of the log."""

    aggregate: ClassVar[str] = "log"

    origin: str
    keys: tuple[KeyId, ...]
    size: int
    root: str
    present: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class LogOpened(Event):
    """The log goes on under a new name; the last checkpoint under the old one had this size and root."""

    aggregate: ClassVar[str] = "log"

    origin: str
    after_origin: str
    after_size: int
    after_root: str
    present: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class KeyRotated(Event):
    """`fresh` is used from now on; `old` is accepted until then."""

    aggregate: ClassVar[str] = "log"

    origin: str
    purpose: str
    old: KeyId
    fresh: KeyId
    accepted_until: datetime


EVENTS = (KeysAttested, LogOpened, KeyRotated)
