"""Which duties the people who are there can meet."""

from datetime import UTC, datetime

import pytest

from beffroi.ground.kernel.ids import PersonId
from beffroi.staff.duties import duties, leanings, unmet
from beffroi.staff.model import Person, PersonState, Role
from beffroi.staff.permissions import OF_ROLE, Permission

DUTIES = duties()
AT = datetime(2026, 6, 1, tzinfo=UTC)
M, S, L, A, O = Role  # noqa: E741  the letters of the table of permissions


def person(name: str, *roles: Role, state: PersonState = PersonState.ACTIVE, demo: bool = False) -> Person:
    return Person(PersonId(f"prs_{name}"), 1, name, frozenset(roles), state, demo, None, AT, AT)


NAMES = {"mara": M, "sena": S, "tore": S, "lea": L, "liv": L, "ada": A, "abe": A}
WHOLE = [person(name, role) for name, role in NAMES.items()]


def names(people: list[Person], *, demo: bool = False) -> list[str]:
    return [missing.duty.name for missing in unmet(DUTIES, people, demo=demo)]


def test_a_whole_house_meets_every_duty() -> None:
    assert names(WHOLE) == []
    assert list(leanings(DUTIES, WHOLE, demo=False)) == []


def test_nobody_at_all_meets_none() -> None:
    assert names([]) == [duty.name for duty in DUTIES]


def test_one_person_is_not_two() -> None:
    [missing] = unmet(DUTIES, [p for p in WHOLE if p.pseudonym in {"sena", "lea", "ada", "abe"}], demo=False)
    assert (missing.duty.name, missing.lacks, missing.alone) == ("confirm-decision", Permission.CASES_SECOND, ("sena",))
    assert missing.roles == (S,)


def test_two_moderators_cannot_confirm_each_other() -> None:
    [missing] = unmet(
        DUTIES, [p for p in WHOLE if p.pseudonym not in {"sena", "tore"}] + [person("max", M)], demo=False
    )
    assert (missing.duty.name, missing.lacks, missing.alone) == ("confirm-decision", Permission.CASES_SECOND, ())


def test_who_has_nobody_to_turn_to_is_named() -> None:
    told = list(leanings(DUTIES, [p for p in WHOLE if p.pseudonym != "tore"], demo=False))
    assert [(leaning.duty.name, leaning.person) for leaning in told] == [("confirm-decision", "sena")]


@pytest.mark.parametrize("state", [PersonState.INVITED, PersonState.SUSPENDED, PersonState.LEFT])
def test_who_is_not_there_does_not_count(state: PersonState) -> None:
    assert names([*WHOLE[:-1], person("abe", A, state=state)]) == ["keep-house"]


def test_sample_people_count_in_the_demo_alone() -> None:
    sample = [person(p.pseudonym, *p.roles, demo=True) for p in WHOLE]
    assert names(sample, demo=True) == []
    assert len(names(sample)) == len(DUTIES)


def test_every_need_is_held_by_some_role() -> None:
    for duty in DUTIES:
        for need in duty.needs:
            assert any(need in held for held in OF_ROLE.values()), need


def test_a_node_of_one_policy_lead_approves_what_seniors_propose_and_alone_only_by_charter() -> None:
    lead = [person("lea", L)]
    assert "approve-rule" in [missing.duty.name for missing in unmet(DUTIES, lead, demo=False)]
    alone = duties(two_for_rules=False)
    assert "approve-rule" not in [missing.duty.name for missing in unmet(alone, lead, demo=False)]
    assert "approve-rule" not in [
        missing.duty.name for missing in unmet(DUTIES, [*lead, person("sena", S)], demo=False)
    ]
