"""The life of a warning. Pure.

Owns: opening, signing, sending, calling, confirming, ringing, the second look, closing.
Promises: one person's signature is enough to send and nothing else is; the second person is another one and comes
afterwards; a warning stays unconfirmed until every recipient of every letter is known to have it.
Never does: choose recipients (see `routing`), or write the letter (see `letter`).
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beffroi.ground.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from beffroi.ground.kernel.ids import PersonId, RecipientId, ThreatId
from beffroi.ground.kernel.limits import (
    WARNING_CONNECTION_CHARS_MAX,
    WARNING_REASONS_CHARS_MAX,
    WARNING_REASONS_CHARS_MIN,
    WARNING_RING_LATER_S,
    WARNING_RING_S,
    WARNING_RINGS_OFTEN,
    WARNING_SECOND_H,
)
from beffroi.ground.storage import Event

from .model import (
    Basis,
    Danger,
    Dispatch,
    DispatchState,
    Findings,
    Letter,
    LetterFailed,
    LetterKind,
    LetterSent,
    LetterSigned,
    Level,
    Mark,
    Outcome,
    Part,
    Receipt,
    ReceiptGiven,
    RecipientCalled,
    StateConcerned,
    Threat,
    ThreatClosed,
    ThreatDropped,
    ThreatOpened,
    ThreatRung,
    ThreatSeconded,
    ThreatState,
    WarningSigned,
    Way,
    Window,
)

_UNDER_WAY = frozenset({ThreatState.UNCONFIRMED, ThreatState.CONFIRMED, ThreatState.CLOSED})
OPEN = frozenset({ThreatState.DRAFT, ThreatState.UNCONFIRMED, ThreatState.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Sign:
    """What a person fills in and signs. `shown` is the digest of the letter that stood before them."""

    threat: ThreatId
    danger: Danger
    window: Window
    marks: tuple[Mark, ...]
    states: tuple[StateConcerned, ...]
    reasons: str
    parts: tuple[Part, ...]
    connection: str
    shown: str = ""


def check(sign: Sign) -> None:
    """Whether it says enough, and nothing that no form of ours says.

    Raises:
        Invalid: no reasons, or too many; a connection without its tick; two States for one link.

    """
    if not WARNING_REASONS_CHARS_MIN <= len(sign.reasons.strip()) <= WARNING_REASONS_CHARS_MAX:
        told = f"say in {WARNING_REASONS_CHARS_MIN} to {WARNING_REASONS_CHARS_MAX} characters what you saw"
        raise Invalid("no-reasons", told, where="reasons")
    if len(sign.connection) > WARNING_CONNECTION_CHARS_MAX:
        raise Invalid("too-long", f"at most {WARNING_CONNECTION_CHARS_MAX} characters", where="connection")
    if (Part.CONNECTION in sign.parts) != bool(sign.connection.strip()):
        raise Invalid("no-connection", "tick the connection and write it down, or neither", where="connection")
    if any(count > 1 for count in Counter(state.link for state in sign.states).values()):
        raise Invalid("two-states", "one State for each link", where="states")
    for state in sign.states:
        if not (len(state.country) == 2 and state.country.isascii() and state.country.isupper()):  # noqa: PLR2004
            raise Invalid("no-country", "a country is two capital letters (ISO 3166-1)", where="states")


def level(marks: tuple[Mark, ...], window: Window) -> Level:
    """How specific it is: intent and capability make it high, a target, a place or a time make that specific."""
    if {Mark.INTENT, Mark.CAPABILITY} <= set(marks):
        is_specific = bool({Mark.TARGET, Mark.PLACE} & set(marks)) or window in {Window.HOURS, Window.DAYS}
        return Level.HIGH_SPECIFIC if is_specific else Level.HIGH_UNSPECIFIC
    return Level.MEDIUM if Mark.INTENT in marks else Level.LOW


def bases(danger: Danger, window: Window, home: str) -> tuple[Basis, ...]:
    """Under which law it is told: the Union's for whoever offers services there, and that of the United States at home.

    TCO 14(5): an imminent threat to life. DSA 18(1): life or safety, past offences too. 18 U.S.C. 2702(b)(8) and
    (c)(4): danger of death or serious physical injury.
    """
    imminent = danger is Danger.LIFE and window in {Window.HOURS, Window.DAYS}
    us = home == "US" and danger is not Danger.SAFETY and window is not Window.HAPPENED
    found = {Basis.TCO_14_5: imminent, Basis.DSA_18: True, Basis.US_2702: us}
    return tuple(basis for basis, applies in found.items() if applies)


def ring_after(times: int) -> timedelta:
    """The pause after so many rings."""
    return timedelta(seconds=WARNING_RING_S if times < WARNING_RINGS_OFTEN else WARNING_RING_LATER_S)


def second_due_at(threat: Threat) -> datetime | None:
    """By when a second person looks; None where nobody has to (any more)."""
    if threat.warning is None or threat.seconded_at is not None:
        return None
    return threat.warning.signed_at + timedelta(hours=WARNING_SECOND_H)


# ── commands ──────────────────────────────────────────────────────────────────────────────────────


def drop(threat: Threat, person: PersonId, now: datetime) -> list[Event]:
    """Nobody is warned."""
    _draft(threat)
    return [ThreatDropped(threat.id, person, now)]


def sign(
    threat: Threat,
    person: PersonId,
    findings: Findings,
    home: str,
    addressed: tuple[Dispatch, ...],
    size_bytes: int,
    now: datetime,
) -> list[Event]:
    """The first letter.

    Raises:
        Conflict: it was signed or dropped already.

    """
    _draft(threat)
    law = bases(findings.danger, findings.window, home)
    return [WarningSigned(threat.id, person, findings, law, addressed, size_bytes, now + ring_after(0), now)]


def add(threat: Threat, person: PersonId, kind: LetterKind, words: str, size_bytes: int, now: datetime) -> list[Event]:
    """A supplement or a retraction, to everybody who was warned.

    Raises:
        Conflict: nothing was sent, or it was taken back already.
        Invalid: no words.

    """
    _under_way(threat)
    if threat.is_retracted:
        raise Conflict("retracted", "this warning was taken back; open a new one if there is cause")
    if not WARNING_REASONS_CHARS_MIN <= len(words.strip()) <= WARNING_REASONS_CHARS_MAX:
        raise Invalid("no-words", f"say in {WARNING_REASONS_CHARS_MIN} characters or more what is new", where="words")
    warned = threat.letters[0].dispatches
    addressed = tuple(Dispatch(each.recipient, each.way, first_state(each.way)) for each in warned)
    return [LetterSigned(threat.id, kind, person, addressed, size_bytes, now + ring_after(0), now)]


def sent(threat: Threat, number: int, recipient: RecipientId, now: datetime) -> list[Event]:
    """The mail server took it; nothing, if that is known."""
    known = dispatch(threat, number, recipient).state is DispatchState.SENT
    return [] if known else [LetterSent(threat.id, number, recipient, now)]


def failed(threat: Threat, number: int, recipient: RecipientId, reason: str) -> list[Event]:
    """It could not be mailed."""
    waits = dispatch(threat, number, recipient).state is DispatchState.WAITING
    return [LetterFailed(threat.id, number, recipient, reason[:200])] if waits else []


def called(
    threat: Threat, number: int, recipient: RecipientId, person: PersonId, now: datetime, *, answered: bool
) -> list[Event]:
    """Somebody rang them."""
    dispatch(threat, number, recipient)
    return [RecipientCalled(threat.id, number, recipient, person, answered, now)]


def confirm(
    threat: Threat, number: int, recipient: RecipientId, receipt: Receipt, person: PersonId | None, now: datetime
) -> list[Event]:
    """They have it; nothing, if that is known."""
    known = dispatch(threat, number, recipient).confirmed_at is not None
    return [] if known else [ReceiptGiven(threat.id, number, recipient, receipt, person, now)]


def ring(threat: Threat, now: datetime) -> list[Event]:
    """It waits still."""
    if threat.ring_at is None or threat.ring_at > now:
        return []
    times = threat.rings + 1
    return [ThreatRung(threat.id, times, now + ring_after(times))]


def second(threat: Threat, person: PersonId, now: datetime, *, agrees: bool) -> list[Event]:
    """A second person looked.

    Raises:
        Conflict: nothing was sent yet, or somebody looked already.
        NotAllowed: it is their own letter.

    """
    _under_way(threat)
    if threat.seconded_at is not None:
        raise Conflict("seconded", "a second person has looked already")
    if any(letter.signed_by == person for letter in threat.letters):
        raise NotAllowed("own-letter", "you signed this; somebody else must look")
    return [ThreatSeconded(threat.id, person, agrees, now)]


def close(threat: Threat, person: PersonId, outcome: Outcome, now: datetime) -> list[Event]:
    """It is known what came of it.

    Raises:
        Conflict: a recipient is not known to have it, or it is closed.

    """
    if threat.state is not ThreatState.CONFIRMED:
        raise Conflict("not-confirmed", "a warning is closed once every recipient has confirmed it")
    return [ThreatClosed(threat.id, outcome, person, now)]


def first_state(way: Way) -> DispatchState:
    """Who acts first: a worker, or a person."""
    return DispatchState.BY_HAND if way is Way.PAPER else DispatchState.WAITING


def dispatch(threat: Threat, number: int, recipient: RecipientId) -> Dispatch:
    """One letter's way to one recipient.

    Raises:
        NotFound: there is no such letter, or it was not for them.

    """
    if not 1 <= number <= len(threat.letters):
        raise NotFound("no-such-letter", "there is no letter with this number")
    for each in threat.letters[number - 1].dispatches:
        if each.recipient == recipient:
            return each
    raise NotFound("no-such-recipient", "this letter was not for them")


def _draft(threat: Threat) -> None:
    if threat.state is not ThreatState.DRAFT:
        raise Conflict("not-a-draft", f"this warning is {threat.state.value}", state=threat.state.value)


def _under_way(threat: Threat) -> None:
    if threat.state not in _UNDER_WAY:
        raise Conflict("nothing-sent", "nothing was sent yet", state=threat.state.value)


# ── the warning after an event ────────────────────────────────────────────────────────────────────


def apply(threat: Threat | None, event: Event) -> Threat:
    """The warning after `event`."""
    if isinstance(event, ThreatOpened):
        return _opened(event)
    if threat is None:
        raise Conflict("event-does-not-fit", f"{event.type()} before the warning")
    match event:
        case WarningSigned():
            signed = replace(threat, findings=event.findings, bases=event.bases)
            letter = Letter(1, LetterKind.WARNING, event.by, event.at, event.size_bytes, event.addressed)
            return _with_letter(signed, letter, event.ring_at)
        case LetterSigned():
            number = len(threat.letters) + 1
            letter = Letter(number, event.kind, event.by, event.at, event.size_bytes, event.addressed)
            return _with_letter(threat, letter, event.ring_at)
        case LetterSent() | LetterFailed() | RecipientCalled() | ReceiptGiven():
            return _dispatched(threat, event)
        case _:
            return _noted(threat, event)


def _noted(threat: Threat, event: Event) -> Threat:
    """What concerns the warning as a whole."""
    match event:
        case ThreatDropped():
            return replace(threat, state=ThreatState.DROPPED, ring_at=None, closed_at=event.at)
        case ThreatRung():
            return replace(threat, rings=event.times, ring_at=event.ring_at)
        case ThreatSeconded():
            return replace(threat, seconded_by=event.by, seconded_at=event.at, agrees=event.agrees)
        case ThreatClosed():
            return replace(threat, state=ThreatState.CLOSED, outcome=event.outcome, closed_at=event.at)
    raise Conflict("event-does-not-fit", f"{event.type()} does not fit a warning")


_Underway = LetterSent | LetterFailed | RecipientCalled | ReceiptGiven


def _dispatched(threat: Threat, event: _Underway) -> Threat:
    """What happened to one letter on its way to one recipient."""
    old = dispatch(threat, event.number, event.recipient)
    match event:
        case LetterSent():
            new = replace(old, state=DispatchState.SENT, sent_at=event.at)
        case LetterFailed():
            new = replace(old, state=DispatchState.FAILED)
        case RecipientCalled():
            new = replace(old, called_at=event.at)
        case _:
            new = replace(old, confirmed_at=event.at, receipt=event.receipt)
    letters = tuple(_put(letter, new) if letter.number == event.number else letter for letter in threat.letters)
    after = replace(threat, letters=letters)
    is_whole = all(each.confirmed_at is not None for letter in letters for each in letter.dispatches)
    if is_whole and threat.state is ThreatState.UNCONFIRMED:
        return replace(after, state=ThreatState.CONFIRMED, ring_at=None, rings=0)
    return after


def _put(letter: Letter, new: Dispatch) -> Letter:
    dispatches = tuple(new if each.recipient == new.recipient else each for each in letter.dispatches)
    return replace(letter, dispatches=dispatches)


def _with_letter(threat: Threat, letter: Letter, ring_at: datetime) -> Threat:
    letters = (*threat.letters, letter)
    return replace(
        threat, state=ThreatState.UNCONFIRMED, letters=letters, ring_at=ring_at, rings=0, outcome=None, closed_at=None
    )


def _opened(event: ThreatOpened) -> Threat:
    return Threat(
        id=event.threat,
        version=0,
        ref=event.ref,
        case=event.case,
        account=event.account,
        state=ThreatState.DRAFT,
        how=event.how,
        opened_by=event.by,
        opened_at=event.at,
        findings=None,
        bases=(),
        letters=(),
        ring_at=event.ring_at,
        rings=0,
        seconded_by=None,
        seconded_at=None,
        agrees=None,
        outcome=None,
        closed_at=None,
    )
