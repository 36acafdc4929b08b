"""Commands of `threats`: open, drop, sign, add a letter, send, call, confirm, ring, look, close; the register.

Owns: the order of load, compose, rule, save.
Promises: what is signed is composed in the transaction that stores it, and equals what the person saw, or nothing is
signed; letter, links and the intent to send are one transaction.
Never does: send; `doors.workers` do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.cases.model import Case, CaseState
from beffroi.cases.views import SHIFT
from beffroi.content import store as content
from beffroi.content.model import Item, Posted, Visibility
from beffroi.ground.kernel.errors import Conflict, NotFound
from beffroi.ground.kernel.ids import (
    AccountId,
    CaseId,
    PersonId,
    RecipientId,
    SubjectId,
    ThreatId,
    fresh,
    reference,
)
from beffroi.ground.storage import Effect, Tx, Vault
from beffroi.ground.trust import smime
from beffroi.parties import store as parties

from . import routing, rules, store
from .letter import Content, File, Found, Sender, State, Subject, ThreatNotification, cut, instant, key
from .model import (
    Dispatch,
    Entry,
    Findings,
    How,
    LetterKind,
    Outcome,
    Part,
    Receipt,
    Recipient,
    Threat,
    ThreatOpened,
    Way,
)
from .routing import Route
from .rules import Sign

EFFECT = "warn"
"""The kind of effect by which workers mail a letter."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the node holds of a case's post and account: all that a letter could be made of."""

    item: Item | None
    posted: Posted | None
    account: AccountId | None
    name: str
    number: str
    profile_url: str
    profile_text: str
    opened_media: bool

    @property
    def parts(self) -> tuple[Part, ...]:
        """The lines there are, in the order of the form."""
        has = {
            Part.POST: self.posted is not None,
            Part.FILES: self.posted is not None and bool(self.posted.media),
            Part.ACCOUNT: bool(self.name or self.number),
            Part.PROFILE: bool(self.profile_url or self.profile_text),
            Part.CONNECTION: True,
        }
        return tuple(part for part, is_there in has.items() if is_there)

    @property
    def is_public(self) -> bool:
        """Whether everybody can read the post."""
        return self.item is None or self.item.visibility is Visibility.PUBLIC


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter, whom it goes to, and what is left out of it."""

    letter: ThreatNotification
    route: Route
    held_back: tuple[Part, ...]


def open_(tx: Tx, case_id: CaseId, person: PersonId) -> Threat:
    """A person thinks that somebody must be warned; the draft of this case, if there is one.

    Raises:
        NotFound: no such case, or it is sealed.

    """
    case = cases_store.CASES.load(tx.conn, case_id, lock=True)
    if case.state is CaseState.SEALED:
        raise NotFound("no-such-case", "there is no case with this id")
    draft = store.draft_of_case(tx.conn, case_id)
    if draft is not None:
        return draft
    account = case.account or (content.ITEMS.load(tx.conn, case.items[-1].item).account if case.items else None)
    ring_at = tx.now + rules.ring_after(0)
    opened = ThreatOpened(
        ThreatId(fresh("thr", tx.now)), _reference(tx), case_id, account, _how(case), person, ring_at, tx.now
    )
    return store.THREATS.change(tx, None, [opened])


def drop(tx: Tx, threat_id: ThreatId, person: PersonId, why: str) -> Threat:
    """Nobody is warned; the reason becomes a note of the case.

    Raises:
        Invalid: no reason.
        Conflict: it was signed already.

    """
    threat = store.THREATS.load(tx.conn, threat_id)
    events = rules.drop(threat, person, tx.now)
    cases.add_note(tx, threat.case, person, why)
    return store.THREATS.change(tx, threat, events)


def known(conn: Connection, vault: Vault, threat: Threat, person: PersonId, now: datetime) -> Known:
    """What the node holds of the case behind a warning."""
    case = cases_store.CASES.load(conn, threat.case)
    item = posted = None
    if case.items:
        newest = case.items[-1]
        item = content.ITEMS.load(conn, newest.item)
        posted = content.posted(conn, vault, newest.item, newest.revision)
    account = threat.account
    profile = (content.profile(conn, vault, account) if account else None) or {}
    opened = cases_store.opened_since(conn, case.id, person, now - SHIFT)
    return Known(
        item=item,
        posted=posted,
        account=account,
        name=str(profile.get("name") or ""),
        number=(content.platform_id_of_account(conn, account) if account else None) or "",
        profile_url=str(profile.get("url") or ""),
        profile_text=str(profile.get("bio") or ""),
        opened_media=item is not None and item.id in opened,
    )


def compose(
    conn: Connection, vault: Vault, threat: Threat, sign: Sign, person: PersonId, now: datetime, *, can_mail: bool
) -> Composed:
    """The warning that this form means, and where it goes; nothing is written."""
    holds = known(conn, vault, threat, person, now)
    sender = _sender(conn)
    parts = tuple(part for part in holds.parts if part in sign.parts)
    found = Found(
        legal_basis=rules.bases(sign.danger, sign.window, sender.country),
        became_aware_at=instant(threat.opened_at),
        how=threat.how,
        danger=sign.danger,
        level=rules.level(sign.marks, sign.window),
        window=sign.window,
        marks=sign.marks,
        states=tuple(State(country=s.country, link=s.link, stated=s.stated) for s in sign.states),
        content=_content(holds, parts),
        subject=_subject(holds, parts, sign.connection),
    )
    letter = ThreatNotification(
        kind=LetterKind.WARNING, reference=threat.ref, sender=sender, explanation=sign.reasons.strip(), found=found
    )
    route = routing.route(
        sign.states, store.register(conn), sender.country, now, can_mail=can_mail, is_public=holds.is_public
    )
    return Composed(letter, route, tuple(part for part in holds.parts if part not in parts))


def compose_more(conn: Connection, threat: Threat, kind: LetterKind, words: str) -> ThreatNotification:
    """A supplement or a retraction; nothing is written."""
    return ThreatNotification(kind=kind, reference=threat.ref, sender=_sender(conn), explanation=words.strip())


def sign(tx: Tx, command: Sign, person: PersonId, *, can_mail: bool) -> Threat:
    """A person signs, and it leaves: letters are mailed as soon as this is committed.

    Raises:
        Invalid: it says too little.
        Conflict: it is no draft any more, or what would leave is not what they saw.

    """
    rules.check(command)
    threat = store.THREATS.load(tx.conn, command.threat, lock=True)
    made = compose(tx.conn, tx.vault, threat, command, person, tx.now, can_mail=can_mail)
    if made.letter.digest != command.shown:
        raise Conflict("not-as-shown", "this is what would leave now; read it, then sign")
    findings = Findings(
        danger=command.danger,
        window=command.window,
        marks=command.marks,
        states=command.states,
        sent=tuple(part for part in Part if part in command.parts and part not in made.held_back),
        held_back=made.held_back,
    )
    addressed = tuple(Dispatch(a.recipient, a.way, rules.first_state(a.way)) for a in made.route.addressees)
    data = made.letter.data()
    home = made.letter.sender.country
    events = rules.sign(threat, person, findings, home, addressed, len(data), tx.now)
    subject = _subject_of(threat)
    after = store.THREATS.change(tx, threat, events, {subject: data})
    _leave(tx, after, subject, made.letter)
    return after


def add(tx: Tx, threat_id: ThreatId, person: PersonId, kind: LetterKind, words: str) -> Threat:
    """A supplement or a retraction, to everybody who was warned.

    Raises:
        Conflict: nothing was sent, or it was taken back; the person concerned was erased.
        Invalid: no words.

    """
    threat = store.THREATS.load(tx.conn, threat_id, lock=True)
    subject = _subject_of(threat)
    if tx.vault.is_destroyed(subject):
        raise Conflict("erased", "the person this is about was erased; nothing more is written about them")
    letter = compose_more(tx.conn, threat, kind, words)
    data = letter.data()
    after = store.THREATS.change(tx, threat, rules.add(threat, person, kind, words, len(data), tx.now), {subject: data})
    _leave(tx, after, subject, letter)
    return after


def sent(tx: Tx, threat_id: ThreatId, number: int, recipient: RecipientId) -> None:
    """The mail server took it."""
    threat = store.THREATS.load(tx.conn, threat_id)
    _change(tx, threat, rules.sent(threat, number, recipient, tx.now))


def failed(tx: Tx, threat_id: ThreatId, number: int, recipient: RecipientId, reason: str) -> None:
    """It could not be mailed."""
    threat = store.THREATS.load(tx.conn, threat_id)
    _change(tx, threat, rules.failed(threat, number, recipient, reason))


def called(
    tx: Tx, threat_id: ThreatId, number: int, recipient: RecipientId, person: PersonId, *, answered: bool
) -> None:
    """Somebody rang them."""
    threat = store.THREATS.load(tx.conn, threat_id)
    _change(tx, threat, rules.called(threat, number, recipient, person, tx.now, answered=answered))


def confirm(
    tx: Tx, threat_id: ThreatId, number: int, recipient: RecipientId, receipt: Receipt, person: PersonId | None
) -> Threat:
    """They have it."""
    threat = store.THREATS.load(tx.conn, threat_id)
    return _change(tx, threat, rules.confirm(threat, number, recipient, receipt, person, tx.now))


def addressed(conn: Connection, threat_id: ThreatId) -> tuple[RecipientId, ...]:
    """Whom the newest letter went to."""
    letters = store.THREATS.load(conn, threat_id).letters
    return tuple(each.recipient for each in letters[-1].dispatches) if letters else ()


def ring_overdue(tx: Tx, limit: int) -> int:
    """Page for whatever waits still; returns for how many."""
    due = store.due_to_ring(tx.conn, tx.now, limit)
    for threat in due:
        _change(tx, threat, rules.ring(threat, tx.now))
    return len(due)


def second(tx: Tx, threat_id: ThreatId, person: PersonId, *, agrees: bool) -> Threat:
    """A second person looked."""
    threat = store.THREATS.load(tx.conn, threat_id)
    return store.THREATS.change(tx, threat, rules.second(threat, person, tx.now, agrees=agrees))


def close(tx: Tx, threat_id: ThreatId, person: PersonId, outcome: Outcome) -> Threat:
    """It is known what came of it."""
    threat = store.THREATS.load(tx.conn, threat_id)
    return store.THREATS.change(tx, threat, rules.close(threat, person, outcome, tx.now))


# ── the register ──────────────────────────────────────────────────────────────────────────────────


def pin(tx: Tx, entry: Entry, person: PersonId) -> Recipient:
    """Take an entry over from a public list.

    Raises:
        Invalid: nobody could be reached by it, or nothing can be sealed to its certificate.
        Conflict: it stands in the register already.

    """
    events = routing.pin(RecipientId(fresh("rcp", tx.now)), entry, person, tx.now)
    if entry.certificate:
        smime.check(entry.certificate, tx.now)
    if any((r.entry.name, r.entry.function) == (entry.name, entry.function) for r in store.register(tx.conn)):
        raise Conflict("pinned", "this body stands in the register already; end that entry first")
    return store.RECIPIENTS.change(tx, None, events)


def confirm_recipient(tx: Tx, recipient_id: RecipientId, person: PersonId) -> Recipient:
    """Another person rang them."""
    recipient = store.RECIPIENTS.load(tx.conn, recipient_id)
    return store.RECIPIENTS.change(tx, recipient, routing.confirm(recipient, person, tx.now))


def end_recipient(tx: Tx, recipient_id: RecipientId, person: PersonId) -> Recipient:
    """It is not warned any more."""
    recipient = store.RECIPIENTS.load(tx.conn, recipient_id)
    return store.RECIPIENTS.change(tx, recipient, routing.end(recipient, person, tx.now))


# ── parts ─────────────────────────────────────────────────────────────────────────────────────────


def _change(tx: Tx, threat: Threat, events: Sequence[object]) -> Threat:
    return store.THREATS.change(tx, threat, events) if events else threat  # type: ignore[arg-type]


def _leave(tx: Tx, threat: Threat, subject: SubjectId, letter: ThreatNotification) -> None:
    """Store the letter, and mean to mail it to whoever has an address."""
    number = len(threat.letters)
    store.put_letter(tx, threat.id, number, subject, letter)
    for each in threat.letters[-1].dispatches:
        if each.way is not Way.PAPER:
            store.make_link(tx, threat.id, number, each.recipient, subject)
            payload = {"threat": threat.id, "number": number, "recipient": each.recipient}
            tx.intend(Effect(EFFECT, key(threat.id, number, each.recipient), payload, lane="law"))


def _subject_of(threat: Threat) -> SubjectId:
    """Whose words and data a letter holds: the account's; without one, those of the warning itself."""
    return SubjectId(threat.id) if threat.account is None else content.subject_of(threat.account)


