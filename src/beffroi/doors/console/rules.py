"""Standing rules: what may happen to an upload before a person has looked.

Owns: the handlers of the rules page.
Promises: a rule is proposed by one form and approved by another act; what every rule is bound to stands on the page.
Never does: check a rule; `decisions` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from starlette.responses import Response

from beffroi.decisions import service, store
from beffroi.decisions.model import RULE_ACTS, Act, RuleState, StandingRule
from beffroi.decisions.rules import RULE_LIFE_MAX, ProposeRule
from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import BankId, RuleId
from beffroi.ground.kernel.limits import NAME_CHARS_MAX
from beffroi.matching import store as matching
from beffroi.matching.model import Bank, Stage
from beffroi.parties import charter
from beffroi.staff.permissions import Permission as P

from ..web.door import Visit
from . import case_form
from .case_form import ClauseChoice
from .names import Names, names

_FIELDS = ("name", "bank", "act", "radius_bits", "rule", "expires_at", "hourly_cap")


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule with how often it acted in the last day. `may_approve`: whether who looks may answer for it."""

    rule: StandingRule
    bank: Bank | None
    firings_24h: int
    may_approve: bool


@dataclass(frozen=True, slots=True)
class RulesView:
    """All rules, and the form that proposes one."""

    lines: tuple[RuleLine, ...]
    banks: tuple[Bank, ...]
    clauses: tuple[ClauseChoice, ...]
    names: Names
    may_propose: bool
    may_end: bool
    refusal: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    """What was typed into the form that came back, by field."""
    days_max: int = RULE_LIFE_MAX.days
    hold_h_max: int = 24
    acts: tuple[Act, ...] = tuple(act for act in Act if act in RULE_ACTS)


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
        typed = {name: form.text(name, NAME_CHARS_MAX) for name in _FIELDS}
        return visit.page("rules.html", _view(visit, refusal.message, typed), status=refusal.status)
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


def _view(visit: Visit, refusal: str = "", given: Mapping[str, str] | None = None) -> RulesView:
    since = visit.house.clock.now() - timedelta(days=1)
    with visit.house.read() as conn:
        banks = {bank.id: bank for bank in matching.all_banks(conn)}
        four_eyes = bool(charter.get(conn, "four_eyes.standing_rule"))
        lines = tuple(
            RuleLine(
                rule,
                banks.get(rule.bank),
                store.firings_since(conn, rule.id, since),
                visit.may(P.RULES_APPROVE) and not (four_eyes and rule.proposed_by == visit.person),
            )
            for rule in sorted(store.all_rules(conn), key=lambda rule: rule.state is RuleState.ENDED)
        )
        return RulesView(
            lines=lines,
            banks=tuple(bank for bank in banks.values() if bank.stage is not Stage.DISABLED),
            clauses=case_form.clauses(store.all_policies(conn)),
            names=names(conn, visit.house.vault),
            may_propose=visit.may(P.RULES_PROPOSE),
            may_end=visit.may(P.RULES_APPROVE),
            refusal=refusal,
            given=given or {},
            hold_h_max=charter.get(conn, "hold_h_max"),
        )
