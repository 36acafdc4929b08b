"""Standing rules and policies: what may happen before a person has looked, and the published terms.

Owns: the handlers of the rule and policy pages.
Promises: a rule is proposed by one form and approved by another act; a policy that was published stays as it was.
Never does: check either; `decisions` does.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from beffroi.decisions import policies as publishing
from beffroi.decisions import service, store
from beffroi.decisions.model import RULE_ACTS, Act, Clause, Policy, RuleState, StandingRule
from beffroi.decisions.rules import ProposeRule
from beffroi.ground.kernel import json as strict_json
from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import BankId, PolicyId, RuleId
from beffroi.ground.kernel.limits import FORM_BYTES_MAX, NAME_CHARS_MAX
from beffroi.matching import store as matching
from beffroi.matching.model import Bank, Stage
from beffroi.staff.permissions import Permission as P

from ..web.door import Visit
from . import case_form
from .case_form import ClauseChoice
from .names import Names, names


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule with how often it acted in the last day."""

    rule: StandingRule
    bank: Bank | None
    firings_24h: int


@dataclass(frozen=True, slots=True)
class RulesView:
    """All rules, and the form that proposes one."""

    lines: tuple[RuleLine, ...]
    banks: tuple[Bank, ...]
    clauses: tuple[ClauseChoice, ...]
    names: Names
    may_propose: bool
    may_approve: bool
    refusal: str = ""
    acts: tuple[Act, ...] = tuple(act for act in Act if act in RULE_ACTS)


@dataclass(frozen=True, slots=True)
class PoliciesView:
    """All policies in their newest version."""

    policies: tuple[Policy, ...]
    may_publish: bool


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """A policy to be published: its name and its clauses as JSON."""

    policy: PolicyId | None
    name: str
    clauses: str
    refusal: str = ""


def rules(visit: Visit) -> Response:
    """All standing rules."""
    return visit.page("rules.html", _view(visit))


def propose(visit: Visit) -> Response:
    """Propose a rule; a policy lead approves."""
    form = visit.form
    try:
        command = ProposeRule(
            name=form.needed("name", NAME_CHARS_MAX),
            bank=BankId(form.needed("bank")),
            act=form.one_of("act", Act),
            radius_bits=form.whole("radius_bits"),
            ground=case_form.ground(form.needed("rule")),
            starts_at=visit.house.clock.now(),
            expires_at=datetime.combine(form.day("expires_at"), time.max, UTC) - timedelta(seconds=1),
            hourly_cap=form.whole("hourly_cap"),
        )
        visit.write(lambda tx: service.propose_rule(tx, command, visit.person))
    except (Invalid, Conflict) as refusal:
        return visit.page("rules.html", _view(visit, refusal.message), status=refusal.status)
    return visit.go("/console/rules", "saved")


def approve(visit: Visit) -> Response:
    """Take responsibility for it, or let it go on after its cap."""
    rule = RuleId(visit.path("rule"))
    visit.write(lambda tx: service.approve_rule(tx, rule, visit.person))
    return visit.go("/console/rules", "promoted")


def end(visit: Visit) -> Response:
    """End it for good."""
    rule = RuleId(visit.path("rule"))
    visit.write(lambda tx: service.end_rule(tx, rule))
    return visit.go("/console/rules", "disabled")


def policies(visit: Visit) -> Response:
    """The published terms."""
    with visit.house.read() as conn:
        shown = PoliciesView(tuple(store.all_policies(conn)), visit.may(P.POLICIES_PUBLISH))
    return visit.page("console_policies.html", shown)


def policy_form(visit: Visit) -> Response:
    """A new policy, or a new version of one."""
    wanted = visit.asked("policy")
    with visit.house.read() as conn:
        old = store.POLICIES.load(conn, wanted) if wanted else None
    return visit.page("policy_form.html", PolicyForm(old.id if old else None, old.name if old else "", _written(old)))


def publish(visit: Visit) -> Response:
    """Publish it; from then on decisions can cite it."""
    form = visit.form
    policy = PolicyId(form.text("policy")) if form.text("policy") else None
    name, written = form.text("name", NAME_CHARS_MAX), form.text("clauses", FORM_BYTES_MAX)
    try:
        clauses = _clauses(written)
        visit.write(lambda tx: publishing.publish(tx, policy, name, clauses, visit.person))
    except Invalid as refusal:
        return visit.page("policy_form.html", PolicyForm(policy, name, written, refusal.message), status=422)
    return visit.go("/console/policies", "published")


_FIELDS = ("number", "title", "text", "legal_category", "severity", "four_eyes")
_CLAUSES = TypeAdapter(tuple[Clause, ...])


def _view(visit: Visit, refusal: str = "") -> RulesView:
    since = visit.house.clock.now() - timedelta(days=1)
    with visit.house.read() as conn:
        banks = {bank.id: bank for bank in matching.all_banks(conn)}
        lines = tuple(
            RuleLine(rule, banks.get(rule.bank), store.firings_since(conn, rule.id, since))
            for rule in sorted(store.all_rules(conn), key=lambda rule: rule.state is RuleState.ENDED)
        )
        return RulesView(
            lines=lines,
            banks=tuple(bank for bank in banks.values() if bank.stage is not Stage.DISABLED),
            clauses=case_form.clauses(store.all_policies(conn)),
            names=names(conn, visit.house.vault),
            may_propose=visit.may(P.RULES_PROPOSE),
            may_approve=visit.may(P.RULES_APPROVE),
            refusal=refusal,
        )


def _written(policy: Policy | None) -> str:
    clauses = [{name: getattr(clause, name) for name in _FIELDS} for clause in policy.clauses] if policy else []
    return json.dumps(clauses, ensure_ascii=False, indent=2)


def _clauses(written: str) -> tuple[Clause, ...]:
    """The clauses in a form.

    Raises:
        Invalid: not a list of clauses.

    """
    try:
        return _CLAUSES.validate_python(strict_json.parse(written.encode("utf-8", "replace")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Invalid("not-clauses", f"{place or 'clauses'}: {first['msg']}", where="clauses") from None
