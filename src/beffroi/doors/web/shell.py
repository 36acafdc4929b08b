"""What stands around every page: who this node is, who looks, where one can go, what is urgent.

Owns: the frozen shapes that the base templates read.
Promises: all of it is decided before the page is rendered; a template asks nobody.
Never does: know how a session or a capability works; the doors fill it in.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from .languages import Language, offered


@dataclass(frozen=True, slots=True)
class Node:
    """Who this node is."""

    name: str
    kind: str
    """`platform`, `authority` or `overseer`."""
    place: str
    """ISO 3166-1 code of the main establishment; empty before somebody has said."""
    zone: tzinfo
    is_demo: bool = False
    """Whether everything on it is invented; each page says so."""


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the rail."""

    href: str
    glyph: str
    words: str
    count: int | None = None
    is_current: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of the rail under one heading."""

    words: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Bell:
    """The most urgent running order."""

    href: str
    reference: str
    sender: str
    left_s: float


@dataclass(frozen=True, slots=True)
class Undo:
    """The last decision of this person while it can still be taken back, or its effect that did not come about."""

    href: str
    act: str
    """Message id of the act."""
    case: str
    left_s: float
    total_s: float
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Who looks."""

    name: str
    standing: str
    """Message id of the role."""


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything around a console page."""

    person: Person
    rail: tuple[Group, ...]
    changes: str = ""
    """Address of the stream that says `changed`; empty: the page stays as it is."""
    bell: Bell | None = None
    undo: Undo | None = None
    can_find: bool = False
    """Whether they may look things up, not only go to pages."""


@dataclass(frozen=True, slots=True)
class Page:
    """How this page is shown."""

    node: Node
    language: Language
    now: datetime
    path: str
    theme: str = ""
    """`light`, `dark`, or empty: the system decides."""
    has_letter_keys: bool = True
    told: str | None = None
    """Message id of what the last form did, told once."""
    is_answer: bool = False
    """Whether it answers a form: asked for again, its address says something else, or nothing."""

    def languages(self) -> tuple[Language, ...]:
        """What the language menu offers."""
        return offered()
