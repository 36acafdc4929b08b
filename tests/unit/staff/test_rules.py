"""The life of a person here, and of a key."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Conflict, Invalid, NotAllowed, Refusal, Unauthenticated
from beffroi.ground.kernel.ids import KeyId, PersonId
from beffroi.staff import rules
from beffroi.staff.model import Identity, LinkKind, Person, PersonState, Role
from beffroi.staff.permissions import Permission

NOW = FakeClock().now()
PLACES = st.integers(0, 3)


def person(name: str, *roles: Role, state: PersonState = PersonState.ACTIVE, demo: bool = False) -> Person:
    held = frozenset(roles or (Role.MODERATOR,))
    return Person(PersonId(f"prs_{name}"), 1, "M-31", held, state, demo, None, NOW, NOW)


MARA = person("mara")
ADA = person("ada", Role.ADMINISTRATOR)
BEN = person("ben", Role.ADMINISTRATOR)


def refusal(code: str, of: type[Refusal]) -> "pytest.RaisesExc[Refusal]":
    return pytest.raises(of, check=lambda error: error.code == code)


def fold(start: Person | None, *events: rules.PersonEvent) -> Person:
    state = start
    for event in events:
        state = rules.apply_person(state, event)
    assert state is not None
    return state


def test_invited_then_active() -> None:
    events = rules.invite(PersonId("prs_new"), "M-77", [Role.MODERATOR], ADA, NOW)
    invited = fold(None, *events)
    assert (invited.state, invited.invited_by, invited.joined_at) == (PersonState.INVITED, ADA.id, None)
    joined = fold(invited, *rules.join(invited, NOW))
    assert (joined.state, joined.joined_at) == (PersonState.ACTIVE, NOW)
    with refusal("not-invited", Conflict):
        rules.join(joined, NOW)


@pytest.mark.parametrize(
    "by",
    [
        MARA,
        person("gone", Role.ADMINISTRATOR, state=PersonState.LEFT),
        person("held", Role.ADMINISTRATOR, state=PersonState.SUSPENDED),
        person("eye", Role.OVERSEER),
    ],
)
def test_only_an_active_administrator_does_it(by: Person) -> None:
    commands = (
        lambda: rules.invite(PersonId("prs_new"), "M-77", [Role.MODERATOR], by, NOW),
        lambda: rules.grant(MARA, [Role.POLICY_LEAD], by, 2),
        lambda: rules.suspend(MARA, by, 2),
        lambda: rules.lift(replace(MARA, state=PersonState.SUSPENDED), by),
        lambda: rules.leave(MARA, by, 2),
        lambda: rules.link_kind(MARA, by),
        lambda: rules.issue(KeyId("key_x"), [Permission.SCREENING_ASK], by, NOW, NOW + timedelta(days=1)),
    )
    for command in commands:
        with refusal("administrators-only", NotAllowed):
            command()


def test_nobody_does_it_to_themselves() -> None:
    commands = (
        lambda: rules.grant(ADA, [*Role][:4], ADA, 2),
        lambda: rules.suspend(ADA, ADA, 2),
        lambda: rules.leave(ADA, ADA, 2),
        lambda: rules.link_kind(ADA, ADA),
    )
    for command in commands:
        with refusal("not-to-yourself", NotAllowed):
            command()


def test_the_last_administrator_stays() -> None:
    commands = (
        lambda by, left: rules.grant(ADA, [Role.MODERATOR], by, left),
        lambda by, left: rules.suspend(ADA, by, left),
        lambda by, left: rules.leave(ADA, by, left),
    )
    for command in commands:
        assert command(BEN, 2)
        assert command(None, 2)
        with refusal("last-administrator", Conflict):
            command(None, 1)


def test_somebody_else_may_go_while_one_administrator_is_left() -> None:
    assert rules.suspend(MARA, ADA, 1)
    assert rules.leave(MARA, ADA, 1)
    assert rules.grant(ADA, [Role.ADMINISTRATOR, Role.MODERATOR], None, 1)


def test_roles() -> None:
    granted = fold(MARA, *rules.grant(MARA, [Role.SENIOR_MODERATOR, Role.POLICY_LEAD], ADA, 1))
    assert granted.roles == {Role.SENIOR_MODERATOR, Role.POLICY_LEAD}
    assert rules.grant(MARA, [Role.MODERATOR], ADA, 1) == ()
    with refusal("no-role", Invalid):
        rules.grant(MARA, [], ADA, 1)
    with refusal("overseer-stands-alone", Invalid):
        rules.grant(MARA, [Role.OVERSEER, Role.MODERATOR], ADA, 1)
    assert rules.grant(MARA, [Role.OVERSEER], ADA, 1)


def test_suspended_lifted_left() -> None:
    suspended = fold(MARA, *rules.suspend(MARA, ADA, 1))
    assert suspended.state is PersonState.SUSPENDED
    with refusal("not-active", Conflict):
        rules.suspend(suspended, ADA, 1)
    assert fold(suspended, *rules.lift(suspended, ADA)).state is PersonState.ACTIVE
    with refusal("not-suspended", Conflict):
        rules.lift(MARA, ADA)
    gone = fold(suspended, *rules.leave(suspended, ADA, 1))
    assert gone.state is PersonState.LEFT
    for command in (lambda: rules.leave(gone, ADA, 1), lambda: rules.grant(gone, [Role.POLICY_LEAD], ADA, 1)):
        with refusal("person-left", Conflict):
            command()


def test_what_a_link_would_do() -> None:
    assert rules.link_kind(replace(MARA, state=PersonState.INVITED), ADA) is LinkKind.INVITATION
    assert rules.link_kind(MARA, ADA) is LinkKind.RESET
    assert rules.link_kind(MARA, None) is LinkKind.RESET
    for state in (PersonState.SUSPENDED, PersonState.LEFT):
        with refusal("not-active", Conflict):
            rules.link_kind(replace(MARA, state=state), ADA)


@pytest.mark.parametrize("state", [s for s in PersonState if s is not PersonState.ACTIVE])
def test_only_the_active_sign_in(state: PersonState) -> None:
    assert rules.check_signs_in(MARA, demo_allowed=False) is MARA
    for somebody in (replace(MARA, state=state), None):
        with refusal("sign-in-failed", Unauthenticated):
            rules.check_signs_in(somebody, demo_allowed=True)


def test_sample_people_sign_in_to_the_demo_only() -> None:
    sample = person("noor", demo=True)
    assert rules.check_signs_in(sample, demo_allowed=True) is sample
    with refusal("demo-person", NotAllowed):
        rules.check_signs_in(sample, demo_allowed=False)


@pytest.mark.parametrize(
    ("name", "email", "code"),
    [
        ("", "mara@node.example", "no-name"),
        ("  ", "mara@node.example", "no-name"),
        ("m" * 501, "mara@node.example", "no-name"),
        ("Mara", "mara", "no-email"),
        ("Mara", "ma ra@node.example", "no-email"),
        ("Mara", "@node.example", "no-email"),
        ("Mara", "m" * 320 + "@node.example", "no-email"),
    ],
)
def test_who_cannot_be_called_or_reached(name: str, email: str, code: str) -> None:
    with refusal(code, Invalid):
        rules.check_identity(Identity(name, email, ""))
    rules.check_identity(Identity("m" * 500, "mara@node.example", ""))


def test_a_key_is_issued_for_a_while() -> None:
    scopes = [Permission.SCREENING_ASK, Permission.MEDIA_UPLOAD]
    until = NOW + timedelta(days=730)
    (issued,) = rules.issue(KeyId("key_x"), scopes, ADA, NOW, until)
    key = rules.apply_key(None, issued)
    assert key.scopes == ("media:upload", "screening:ask")
    assert key.is_live(NOW)
    assert not key.is_live(until)
    (revoked,) = rules.revoke(key, "by_hand", NOW)
    dead = rules.apply_key(key, revoked)
    assert not dead.is_live(NOW)
    assert rules.revoke(dead, "by_hand", NOW) == ()


@pytest.mark.parametrize(
    ("scopes", "days", "code"),
    [
        ([], 1, "scope-not-for-keys"),
        (["cases:decide"], 1, "scope-not-for-keys"),
        (["screening:ask", "no:such"], 1, "scope-not-for-keys"),
        (["screening:ask"], 0, "bad-expiry"),
        (["screening:ask"], -1, "bad-expiry"),
        (["screening:ask"], 731, "bad-expiry"),
    ],
)
def test_keys_that_are_not_issued(scopes: list[str], days: int, code: str) -> None:
    with refusal(code, Invalid):
        rules.issue(KeyId("key_x"), scopes, ADA, NOW, NOW + timedelta(days=days))


def test_events_out_of_order_are_refused() -> None:
    (granted,) = rules.grant(MARA, [Role.POLICY_LEAD], ADA, 1)
    with refusal("never-invited", Conflict):
        rules.apply_person(None, granted)
    issued = rules.issue(KeyId("key_x"), ["screening:ask"], ADA, NOW, NOW + timedelta(days=1))
    (revoked,) = rules.revoke(rules.apply_key(None, *issued), "by_hand", NOW)
    with refusal("never-issued", Conflict):
        rules.apply_key(None, revoked)


class Staffing(RuleBasedStateMachine):
    """Whatever people do to each other, in any order: the node stays in lawful hands."""

    def __init__(self) -> None:
        super().__init__()
        self.people = {one.id: one for one in (ADA, BEN, MARA, person("noor", Role.OVERSEER))}
        self.gone: set[PersonId] = set()

    def administrators(self) -> int:
        return sum(one.is_administrator for one in self.people.values())

    def attempt(self, whom: Person, command: Callable[[], tuple[rules.PersonEvent, ...]], by: Person | None) -> None:
        before = self.people[whom.id]
        try:
            events = command()
        except Refusal:
            return
        assert by is None or (by.is_administrator and by.id != whom.id)
        self.people[whom.id] = fold(before, *events)
        if self.people[whom.id].state is PersonState.LEFT:
            self.gone.add(whom.id)

    def pick(self, place: int) -> Person:
        return list(self.people.values())[place]

    def by(self, place: int) -> Person | None:
        return None if place == 4 else self.pick(place)

    @rule(whom=PLACES, by=st.integers(0, 4), roles=st.frozensets(st.sampled_from(Role)))
    def grant(self, whom: int, by: int, roles: frozenset[Role]) -> None:
        one, other = self.pick(whom), self.by(by)
        self.attempt(one, lambda: rules.grant(one, roles, other, self.administrators()), other)

    @rule(whom=PLACES, by=st.integers(0, 4))
    def suspend(self, whom: int, by: int) -> None:
        one, other = self.pick(whom), self.by(by)
        self.attempt(one, lambda: rules.suspend(one, other, self.administrators()), other)

    @rule(whom=PLACES, by=st.integers(0, 4))
    def lift(self, whom: int, by: int) -> None:
        one, other = self.pick(whom), self.by(by)
        self.attempt(one, lambda: rules.lift(one, other), other)

    @rule(whom=PLACES, by=st.integers(0, 4))
    def leave(self, whom: int, by: int) -> None:
        one, other = self.pick(whom), self.by(by)
        self.attempt(one, lambda: rules.leave(one, other, self.administrators()), other)

    @invariant()
    def somebody_administers(self) -> None:
        assert self.administrators() >= 1

    @invariant()
    def who_left_stays_away(self) -> None:
        assert all(self.people[one].state is PersonState.LEFT for one in self.gone)

    @invariant()
    def overseers_are_nothing_else(self) -> None:
        assert all(one.roles == {Role.OVERSEER} for one in self.people.values() if Role.OVERSEER in one.roles)


TestStaffing = pytest.mark.slow(Staffing.TestCase)
