"""What stands around every console page for one person.

Owns: the rail: what they may read, with what waits.
Promises: what somebody may not read is not in their rail; numbers are counted in one read.
Never does: authorise; every route does that again.
"""

from sqlalchemy import Connection

from beffroi.cases import store as cases_store
from beffroi.ground.storage import effects
from beffroi.ground.storage.effects import EffectState
from beffroi.staff import store as staff
from beffroi.staff.model import Role
from beffroi.staff.permissions import Permission as P
from beffroi.threats import store as threats_store

from ..web.door import Visit
from ..web.naming import words_of
from ..web.shell import Group, Link, Person, Shell
from ..web.words import N_
from . import undo_strip

_Row = tuple[P, str, str, str, str | None]
_RAIL: tuple[tuple[str, tuple[_Row, ...]], ...] = (
    (
        N_("Work"),
        (
            (P.CASES_READ, "/console/queue", "text", N_("Queue"), "go_queue"),
            (P.THREATS_READ, "/console/threats", "letter", N_("Warnings"), "go_warnings"),
            (P.HISTORY_READ, "/console/accounts", "account", N_("Accounts"), None),
        ),
    ),
    (
        N_("Rules"),
        (
            (P.BANKS_READ, "/console/banks", "bank", N_("Banks"), None),
            (P.RULES_READ, "/console/rules", "rule", N_("Standing rules"), None),
            (P.POLICIES_READ, "/console/policies", "policy", N_("Policies"), None),
            (P.CHARTER_READ, "/console/charter", "seal", N_("Charter"), None),
        ),
    ),
    (
        N_("Record"),
        (
            (P.DELIVERIES_READ, "/console/deliveries", "delivery", N_("Deliveries"), "go_deliveries"),
            (P.LEDGER_READ, "/console/ledger", "ledger", N_("Ledger"), None),
            (P.HEALTH_READ, "/console/health", "health", N_("Health"), "go_health"),
        ),
    ),
    (
        N_("House"),
        (
            (P.ORGANISATION_READ, "/console/organisation", "globe", N_("Organisation"), None),
            (P.PEOPLE_READ, "/console/people", "people", N_("People"), None),
            (P.API_KEYS_READ, "/console/keys", "key", N_("API keys"), None),
        ),
    ),
)
_FAILED_SHOWN_MAX = 100


def dress(visit: Visit) -> None:
    """Put the shell for this person around what will be rendered."""
    house = visit.house
    with house.read() as conn:
        person = staff.PEOPLE.load(conn, visit.person)
        known = staff.identities(conn, house.vault, [person.id]).get(person.id)
        undo = undo_strip.strip(conn, visit.request, person.id, house.clock.now())
        waiting = _waiting(conn, visit)
    standing = next((words_of(role) for role in reversed(Role) if role in person.roles), "")
    visit.request.state.shell = Shell(
        person=Person(known.name if known else person.pseudonym, standing),
        rail=_rail(visit, waiting),
        changes="/console/changes",
        undo=undo,
        can_find=visit.may(P.HISTORY_READ),
    )


def _waiting(conn: Connection, visit: Visit) -> dict[str, int]:
    """How much waits, by address of the rail."""
    counts = {}
    if visit.may(P.CASES_READ):
        counts["/console/queue"] = cases_store.count_open(conn)
    if visit.may(P.THREATS_READ):
        counts["/console/threats"] = len(threats_store.waiting(conn))
    if visit.may(P.DELIVERIES_READ):
        failed = effects.recent(conn, limit=_FAILED_SHOWN_MAX, state=EffectState.FAILED)
        counts["/console/deliveries"] = len(failed)
    if visit.may(P.HEALTH_READ):
        counts["/console/health"] = len(visit.house.watch.raised)
    return counts


def _rail(visit: Visit, waiting: dict[str, int]) -> tuple[Group, ...]:
    groups = []
    for words, rows in _RAIL:
        links = tuple(
            Link(href, glyph, name, waiting.get(href) or None, _is_at(visit.request.url.path, href), key)
            for permission, href, glyph, name, key in rows
            if visit.may(permission)
        )
        if links:
            groups.append(Group(words, links))
    return tuple(groups)


_OF_THE_QUEUE = tuple(f"/console/{part}/" for part in ("cases", "decisions"))


def _is_at(path: str, href: str) -> bool:
    """Whether the page belongs to this line of the rail."""
    if href == "/console/queue" and path.startswith(_OF_THE_QUEUE):
        return True
    if href == "/console/accounts" and path.startswith("/console/items/"):
        return True
    return path == href or path.startswith(f"{href}/")
