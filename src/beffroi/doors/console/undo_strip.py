"""The strip with which the last decision can be taken back.

Owns: the cookie that names it, and what the strip shows.
Promises: it is shown to who decided, only while it can still be undone; the cookie holds an id and nothing else.
Never does: undo.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from beffroi.cases import store as cases_store
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import DecisionState
from beffroi.flow.decide import Decided
from beffroi.ground.kernel.ids import DecisionId, PersonId
from beffroi.parties import charter

from ..web.door import Visit
from ..web.naming import words_of
from ..web.shell import Undo

_COOKIE = "undo"


def leave(answer: Response, visit: Visit, done: Decided) -> Response:
    """Name the decision in the browser for as long as it can be undone."""
    if done.undo_s and done.decision.state is DecisionState.MADE:
        https = visit.house.settings.public_url.startswith("https")
        answer.set_cookie(
            _COOKIE, done.decision.id, max_age=done.undo_s, path="/console", secure=https, httponly=True, samesite="lax"
        )
    return answer


def take_away(answer: Response) -> Response:
    """It was used."""
    answer.delete_cookie(_COOKIE, path="/console")
    return answer


def decision_of(request: Request) -> DecisionId | None:
    """The decision that this browser may still take back."""
    named = request.cookies.get(_COOKIE)
    return DecisionId(named) if named else None


def strip(conn: Connection, request: Request, person: PersonId, now: datetime) -> Undo | None:
    """The strip for this person, if there is something to take back."""
    named = decision_of(request)
    decision = decisions_store.DECISIONS.get(conn, named) if named else None
    if decision is None or decision.decided_by != person or decision.state is not DecisionState.MADE:
        return None
    total_s = float(charter.get(conn, "undo_hold_s"))
    left_s = (decision.decided_at + timedelta(seconds=total_s) - now).total_seconds()
    if left_s <= 0:
        return None
    case = cases_store.CASES.get(conn, decision.case) if decision.case else None
    return Undo(
        href=f"/console/decisions/{decision.id}/undo",
        act=words_of(decision.act),
        case=case.ref if case else "",
        left_s=left_s,
        total_s=total_s,
    )
