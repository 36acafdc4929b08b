"""Which duties a node has that need certain people, and whether they can be met by those who are there.

Owns: `duties`, and what is missing for each.
Promises: where two persons are needed, nobody counts as both; people who were invited, are suspended or left do not
count; nobody is named but by pseudonym.
Never does: keep the rules themselves; the capabilities refuse whoever looks twice. Rosters (who is there when) are not
looked at.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations

from .model import Person, PersonState, Role
from .permissions import OF_ROLE, P, Permission


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that must be possible. Each of `needs` is held by a person of their own."""

    name: str
    needs: tuple[Permission, ...]
    says: str


_APPROVE_ALONE = Duty("approve-rule", (P.RULES_APPROVE,), "a rule acts only after a named person approved it")
_APPROVE_ANOTHERS = Duty(
    "approve-rule",
    (P.RULES_PROPOSE, P.RULES_APPROVE),
    "a rule acts only after somebody else than its proposer approved it",
)
_OTHERS = (
    Duty(
        "confirm-decision",
        (P.CASES_DECIDE, P.CASES_SECOND),
        "a suspension, and what a clause with four eyes forbids, is decided by one person and confirmed by another",
    ),
    Duty("promote-bank", (P.BANKS_PROMOTE,), "a bank observes until a named person lets it act"),
    Duty("publish-policy", (P.POLICIES_PUBLISH,), "decisions cite published terms (DSA Art 14)"),
    Duty("reverse-decision", (P.RESTRICTIONS_END,), "whoever was wronged gets their post back"),
    Duty(
        "keep-house", (P.PEOPLE_MANAGE, P.PEOPLE_MANAGE), "whoever loses telephone and codes is let in by a second one"
    ),
)


def duties(*, two_for_rules: bool = True) -> tuple[Duty, ...]:
    """All of them; `two_for_rules` is the charter's `four_eyes.standing_rule`."""
    return (*_OTHERS, _APPROVE_ANOTHERS if two_for_rules else _APPROVE_ALONE)


@dataclass(frozen=True, slots=True)
class Unmet:
    """A duty that cannot be met. `lacks` is the permission that nobody has, or nobody else."""

    duty: Duty
    lacks: Permission
    roles: tuple[Role, ...]
    """Any of which would do."""
    alone: tuple[str, ...] = ()
    """Pseudonyms of those who hold it, but of whom each is needed for another part of the same duty."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """A duty that is met, but not if this person begins it: nobody else could do the other part."""

    duty: Duty
    person: str


def unmet(duties: Iterable[Duty], people: Iterable[Person], *, demo: bool) -> Iterator[Unmet]:
    """The duties that those who are there cannot meet."""
    there = _there(people, demo=demo)
    for duty in duties:
        if not _is_met(duty, there):
            yield _lacking(duty, there)


def leanings(duties: Iterable[Duty], people: Iterable[Person], *, demo: bool) -> Iterator[Leaning]:
    """Who, in a duty for two that is met, has nobody to turn to."""
    there = _there(people, demo=demo)
    for duty in duties:
        if len(duty.needs) > 1 and _is_met(duty, there):
            first, second = duty.needs
            for person in _holders(first, there):
                if not any(other is not person for other in _holders(second, there)):
                    yield Leaning(duty, person.pseudonym)


def _there(people: Iterable[Person], *, demo: bool) -> tuple[Person, ...]:
    return tuple(p for p in people if p.state is PersonState.ACTIVE and (demo or not p.demo))


def _holders(permission: Permission, people: Iterable[Person]) -> list[Person]:
    return [p for p in people if any(permission in OF_ROLE[role] for role in p.roles)]


def _is_met(duty: Duty, people: tuple[Person, ...]) -> bool:
    able = [{p.id for p in _holders(need, people)} for need in duty.needs]
    chosen = permutations({person for some in able for person in some}, len(able))
    return any(all(person in some for person, some in zip(one, able, strict=True)) for one in chosen)


def _lacking(duty: Duty, people: tuple[Person, ...]) -> Unmet:
    """The first part that nobody holds; where each is held, the last one, by the only people there are."""
    held = {need: _holders(need, people) for need in duty.needs}
    lacks = next((need for need in duty.needs if not held[need]), duty.needs[-1])
    roles = tuple(role for role in Role if lacks in OF_ROLE[role])
    return Unmet(duty, lacks, roles, tuple(sorted(p.pseudonym for p in held[lacks])))
