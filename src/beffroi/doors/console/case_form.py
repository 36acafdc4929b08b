"""The form of a decision: what is offered, what was filled in, and the command it becomes.

Owns: the equal answers in their order, the choice of clauses, and the reading of the form.
Promises: the order of the answers never changes and none is chosen beforehand; what the platform cannot do is shown
with its reason, not hidden.
Never does: check what a decision needs; `decisions.rules` does, and what it refuses comes back into the form.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import TypeVar

from beffroi.actions.views import CasePage
from beffroi.cases.model import CaseKind
from beffroi.decisions.model import (
    ACCOUNT_ACTS,
    Act,
    Exemption,
    Ground,
    GroundKind,
    ItemRevision,
    Policy,
    Source,
)
from beffroi.decisions.rules import Decide
from beffroi.doors.platforms import Capability
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.ids import ItemId, PolicyId
from beffroi.ground.kernel.limits import EXEMPTION_CHARS_MAX

from ..web.forms import Form
from ..web.languages import SOURCE, languages
from ..web.words import N_

_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the equal answers. `record` repeats the decision on the button; `reason` says why it is not offered."""

    act: Act
    words: str
    extra: str
    record: str
    reason: str = ""


_CANNOT = N_("This platform cannot do it.")
_NOTHING = N_("Nothing was found at the address that was given.")
_ITEM_ANSWERS = (
    Answer(Act.NO_ACTION, N_("No action"), N_("Stays up. The match is told it was wrong."), N_("Record: no action")),
    Answer(
        Act.REMOVE,
        N_("Remove"),
        N_("Nobody sees it. A copy waits for a way back."),
        N_("Record: remove under %(rule)s"),
    ),
    Answer(
        Act.RESTRICT_TERRITORIES,
        N_("By territory"),
        N_("Hidden where a law asks."),
        N_("Record: hide by territory under %(rule)s"),
    ),
    Answer(Act.LABEL, N_("Label"), N_("Stays up with a notice."), N_("Record: label under %(rule)s")),
)
_ACCOUNT_ANSWERS = (
    Answer(Act.NO_ACTION, N_("No action"), N_("The account goes on as before."), N_("Record: no action")),
    Answer(
        Act.WARN_ACCOUNT,
        N_("Warn"),
        N_("The person reads what was wrong. Nothing else happens."),
        N_("Record: warn under %(rule)s"),
    ),
    Answer(
        Act.SUSPEND_ACCOUNT,
        N_("Suspend"),
        N_("Nothing new can be posted. A second person confirms."),
        N_("Record: suspend under %(rule)s"),
    ),
)
_NEEDS = {
    Act.REMOVE: Capability.REMOVE,
    Act.RESTRICT_TERRITORIES: Capability.RESTRICT_TERRITORIES,
    Act.LABEL: Capability.LABEL,
    Act.WARN_ACCOUNT: Capability.WARN,
    Act.SUSPEND_ACCOUNT: Capability.SUSPEND,
}


@dataclass(frozen=True, slots=True)
class ClauseChoice:
    """A clause that can be cited. `key` is its value in the form."""

    key: str
    policy: str
    version: int
    number: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    four_eyes: bool


@dataclass(frozen=True, slots=True)
class Given:
    """What stands in the form; strings, as they were written."""

    act: str = ""
    exemption: str = ""
    exemption_sentence: str = ""
    rule: str = ""
    territories: str = ""
    until: str = ""


def answers(page: CasePage, capabilities: frozenset[Capability]) -> tuple[Answer, ...]:
    """The answers for this case, in the order that is kept for ever."""
    if page.case.kind is CaseKind.ACCOUNT:
        return tuple(_with_reason(each, capabilities) for each in _ACCOUNT_ANSWERS)
    if not page.items:
        return tuple(each if each.act is Act.NO_ACTION else replace(each, reason=_NOTHING) for each in _ITEM_ANSWERS)
    return tuple(_with_reason(each, capabilities) for each in _ITEM_ANSWERS)


