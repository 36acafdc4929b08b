"""The queue and the case: reading, claiming, opening media.

Owns: what the queue and case pages show, and the handlers of their small forms; the decision is in `decide`.
Promises: reading order is the lawful order (DESIGN §5.13); media is sent only to who opened it, after that was
recorded.
Never does: say what is allowed; capabilities refuse.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection
from starlette.responses import Response

from beffroi.actions import views as actions_views
from beffroi.actions.views import CasePage, DecisionRead, ItemRead
from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.cases import views as cases_views
from beffroi.cases.model import CaseKind, CaseState
from beffroi.cases.views import Queue, QueueRow, Turn
from beffroi.decisions.model import Act, DecisionState, Exemption
from beffroi.flow import decide as flow
from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.ids import CaseId, ItemId, PersonId
from beffroi.ground.storage import Tx
from beffroi.parties import charter
from beffroi.staff import store as staff
from beffroi.staff.permissions import Permission as P

from ..web.door import Visit
from ..web.languages import languages
from ..web.words import N_
from . import case_form
from .case_form import Answer, ClauseChoice, Given
from .connector import capabilities
from .names import Colleague, Names, colleagues, names

_STRAIN_UNKNOWN = 2
"""Points of media that nobody described: neither harmless nor the worst."""
_PICTURE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"})


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of the queue."""

    name: str
    words: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue page. `chosen` is the case whose number is explained beside the list."""

    queue: Queue
    rows: tuple[QueueRow, ...]
    tabs: tuple[Tab, ...]
    tab: str
    chosen: CaseId | None
    names: Names
    may_claim: bool


_TABS: tuple[tuple[str, str, Callable[[QueueRow], bool]], ...] = (
    ("all", N_("For you"), lambda _row: True),
    ("matches", N_("Matches"), lambda row: row.case.kind is CaseKind.ITEM and not row.case.notices),
    ("notices", N_("Notices"), lambda row: bool(row.case.notices)),
    ("accounts", N_("Accounts"), lambda row: row.case.kind is CaseKind.ACCOUNT),
    ("second", N_("Second pair of eyes"), lambda row: row.case.state is CaseState.AWAITS_SECOND),
)


@dataclass(frozen=True, slots=True)
class CaseView:
    """The case page."""

    read: CasePage
    names: Names
    colleagues: tuple[Colleague, ...]
    answers: tuple[Answer, ...]
    clauses: tuple[ClauseChoice, ...]
    statement_language: str
    undo_hold_s: int
    pseudonym: str
    may_claim: bool
    may_decide: bool
    may_hand_over: bool
    may_history: bool
    may_note: bool
    may_open: bool
    may_seal: bool
    may_second: bool
    may_warn: bool
    media_open: frozenset[ItemId]
    given: Given = field(default_factory=Given)
    refusal: str = ""
    exemptions: tuple[Exemption, ...] = tuple(Exemption)

    @property
    def proposal(self) -> DecisionRead | None:
        """The decision that waits for a second person."""
        waiting = (read for read in self.read.decisions if read.decision.state is DecisionState.PROPOSED)
        return next(waiting, None) if self.read.case.state is CaseState.AWAITS_SECOND else None

    @property
    def restricting(self) -> str:
        """The answers that need an assessment and a rule, as a form names them."""
        return " ".join(answer.act.value for answer in self.answers if answer.act is not Act.NO_ACTION)

    @staticmethod
    def points(shown: ItemRead) -> int:
        """What opening its media counts: the strain of the gravest entry it matches."""
        strains = [found.entry.given.strain for found in shown.matches if found.entry.given.strain]
        return max(strains, default=_STRAIN_UNKNOWN)

    @staticmethod
    def description(shown: ItemRead) -> str:
        """What a bank says of its look."""
        said = (found.entry.given.description for found in shown.matches if found.kind == "near-copy")
        return next((words for words in said if words), "")


def home(visit: Visit) -> Response:
    """To the first page that this person's role reads: the queue, for who decides."""
    return visit.go(visit.request.state.shell.rail[0].links[0].href)


def queue(visit: Visit) -> Response:
    """The queue: what next, and why."""
    person, now = visit.person, visit.house.clock.now()
    with visit.house.read() as conn:
        budget = charter.get(conn, "exposure.points_per_shift")
        found = cases_views.queue(conn, visit.house.vault, person, now, budget=budget)
        known = names(conn, visit.house.vault)
    wanted = next((name for name, _, _ in _TABS if name == visit.asked("tab")), "all")
    tabs = tuple(Tab(name, words, sum(map(fits, found.rows)), name == wanted) for name, words, fits in _TABS)
    rows = next(tuple(filter(fits, found.rows)) for name, _, fits in _TABS if name == wanted)
    chosen = next((row.case.id for row in rows if row.case.id == visit.asked("why")), rows[0].case.id if rows else None)
    return visit.page("queue.html", QueueView(found, rows, tabs, wanted, chosen, known, visit.may(P.CASES_CLAIM)))


def case(visit: Visit) -> Response:
    """One case."""
    return visit.page("case.html", view(visit, media_open=bool(visit.asked("media"))))


