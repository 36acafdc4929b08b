"""All that happened to one item or one account, and finding either.

Owns: the history pages and the finder.
Promises: an item of a sealed case is unknown here too; a search is by what stands in the record, never by content.
Never does: open media.
"""

from dataclasses import dataclass

from starlette.responses import Response

from beffroi.actions import views as actions_views
from beffroi.actions.views import AccountRead, ItemHistory
from beffroi.cases import store as cases_store
from beffroi.content import store as content
from beffroi.ground.kernel.ids import AccountId, ItemId
from beffroi.ground.kernel.limits import URL_CHARS_MAX

from ..web.door import Visit
from .names import Names, names


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item with its history."""

    history: ItemHistory
    names: Names


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account with its history."""

    read: AccountRead
    names: Names


@dataclass(frozen=True, slots=True)
class FoundNothing:
    """What was looked for."""

    query: str


def item(visit: Visit) -> Response:
    """One item."""
    with visit.house.read() as conn:
        found = actions_views.item_history(conn, visit.house.vault, ItemId(visit.path("item")))
        return visit.page("item.html", ItemView(found, names(conn, visit.house.vault)))


def account(visit: Visit) -> Response:
    """One account."""
    with visit.house.read() as conn:
        found = actions_views.account_read(conn, visit.house.vault, AccountId(visit.path("account")))
        return visit.page("account.html", AccountView(found, names(conn, visit.house.vault)))


def find(visit: Visit) -> Response:
    """By case reference, id, the platform's own id, or address; goes straight there."""
    query = visit.asked("q").strip()[:URL_CHARS_MAX]
    place = _place(visit, query) if query else None
    return visit.go(place) if place else visit.page("found_nothing.html", FoundNothing(query), status=404)


_PREFIXES = {"cas_": "cases", "dec_": "decisions", "itm_": "items", "acc_": "accounts", "bnk_": "banks"}


def _place(visit: Visit, query: str) -> str | None:
    if query[:4] in _PREFIXES and query.replace("_", "").isalnum():
        return f"/console/{_PREFIXES[query[:4]]}/{query}"
    with visit.house.read() as conn:
        case = cases_store.by_ref(conn, query.upper())
        if case is not None:
            return f"/console/cases/{case.id}"
        item = content.item_by_platform_id(conn, query) or content.item_by_url(conn, query)
        if item is not None:
            return f"/console/items/{item.id}"
        account = content.account_by_platform_id(conn, query.removeprefix("@"))
    return f"/console/accounts/{account.id}" if account is not None else None