def _reference(tx: Tx) -> str:
    return reference(tx.now, lambda ref: store.by_ref(tx.conn, ref) is not None, "W-")


def _how(case: Case) -> How:
    if case.notices:
        return How.NOTICE
    return How.MATCH if case.items else How.OWN_REVIEW


def _sender(conn: Connection) -> Sender:
    organisation = parties.organisation(conn)
    if organisation is None:
        raise Conflict("no-organisation", "say first whose node this is: a warning names its sender")
    told = organisation.particulars
    return Sender(name=told.name, country=told.country, email=told.contact.email, phone=told.contact.phone)


def _content(holds: Known, parts: tuple[Part, ...]) -> Content | None:
    if holds.item is None or holds.posted is None or not {Part.POST, Part.FILES} & set(parts):
        return None
    text, is_cut = cut(holds.posted.text)
    files = tuple(
        File(media_type=m.media_type, size_bytes=m.size_bytes, sha256=m.sha256, viewed_by_human=holds.opened_media)
        for m in holds.posted.media
    )
    return Content(
        text=text if Part.POST in parts else "",
        is_cut=is_cut and Part.POST in parts,
        url=holds.posted.url or "",
        published_at=instant(holds.item.posted_at),
        is_public=holds.is_public,
        files=files if Part.FILES in parts else (),
    )


def _subject(holds: Known, parts: tuple[Part, ...], connection: str) -> Subject | None:
    said = Subject(
        name=holds.name if Part.ACCOUNT in parts else "",
        number=holds.number if Part.ACCOUNT in parts else "",
        profile_url=holds.profile_url if Part.PROFILE in parts else "",
        profile_text=holds.profile_text if Part.PROFILE in parts else "",
        last_connection=connection.strip() if Part.CONNECTION in parts else "",
    )
    return said if said != Subject() else None
