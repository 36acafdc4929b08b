"""What the person concerned would read, before it is recorded.

Owns: the statement as it would be built from a decision that was not made.
Promises: it comes from the same template as the real one, so that the two cannot differ.
Never does: keep anything.
"""

from sqlalchemy import Connection
from starlette.responses import Response

from beffroi.actions.views import CasePage, DecisionRead
from beffroi.decisions import policies
from beffroi.decisions.model import Decision, DecisionState, GroundKind
from beffroi.decisions.rules import Decide
from beffroi.ground.kernel.ids import AccountId, DecisionId, StatementId
from beffroi.notices import views as notices_views
from beffroi.notices.model import Statement, StatementKind, StatementState
from beffroi.notices.views import StatementRead

from ..web.door import Visit
from ..web.languages import languages
from ..web.render import render
from .case_form import language_of

_NUMBER = "····-····-····"


def preview(visit: Visit, page: CasePage, command: Decide) -> Response:
    """The statement of `command`, in the language of the post."""
    with visit.house.read() as conn:
        read = _read(conn, visit, page, command)
    return render(visit.request, "statement.html", read, language=languages()[language_of(page)])


def _read(conn: Connection, visit: Visit, page: CasePage, command: Decide) -> StatementRead:
    decision = _decision(visit, command)
    clause = None
    if command.ground is not None and command.ground.kind is GroundKind.TERMS:
        clause = policies.clause_of(conn, command.ground)
    notes = {"exemption": command.exemption_sentence} if command.exemption_sentence else {}
    return notices_views.built(
        conn, visit.house.vault, _statement(visit, page, decision), DecisionRead(decision, clause, None, notes, ())
    )


def _decision(visit: Visit, command: Decide) -> Decision:
    return Decision(
        id=DecisionId(""),
        version=0,
        case=command.case,
        state=DecisionState.PROPOSED,
        act=command.act,
        items=command.items,
        account=command.account,
        ground=command.ground,
        exemption=command.exemption,
        territories=command.territories,
        until=command.until,
        decided_by=visit.person,
        rule=None,
        second=None,
        source=command.source,
        decided_at=visit.house.clock.now(),
    )


def _statement(visit: Visit, page: CasePage, decision: Decision) -> Statement:
    item = page.lead.item if page.lead and decision.account is None else None
    return Statement(
        id=StatementId(""),
        version=0,
        kind=StatementKind.RESTRICTED,
        code=_NUMBER,
        decision=decision.id,
        restriction=None,
        item=item.id if item else None,
        revision=item.revision if item else 0,
        account=decision.account or (item.account if item else AccountId("")),
        language=language_of(page),
        state=StatementState.ISSUED,
        issued_at=decision.decided_at,
        delivered_at=None,
    )
