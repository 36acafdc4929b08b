"""Deciding: the form of the case, its preview, the second pair of eyes, undo and reversal.

Owns: the handlers that end in a decision.
Promises: what is refused comes back into the form with everything that was written; a decision leaves a strip with
the seconds in which it can be taken back.
Never does: check a decision; `decisions.rules` does.
"""

from dataclasses import dataclass

from starlette.responses import Response

from beffroi.actions import views as actions_views
from beffroi.actions.views import DecisionRead
from beffroi.cases import store as cases_store
from beffroi.cases.model import Case
from beffroi.decisions.model import DecisionState, Source
from beffroi.flow import decide as flow
from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import DecisionId
from beffroi.notices import store as notices_store
from beffroi.notices.model import Statement
from beffroi.staff.permissions import Permission as P

from ..web.door import Visit
from . import case_form, undo_strip
from .cases import CaseView, view
from .names import Names, names
from .preview import preview as statement_of


@dataclass(frozen=True, slots=True)
class DecisionView:
    """The decision page."""

    read: DecisionRead
    case: Case | None
    statements: tuple[Statement, ...]
    names: Names
    may_reverse: bool
    may_undo: bool


def decide(visit: Visit) -> Response:
    """Record the decision, or show the form again with what stands in the way."""
    shown = view(visit, given=case_form.given(visit.form))
    try:
        wanted = case_form.command(shown.read, shown.given, visit.form.all("seen"))
        done = flow.decide(visit.house, visit.who.actor, visit.person, wanted)
    except (Invalid, Conflict) as refusal:
        again = view(visit, given=shown.given, refusal=refusal.message)
        return visit.page("case.html", again, status=refusal.status)
    answer = visit.go("/console/queue", "decided" if done.decision.state is DecisionState.MADE else "second-asked")
    return undo_strip.leave(answer, visit, done)


def preview(visit: Visit) -> Response:
    """What the person concerned would read, built from what stands in the form."""
    shown: CaseView = view(visit, given=case_form.given(visit.form))
    wanted = case_form.command(shown.read, shown.given, visit.form.all("seen"))
    return statement_of(visit, shown.read, wanted)


def second(visit: Visit, *, agrees: bool) -> Response:
    """The second pair of eyes says yes or no."""
    decision = DecisionId(visit.path("decision"))
    flow.second(visit.house, visit.who.actor, visit.person, decision, agrees=agrees)
    return visit.go(f"/console/decisions/{decision}", "decided")


def agree(visit: Visit) -> Response:
    """Yes."""
    return second(visit, agrees=True)


def decline(visit: Visit) -> Response:
    """No."""
    return second(visit, agrees=False)


def undo(visit: Visit) -> Response:
    """Take it back before it is carried out."""
    undone = flow.undo(visit.house, visit.who.actor, visit.person, DecisionId(visit.path("decision")))
    return undo_strip.take_away(visit.go(f"/console/cases/{undone.case}" if undone.case else "/console", "undone"))


def reverse(visit: Visit) -> Response:
    """It was wrong: what it caused ends, and the person is told."""
    decision = DecisionId(visit.path("decision"))
    visit.own(P.RESTRICTIONS_END, _is_own(visit, decision))
    in_record = flow.reverse(visit.house, visit.who.actor, visit.person, decision, visit.form.needed("reason"))
    return visit.go(f"/console/decisions/{decision}", "reversed" if in_record else "spooled")


def decision(visit: Visit) -> Response:
    """One decision, with what it led to and who was told."""
    decision_id, house = DecisionId(visit.path("decision")), visit.house
    with house.read() as conn:
        read = actions_views.decision(conn, house.vault, decision_id)
        of_case = read.decision.case
        shown = DecisionView(
            read=read,
            case=cases_store.CASES.load(conn, of_case) if of_case else None,
            statements=tuple(notices_store.of_decision(conn, decision_id)),
            names=names(conn, house.vault),
            may_reverse=_stands(read) and visit.may(P.RESTRICTIONS_END, own=read.decision.decided_by == visit.who.id),
            may_undo=undo_strip.decision_of(visit.request) == decision_id,
        )
    return visit.page("decision.html", shown)


def _stands(read: DecisionRead) -> bool:
    """Whether somebody here can end it; what an order caused ends with the order."""
    one = read.decision
    return one.state is DecisionState.MADE and one.restricts and one.source is not Source.ORDER


def _is_own(visit: Visit, decision_id: DecisionId) -> bool:
    with visit.house.read() as conn:
        read = actions_views.decision(conn, visit.house.vault, decision_id)
    return read.decision.decided_by == visit.who.id