def view(visit: Visit, *, media_open: bool = False, given: Given | None = None, refusal: str = "") -> CaseView:
    """Everything on the case page, for a first look and for a form that came back."""
    house, person = visit.house, visit.person
    with house.read() as conn:
        read = actions_views.case_page(conn, house.vault, CaseId(visit.path("case")), person, house.clock.now())
        known = names(conn, house.vault)
        return CaseView(
            read=read,
            names=known,
            colleagues=colleagues(conn, known, person),
            answers=case_form.answers(read, capabilities(visit.request)),
            clauses=case_form.clauses(read.policies),
            statement_language=languages()[case_form.language_of(read)].name,
            undo_hold_s=charter.get(conn, "undo_hold_s"),
            pseudonym=staff.PEOPLE.load(conn, person).pseudonym,
            may_claim=visit.may(P.CASES_CLAIM),
            may_decide=visit.may(P.CASES_DECIDE),
            may_hand_over=visit.may(P.CASES_HAND_OVER, own=read.row.turn is Turn.YOU),
            may_history=visit.may(P.HISTORY_READ),
            may_note=visit.may(P.CASES_NOTE),
            may_open=visit.may(P.MEDIA_OPEN),
            may_seal=visit.may(P.CASES_SEAL),
            may_second=visit.may(P.CASES_SECOND),
            may_warn=visit.may(P.THREATS_SEND),
            media_open=_opened(conn, read, person, house.clock.now()) if media_open else frozenset(),
            given=given or Given(),
            refusal=refusal,
        )


def claim(visit: Visit) -> Response:
    """Take it, or prolong."""
    case_id = CaseId(visit.path("case"))
    visit.write(lambda tx: cases.claim(tx, case_id, visit.person, _lease(tx)))
    return visit.go(f"/console/cases/{case_id}", "claimed")


def give_back(visit: Visit) -> Response:
    """Free it for others."""
    case_id = CaseId(visit.path("case"))
    visit.write(lambda tx: cases.give_back(tx, case_id, visit.person))
    return visit.go("/console/queue", "given-back")


def skip(visit: Visit) -> Response:
    """Not by this person."""
    case_id, reason = CaseId(visit.path("case")), visit.form.text("reason")
    visit.write(lambda tx: cases.skip(tx, case_id, visit.person, reason, _lease(tx)))
    return visit.go("/console/queue", "skipped")


def hand_over(visit: Visit) -> Response:
    """To somebody else, or to whoever is next."""
    case_id, reason = CaseId(visit.path("case")), visit.form.text("reason")
    to = PersonId(visit.form.text("to")) if visit.form.text("to") else None
    flow.hand_over(visit.house, visit.who.actor, visit.person, case_id, to, reason)
    return visit.go("/console/queue", "handed-over")


def note(visit: Visit) -> Response:
    """Leave a note for colleagues."""
    case_id, words = CaseId(visit.path("case")), visit.form.needed("words")
    visit.write(lambda tx: cases.add_note(tx, case_id, visit.person, words))
    return visit.go(f"/console/cases/{case_id}", "noted")


def seal(visit: Visit) -> Response:
    """Suspected child abuse: out of every view at once."""
    case_id = CaseId(visit.path("case"))
    visit.write(lambda tx: cases.seal(tx, case_id, visit.person))
    return visit.go("/console/queue", "sealed")


def about_account(visit: Visit) -> Response:
    """Open a case about the account behind this one."""
    opened = flow.about_account(visit.house, visit.who.actor, CaseId(visit.path("case")), visit.person)
    return visit.go(f"/console/cases/{opened}")


def open_media(visit: Visit) -> Response:
    """Record that media is opened; only then it is sent."""
    case_id, item = CaseId(visit.path("case")), ItemId(visit.path("item"))
    with visit.house.read() as conn:
        points = CaseView.points(actions_views.item_read(conn, visit.house.vault, item))
    visit.write(lambda tx: cases.open_media(tx, case_id, item, visit.person, points))
    return visit.go(f"/console/cases/{case_id}", media="open")


def media(visit: Visit) -> Response:
    """One file of an item, to who opened it; never cached, never anything but a picture."""
    house, item, number = visit.house, ItemId(visit.path("item")), visit.path("number")
    with house.read() as conn:
        read = actions_views.case_page(conn, house.vault, CaseId(visit.path("case")), visit.person, house.clock.now())
        shown = next((each for each in read.items if each.item.id == item), None)
        opened = _opened(conn, read, visit.person, house.clock.now())
    files = [each for each in (shown.posted.media if shown and shown.posted else ()) if each.sealed]
    if item not in opened or not number.isdecimal() or int(number) >= len(files):
        raise NotFound("no-such-media", "open the media of this item first")
    kept = files[int(number)]
    plain = house.vault.open(kept.sealed.subject, house.blobs.get(kept.sealed.blob), "media") if kept.sealed else None
    if plain is None or kept.media_type not in _PICTURE_TYPES:
        raise NotFound("no-such-media", "this file is gone, or it is no picture")
    return Response(plain, media_type=kept.media_type, headers={"Cache-Control": "no-store"})


def _lease(tx: Tx) -> timedelta:
    return timedelta(minutes=charter.get(tx.conn, "case_lease_min"))


def _opened(conn: Connection, read: CasePage, person: PersonId, now: datetime) -> frozenset[ItemId]:
    """Items of this case whose media this person opened in this shift; a reload counts no second time."""
    return cases_store.opened_since(conn, read.case.id, person, now - cases_views.SHIFT)
