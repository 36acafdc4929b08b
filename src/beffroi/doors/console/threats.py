"""Warnings of a threat to life: from the case to the letter, and until somebody has it.

Owns: the handlers of the warnings' pages.
Promises: what stands on the right of the form is what leaves, byte for byte; what is refused comes back with everything
that was written; the telephone stands before the e-mail.
Never does: send; a person signs here, and workers mail what they signed.
"""

from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.responses import Response

from beffroi.flow import warn
from beffroi.ground.kernel.errors import Conflict, Invalid, Refusal
from beffroi.ground.kernel.ids import CaseId, RecipientId, ThreatId
from beffroi.ground.kernel.limits import WARNING_REASONS_CHARS_MAX, WARNING_REASONS_CHARS_MIN, WARNINGS_LISTED_MAX
from beffroi.parties import store as parties
from beffroi.parties.union import MEMBER_STATES
from beffroi.staff.permissions import Permission as P
from beffroi.threats import service, views
from beffroi.threats.letter import ThreatNotification, script, text
from beffroi.threats.model import (
    Danger,
    Dispatch,
    Function,
    Letter,
    LetterKind,
    Outcome,
    Part,
    Receipt,
    Recipient,
    Threat,
    ThreatState,
)
from beffroi.threats.routing import Route
from beffroi.threats.views import ThreatRead

from ..web.door import Visit
from . import threat_form
from .names import Names, names
from .threat_form import Given


@dataclass(frozen=True, slots=True)
class ThreatsView:
    """The list of warnings."""

    threats: tuple[Threat, ...]
    names: Names
    may_register: bool
    shown_max: int = WARNINGS_LISTED_MAX


@dataclass(frozen=True, slots=True)
class DraftView:
    """A warning that is being written, beside exactly what would leave."""

    read: ThreatRead
    given: Given
    letter: ThreatNotification
    route: Route
    held_back: tuple[Part, ...]
    countries: tuple[str, ...]
    """Those that the register has somebody for."""
    others: tuple[str, ...]
    may_send: bool
    can_mail: bool
    refusal: str = ""
    dangers: tuple[Danger, ...] = tuple(Danger)
    form: object = threat_form
    reasons_chars_max: int = WARNING_REASONS_CHARS_MAX

    @property
    def text(self) -> str:
        """The letter for people."""
        return text(self.letter)

    @property
    def data(self) -> str:
        """The letter for machines."""
        return self.letter.data().decode()

    @property
    def script(self) -> str:
        """What to say on the telephone."""
        return script(self.letter)

    @property
    def size_bytes(self) -> int:
        """Of the data."""
        return len(self.letter.data())

    def has(self, part: Part) -> bool:
        """Whether the node holds this."""
        return part in self.read.known.parts


@dataclass(frozen=True, slots=True)
class SentView:
    """A warning that left: who has it, who must be called."""

    read: ThreatRead
    names: Names
    may_send: bool
    may_second: bool
    refusal: str = ""
    words: str = ""
    outcomes: tuple[Outcome, ...] = tuple(Outcome)
    receipts: tuple[Receipt, ...] = (Receipt.TELEPHONE, Receipt.MAIL, Receipt.IN_PERSON)
    words_chars_min: int = WARNING_REASONS_CHARS_MIN
    words_chars_max: int = WARNING_REASONS_CHARS_MAX

    @property
    def waiting(self) -> list[tuple[Letter, Dispatch, Recipient | None]]:
        """Every letter that somebody is not known to have, the newest first."""
        return [
            (read.letter, each, self.read.recipients.get(each.recipient))
            for read in reversed(self.read.letters)
            for each in read.letter.dispatches
            if each.confirmed_at is None
        ]


def warn_of(visit: Visit) -> Response:
    """Begin a warning from a case, or go to the one that was begun."""
    case = CaseId(visit.path("case"))
    opened = visit.write(lambda tx: service.open_(tx, case, visit.person))
    return visit.go(f"/console/threats/{opened.id}")


def threats(visit: Visit) -> Response:
    """The warnings; those that wait for somebody first."""
    with visit.house.read() as conn:
        found, known = views.warnings(conn, WARNINGS_LISTED_MAX), names(conn, visit.house.vault)
    return visit.page("threats.html", ThreatsView(found, known, visit.may(P.RECIPIENTS_READ)))


def threat(visit: Visit) -> Response:
    """One warning."""
    return _page(visit, None)


def preview(visit: Visit) -> Response:
    """The form again, beside what would leave now."""
    return _draft(visit, threat_form.given(visit.form))


