"""Accounts: those that were decided about, one account's history, and finding anything by what people call it.

Owns: the handlers of the account pages and of the finder.
Promises: a search is by what stands in the record, never by content; deciding about an account is a case of its own.
Never does: judge an account by its numbers.
"""

from dataclasses import dataclass

from starlette.responses import Response

from beffroi.actions import views as actions_views
from beffroi.actions.views import AccountLine, AccountRead
from beffroi.cases import rules as cases_rules
from beffroi.cases import store as cases_store
from beffroi.cases.model import Case
from beffroi.content import store as content
from beffroi.flow import decide as flow
from beffroi.ground.kernel.ids import AccountId
from beffroi.ground.kernel.limits import URL_CHARS_MAX
from beffroi.staff.permissions import Permission as P

from ..web.door import Visit
from .names import Names, names

_DECISIONS_READ = 200
_PREFIXES = {"cas_": "cases", "dec_": "decisions", "itm_": "items", "acc_": "accounts", "bnk_": "banks"}


@dataclass(frozen=True, slots=True)
class AccountsView:
    """Accounts of the newest decisions."""

    lines: tuple[AccountLine, ...]


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account with its history, and its own cases."""

    read: AccountRead
    cases: tuple[Case, ...]
    names: Names
    may_open: bool

    @property
    def open_case(self) -> Case | None:
        """The case about it that waits."""
        return next((case for case in self.cases if case.state in cases_rules.OPEN), None)


@dataclass(frozen=True, slots=True)
class FoundNothing:
    """What was looked for."""

    query: str


def accounts(visit: Visit) -> Response:
    """Accounts that were decided about, the newest decision first."""
    with visit.house.read() as conn:
        lines = actions_views.accounts_decided(conn, visit.house.vault, _DECISIONS_READ)
    return visit.page("accounts.html", AccountsView(lines))


def account(visit: Visit) -> Response:
    """One account."""
    account_id = AccountId(visit.path("account"))
    with visit.house.read() as conn:
        shown = AccountView(
            read=actions_views.account_read(conn, visit.house.vault, account_id),
            cases=tuple(cases_store.of_account(conn, account_id)),
            names=names(conn, visit.house.vault),
            may_open=visit.may(P.CASES_DECIDE),
        )
    return visit.page("account.html", shown)


def open_case(visit: Visit) -> Response:
    """Open a case about this account, or go to the open one; it is claimed there like any other."""
    opened = flow.about_known_account(visit.house, visit.who.actor, AccountId(visit.path("account")))
    return visit.go(f"/console/cases/{opened}")


def find(visit: Visit) -> Response:
    """By case reference, id, the platform's own id, or address; goes straight there."""
    query = visit.asked("q").strip()[:URL_CHARS_MAX]
    place = _place(visit, query) if query else None
    return visit.go(place) if place else visit.page("found_nothing.html", FoundNothing(query), status=404)


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
