"""One item: everything that was posted, found, decided and done, with its places in the record.

Owns: the handler of the item page.
Promises: an item of a sealed case is unknown here too.
Never does: open media.
"""

from dataclasses import dataclass

from starlette.responses import Response

from beffroi.actions import views as actions_views
from beffroi.actions.views import ItemHistory
from beffroi.ground.kernel.ids import ItemId

from ..web.door import Visit
from .names import Names, names


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item with its history."""

    history: ItemHistory
    names: Names


def item(visit: Visit) -> Response:
    """One item."""
    with visit.house.read() as conn:
        found = actions_views.item_history(conn, visit.house.vault, ItemId(visit.path("item")))
        return visit.page("item.html", ItemView(found, names(conn, visit.house.vault)))