def clauses(policies: Iterable[Policy]) -> tuple[ClauseChoice, ...]:
    """Every clause of the newest version of every policy."""
    return tuple(
        ClauseChoice(
            key=f"{policy.id}:{policy.number}:{clause.number}",
            policy=policy.name,
            version=policy.number,
            number=clause.number,
            title=clause.title,
            text=clause.text,
            four_eyes=clause.four_eyes,
        )
        for policy in policies
        for clause in policy.clauses
    )


def given(form: Form) -> Given:
    """What was filled in."""
    return Given(
        act=form.text("act"),
        exemption=form.text("exemption"),
        exemption_sentence=form.text("exemption_sentence", EXEMPTION_CHARS_MAX),
        rule=form.text("rule"),
        territories=form.text("territories"),
        until=form.text("until"),
    )


def command(page: CasePage, filled: Given, seen: Iterable[str]) -> Decide:
    """The command that the form means.

    Raises:
        Invalid: a value that no form of ours has.

    """
    act = _one_of(Act, filled.act, "act")
    restricts = act is not Act.NO_ACTION
    account = page.account.account if page.account and page.case.kind is CaseKind.ACCOUNT else None
    return Decide(
        case=page.case.id,
        act=act,
        items=() if act in ACCOUNT_ACTS else tuple(_revision(each) for each in seen),
        account=account,
        ground=ground(filled.rule) if restricts and filled.rule else None,
        exemption=_one_of(Exemption, filled.exemption, "exemption") if restricts and filled.exemption else None,
        exemption_sentence=filled.exemption_sentence if restricts else "",
        territories=_territories(filled.territories) if act is Act.RESTRICT_TERRITORIES else (),
        until=_end_of(filled.until) if act is Act.SUSPEND_ACCOUNT and filled.until else None,
        source=_source(page),
    )


def language_of(page: CasePage) -> str:
    """The language in which the person concerned will be told: that of the post, if it is one of ours."""
    item = page.lead.item if page.lead else None
    wanted = (item.language if item else None) or SOURCE
    return next((tag for tag in (wanted, wanted.partition("-")[0]) if tag in languages()), SOURCE)


def _with_reason(answer: Answer, capabilities: frozenset[Capability]) -> Answer:
    needed = _NEEDS.get(answer.act)
    if needed is None or needed in capabilities:
        return answer
    return replace(answer, reason=_CANNOT)


def _source(page: CasePage) -> Source:
    if any(item.matches for item in page.items):
        return Source.OWN_SCREENING
    return Source.NOTICE if page.case.notices else Source.OWN_INITIATIVE


def _one_of(kind: type[_Choice], value: str, where: str) -> _Choice:
    try:
        return kind(value)
    except ValueError:
        raise Invalid("no-such-choice", f"choose {where} from the list", where=where) from None


def _revision(written: str) -> ItemRevision:
    item, _, revision = written.partition(":")
    if not revision.isdecimal():
        raise Invalid("not-a-revision", "the form is damaged; open the case again", where="seen")
    return ItemRevision(ItemId(item), int(revision))


def ground(written: str) -> Ground:
    """The clause that a form names.

    Raises:
        Invalid: no form of ours says that.

    """
    policy, _, rest = written.partition(":")
    number, _, clause = rest.partition(":")
    if not number.isdecimal() or not clause:
        raise Invalid("no-such-rule", "choose a rule from the list", where="rule")
    return Ground(GroundKind.TERMS, PolicyId(policy), int(number), clause)


def _territories(written: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(written.upper().replace(",", " ").split()))


def _end_of(day: str) -> datetime:
    try:
        return datetime.combine(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).date(), time.max, UTC)
    except ValueError:
        raise Invalid("not-a-day", "the day has the form 2026-12-31", where="until") from None
