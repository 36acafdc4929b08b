"""Policies: the published terms, and publishing a new version of them.

Owns: the handlers of the policy pages.
Promises: a version is compared with the one in force before it is published; what was published stays as it was.
Never does: check a policy; `decisions.policies` does.
"""

from dataclasses import dataclass, replace

from sqlalchemy import Connection
from starlette.responses import Response

from beffroi.decisions import policies as publishing
from beffroi.decisions import store
from beffroi.decisions.model import Policy
from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import PolicyId
from beffroi.ground.kernel.limits import NAME_CHARS_MAX
from beffroi.staff.permissions import Permission as P

from ..web.door import Visit
from . import policy_form
from .policy_form import SEVERITIES, Change, Written

_BLANK = 1


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """A policy in its newest version, and what that changed; empty for the first."""

    policy: Policy
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class PoliciesView:
    """All policies."""

    lines: tuple[PolicyLine, ...]
    may_publish: bool


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """A policy to be published. `in_force` is what it would follow; `changes` is None until they were asked for."""

    in_force: Policy | None
    name: str
    clauses: tuple[Written, ...]
    changes: tuple[Change, ...] | None = None
    refusal: str = ""
    severities: tuple[str, ...] = SEVERITIES

    @property
    def places(self) -> tuple[Written, ...]:
        """The clauses of the form, with room for more."""
        return (*self.clauses, *(Written() for _ in range(_BLANK)))


def policies(visit: Visit) -> Response:
    """The published terms."""
    with visit.house.read() as conn:
        lines = tuple(_line(conn, policy) for policy in store.all_policies(conn))
    return visit.page("console_policies.html", PoliciesView(lines, visit.may(P.POLICIES_PUBLISH)))


def policy_form_page(visit: Visit) -> Response:
    """A new policy, or a new version of one."""
    old = _in_force(visit, visit.asked("policy"))
    shown = PolicyForm(old, old.name if old else "", policy_form.written(old.clauses) if old else ())
    return visit.page("policy_form.html", shown)


def compare(visit: Visit) -> Response:
    """What the version in the form would change; nothing is published."""
    return visit.page("policy_form.html", _compared(visit, _shown(visit)))


def publish(visit: Visit) -> Response:
    """Publish it; from then on decisions can cite it."""
    shown = _shown(visit)
    policy = shown.in_force.id if shown.in_force else None
    try:
        clauses = policy_form.clauses(shown.clauses)
        _refuse_stale(shown, visit.form.text("follows"))
        visit.write(lambda tx: publishing.publish(tx, policy, shown.name, clauses, visit.person))
    except (Invalid, Conflict) as refusal:
        return visit.page("policy_form.html", replace(shown, refusal=refusal.message), status=refusal.status)
    return visit.go("/console/policies", "published")


def _shown(visit: Visit) -> PolicyForm:
    in_force = _in_force(visit, visit.form.text("policy"))
    return PolicyForm(in_force, visit.form.text("name", NAME_CHARS_MAX), policy_form.read(visit.form))


def _compared(visit: Visit, shown: PolicyForm) -> PolicyForm:
    before = shown.in_force.clauses if shown.in_force else ()
    try:
        return replace(shown, changes=policy_form.changes(before, policy_form.clauses(shown.clauses)))
    except Invalid as refusal:
        return replace(shown, refusal=refusal.message)


def _in_force(visit: Visit, policy: str) -> Policy | None:
    if not policy:
        return None
    with visit.house.read() as conn:
        return store.POLICIES.load(conn, PolicyId(policy))


def _refuse_stale(shown: PolicyForm, follows: str) -> None:
    """Nobody overwrites a version they have not read."""
    number = shown.in_force.number if shown.in_force else 0
    if follows != str(number):
        raise Conflict("stale-version", f"version {number} was published meanwhile; compare with it first")


def _line(conn: Connection, policy: Policy) -> PolicyLine:
    if policy.number == 1:
        return PolicyLine(policy, ())
    before = publishing.version(conn, policy.id, policy.number - 1)
    return PolicyLine(policy, policy_form.changes(before.clauses, policy.clauses))
