"""The letter: what leaves, as a message and as text. Pure.

Owns: `ThreatNotification` (DSA Art 18 with recital 56, TCO Art 14(5)), its text, and the few words beside it.
Promises: the same facts give the same bytes, so that what was shown can be compared with what is sent; what a user
wrote stands behind `> ` on every line and cannot pass for words of ours.
Never does: name staff, scores or matches; carry a file; say what was held back.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, ConfigDict

from beffroi.ground.kernel.ids import RecipientId
from beffroi.ground.kernel.json import canonical
from beffroi.ground.kernel.limits import WARNING_POST_CHARS_MAX

from .model import Basis, Danger, How, LetterKind, Level, Link, Mark, Window


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sender(_Message):
    """The platform, as its contact page shows it."""

    name: str
    country: str
    email: str
    phone: str


class State(_Message):
    """A State concerned and why (DSA Art 18(2)); `stated`: the post says so, else it is inferred."""

    country: str
    link: Link
    stated: bool


class File(_Message):
    """A file of the post: that it is there and which one it is, never its bytes."""

    media_type: str
    size_bytes: int
    sha256: str
    viewed_by_human: bool


class Content(_Message):
    """The post, at the version that a person read."""

    text: str
    is_cut: bool
    url: str
    published_at: str
    """RFC 3339, with its zone (recital 56 DSA)."""
    is_public: bool
    viewed_by_human: Literal[True] = True
    files: tuple[File, ...] = ()


class Subject(_Message):
    """The account, as far as it is needed."""

    name: str = ""
    number: str = ""
    profile_url: str = ""
    profile_text: str = ""
    last_connection: str = ""


class Found(_Message):
    """What was found."""

    legal_basis: tuple[Basis, ...]
    became_aware_at: str
    how: How
    danger: Danger
    level: Level
    window: Window
    marks: tuple[Mark, ...]
    states: tuple[State, ...]
    content: Content | None
    subject: Subject | None


class ThreatNotification(_Message):
    """One letter. `found` is None in a supplement and in a retraction, which say what is new in words."""

    schema_name: Literal["beffroi/threat-notification/1"] = "beffroi/threat-notification/1"
    kind: LetterKind
    reference: str
    sender: Sender
    explanation: str
    found: Found | None = None

    def data(self) -> bytes:
        """The message as canonical JSON (RFC 8785)."""
        return canonical(self.model_dump(mode="json"))

    @property
    def digest(self) -> str:
        """SHA-256 of `data`: by it a form says which letter stood before the person who signs."""
        return sha256(self.data()).hexdigest()


def cut(text: str) -> tuple[str, bool]:
    """A post as far as a letter takes it, and whether something is missing."""
    return text[:WARNING_POST_CHARS_MAX], len(text) > WARNING_POST_CHARS_MAX


# ── as text, in English, the language every recipient of the register is asked to read ────────────

_KINDS = {
    LetterKind.WARNING: "WARNING: suspicion of an offence that threatens life or safety",
    LetterKind.SUPPLEMENT: "SUPPLEMENT to an earlier warning",
    LetterKind.RETRACTION: "RETRACTION of an earlier warning",
}
_BASES = {
    Basis.TCO_14_5: "Article 14(5) of Regulation (EU) 2021/784",
    Basis.DSA_18: "Article 18 of Regulation (EU) 2022/2065",
    Basis.US_2702: "18 U.S.C. 2702(b)(8) and (c)(4)",
}
_HOW = {
    How.NOTICE: "a user told us",
    How.OWN_REVIEW: "a moderator read it",
    How.MATCH: "it resembled known content, then a moderator read it",
}
_DANGERS = {Danger.LIFE: "life", Danger.SERIOUS_INJURY: "serious injury", Danger.SAFETY: "safety"}
_WINDOWS = {
    Window.HOURS: "within hours",
    Window.DAYS: "within days",
    Window.HAPPENED: "seems to have happened",
    Window.UNKNOWN: "no time is named",
}
_LEVELS = {
    Level.LOW: "low (no intent is stated)",
    Level.MEDIUM: "medium (intent)",
    Level.HIGH_UNSPECIFIC: "high, unspecific (intent and means)",
    Level.HIGH_SPECIFIC: "high, specific (intent, means, and a target, place or time)",
}
_MARKS = {Mark.INTENT: "intent", Mark.CAPABILITY: "means", Mark.TARGET: "a target", Mark.PLACE: "a place"}
_LINKS = {
    Link.OFFENCE: "where it would happen, or happened",
    Link.SUSPECT: "where the poster seems to be",
    Link.VICTIM: "where those threatened are",
}
CALL_SCRIPTS: Mapping[LetterKind, str] = {
    LetterKind.WARNING: "This is {name}. A post points to a danger to {danger}, {window}. Our reference is "
    "{reference}. We are sending it now. Please confirm that you have it.",
    LetterKind.SUPPLEMENT: "This is {name}, about our warning {reference}. We know more now and are sending it. "
    "Please confirm that you have it.",
    LetterKind.RETRACTION: "This is {name}. We take our warning {reference} back, and are sending why. "
    "Please confirm that you have it.",
}


def script(letter: ThreatNotification) -> str:
    """What is said on the telephone: nothing that identifies anybody."""
    found = letter.found
    danger, window = (_DANGERS[found.danger], _WINDOWS[found.window]) if found else ("", "")
    told = CALL_SCRIPTS[letter.kind]
    return told.format(name=letter.sender.name, danger=danger, window=window, reference=letter.reference)


def text(letter: ThreatNotification) -> str:
    """The letter for people."""
    sender = letter.sender
    lines = [_KINDS[letter.kind], "", _line("Reference", letter.reference)]
    lines.append(_line("From", f"{sender.name} ({sender.country}), {sender.phone or 'no telephone'}, {sender.email}"))
    if letter.found is not None:
        lines += _found(letter.found)
    lines += ["", letter.explanation.strip()]
    if letter.found is not None:
        lines += [*_content(letter.found.content), *_subject(letter.found.subject)]
    return "\n".join(lines) + "\n"


def cover(letter: ThreatNotification, link: str, *, with_letter: bool) -> str:
    """What stands in the e-mail beside the letter, or instead of it: no personal data at all."""
    sender = letter.sender
    told = [_KINDS[letter.kind] + ".", ""]
    if not with_letter:
        told.append("This e-mail is not encrypted and says nothing about anybody. The letter is read out on the")
        told.append("telephone, or comes on paper, or by another way that you name.")
    told += [_line("Reference", letter.reference), _line("Call", sender.phone or sender.email), ""]
    told += ["Please confirm that you have it, on the telephone or here:", link]
    return "\n".join(told) + "\n"


def subject_line(letter: ThreatNotification) -> str:
    """The subject of the e-mail, which is never encrypted."""
    return f"{letter.kind.value.capitalize()} {letter.reference}: danger to life or safety"


def key(threat: str, number: int, recipient: RecipientId) -> str:
    """The idempotency key of one letter to one recipient; the Message-ID is made of it (RFC 5322, 3.6.4)."""
    return f"{threat}.{number}.{recipient}"


def instant(at: datetime) -> str:
    """`2026-06-01T08:00:00Z`: an instant with its zone, to the second (recital 56 DSA)."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _found(found: Found) -> Iterator[str]:
    yield _line("Law", "; ".join(_BASES[basis] for basis in found.legal_basis))
    yield _line("Danger to", f"{_DANGERS[found.danger]}, {_WINDOWS[found.window]}")
    yield _line("Level", _LEVELS[found.level])
    if found.marks:
        yield _line("Named", ", ".join(_MARKS[mark] for mark in found.marks))
    yield _line("Known since", f"{found.became_aware_at} ({_HOW[found.how]})")
    for state in found.states:
        yield _line("State", f"{state.country}: {_LINKS[state.link]} ({'stated' if state.stated else 'inferred'})")
    if not found.states:
        yield _line("State", "not known")


def _content(content: Content | None) -> Iterator[str]:
    if content is None:
        return
    yield from ("", "The post, read by a person:")
    yield from (f"> {line}" for line in content.text.splitlines() or [""])
    if content.is_cut:
        yield "(cut here; the link leads to the whole)"
    yield _line("Link", content.url or "none")
    yield _line("Posted", content.published_at)
    yield _line("Open to", "everybody" if content.is_public else "not everybody")
    for file in content.files:
        seen = "seen by a person" if file.viewed_by_human else "not opened by a person"
        yield _line("File", f"{file.media_type}, {file.size_bytes} bytes, SHA-256 {file.sha256}, {seen}")


def _subject(subject: Subject | None) -> Iterator[str]:
    if subject is None:
        return
    yield from ("", "The account:")
    for words, said in (
        ("Name", subject.name),
        ("Number", subject.number),
        ("Profile", subject.profile_url),
        ("Connection", subject.last_connection),
    ):
        if said:
            yield _line(words, said)
    yield from (f"> {line}" for line in subject.profile_text.splitlines())


def _line(words: str, said: str) -> str:
    """One line; whatever was said stays on it."""
    return f"{words + ':':<14}{' '.join(said.split())}"
