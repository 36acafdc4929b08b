"""What people were told about a decision, as they read it.

Owns: the handler that shows a statement to people of this node; the decision itself is in `decide`.
Promises: it is built by the same view and template as the page behind the private link, and shows no link.
Never does: let anybody change it.
"""

from starlette.responses import Response

from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.ids import DecisionId
from beffroi.notices import store as notices_store
from beffroi.notices import views as notices_views
from beffroi.orders import views as orders_views

from ..web.door import Visit
from ..web.languages import choose


def statement(visit: Visit) -> Response:
    """One statement of a decision, in the language in which the person reads it."""
    decision = DecisionId(visit.path("decision"))
    with visit.house.read() as conn:
        found = next((s for s in notices_store.of_decision(conn, decision) if s.id == visit.path("statement")), None)
        if found is None:
            raise NotFound("no-such-statement", "this decision has no such statement")
        read = orders_views.of_order(conn, notices_views.read(conn, visit.house.vault, found))
    return visit.page("statement.html", read, language=choose(visit.asked("lang") or None, found.language))