def sign(visit: Visit) -> Response:
    """Sign and send, or show the form again with what stands in the way."""
    filled, threat_id = threat_form.given(visit.form), ThreatId(visit.path("threat"))
    try:
        in_record = warn.sign(visit.house, visit.who.actor, visit.person, threat_form.signed(threat_id, filled))
    except (Invalid, Conflict) as refusal:
        return _draft(visit, filled, refusal)
    return visit.go(f"/console/threats/{threat_id}", "warned" if in_record else "spooled")


def drop(visit: Visit) -> Response:
    """Nobody is warned, with a reason."""
    threat_id, why = ThreatId(visit.path("threat")), visit.form.needed("why")
    dropped = visit.write(lambda tx: service.drop(tx, threat_id, visit.person, why))
    return visit.go(f"/console/cases/{dropped.case}", "warning-dropped")


def called(visit: Visit) -> Response:
    """Somebody rang them and nobody answered."""
    threat_id, number, to = _letter(visit)
    visit.write(lambda tx: service.called(tx, threat_id, number, to, visit.person, answered=False))
    return visit.go(f"/console/threats/{threat_id}", "saved")


def confirm(visit: Visit) -> Response:
    """They have it, as they say."""
    (threat_id, number, to), how = _letter(visit), visit.form.one_of("receipt", Receipt)
    if how is Receipt.LINK:
        raise Invalid("no-such-choice", "the link is the recipient's own", where="receipt")
    visit.write(lambda tx: service.confirm(tx, threat_id, number, to, how, visit.person))
    return visit.go(f"/console/threats/{threat_id}", "confirmed")


def second(visit: Visit) -> Response:
    """A second person looked."""
    threat_id, agrees = ThreatId(visit.path("threat")), visit.form.text("agrees") == "yes"
    visit.write(lambda tx: service.second(tx, threat_id, visit.person, agrees=agrees))
    return visit.go(f"/console/threats/{threat_id}", "saved")


def more(visit: Visit) -> Response:
    """A supplement or a retraction to everybody who was warned."""
    threat_id, words = ThreatId(visit.path("threat")), visit.form.text("words", WARNING_REASONS_CHARS_MAX)
    kind = visit.form.one_of("kind", LetterKind)
    try:
        visit.write(lambda tx: service.add(tx, threat_id, visit.person, kind, words))
    except (Invalid, Conflict) as refusal:
        return _page(visit, refusal, words)
    return visit.go(f"/console/threats/{threat_id}", "warned")


def close(visit: Visit) -> Response:
    """It is known what came of it."""
    threat_id, outcome = ThreatId(visit.path("threat")), visit.form.one_of("outcome", Outcome)
    visit.write(lambda tx: service.close(tx, threat_id, visit.person, outcome))
    return visit.go(f"/console/threats/{threat_id}", "saved")


def _letter(visit: Visit) -> tuple[ThreatId, int, RecipientId]:
    return ThreatId(visit.path("threat")), visit.form.whole("number"), RecipientId(visit.form.needed("recipient"))


def _page(visit: Visit, refusal: Refusal | None, words: str = "") -> Response:
    house = visit.house
    with house.read() as conn:
        read = views.threat(conn, house.vault, ThreatId(visit.path("threat")), visit.person, house.clock.now())
        known = names(conn, house.vault)
    if read.threat.state is ThreatState.DRAFT:
        return _draft(visit, Given())
    status = refusal.status if refusal else 200
    may = visit.may(P.THREATS_SEND), visit.may(P.THREATS_SECOND)
    shown = SentView(read, known, *may, refusal.message if refusal else "", words)
    return visit.page("threat.html", shown, status=status)


def _draft(visit: Visit, filled: Given, refusal: Refusal | None = None) -> Response:
    house, threat_id = visit.house, ThreatId(visit.path("threat"))
    made = warn.shown(house, visit.person, threat_form.command(threat_id, filled))
    with house.read() as conn:
        read = views.threat(conn, house.vault, threat_id, visit.person, house.clock.now())
        countries, others = _countries(visit, conn)
    shown = DraftView(
        read=read,
        given=filled,
        letter=made.letter,
        route=made.route,
        held_back=made.held_back,
        countries=countries,
        others=others,
        may_send=visit.may(P.THREATS_SEND),
        can_mail=warn.mail_server(house.settings) is not None,
        refusal=refusal.message if refusal else "",
    )
    return visit.page("threat_draft.html", shown, status=refusal.status if refusal else 200)


def _countries(visit: Visit, conn: Connection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    register = views.register(conn, visit.house.clock.now())
    live = [each.entry for each in register.recipients if each.id in register.live]
    known = {entry.country for entry in live if entry.function is Function.INVESTIGATE}
    own = parties.organisation(conn)
    others = MEMBER_STATES | ({own.particulars.country} if own else set())
    return tuple(sorted(known)), tuple(sorted(others - known))
