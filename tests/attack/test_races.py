"""Two people want the same thing at the same moment: one gets it, the other a reason, and nothing is half done.

On SQLite both come through the doors of one node; on PostgreSQL of two, as two processes would serve them. Each race
is run again and again, each racer waiting at a barrier until the other is ready.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from beffroi.actions import store as actions_store
from beffroi.app import Node, application, open_house
from beffroi.cases import store as cases_store
from beffroi.content import store as content_store
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import DecisionState, RuleState
from beffroi.doors.workers import Crew
from beffroi.flow.records import ROWS
from beffroi.ground.kernel.ids import CaseId, DecisionId, PersonId
from beffroi.ground.storage.events import event_table
from beffroi.settings import Settings
from beffroi.staff import service as staff
from beffroi.staff import sessions
from beffroi.staff import store as staff_store
from beffroi.staff.model import Method, PersonState, Role
from beffroi.staff.proof import totp
from tests.authz.scene import SENTENCE, Scene
from tests.conftest import SOAK
from tests.nodes import ACTOR, PASSWORD, running

ROUNDS = 40 if SOAK else 6
_PORT = 8190
_AWAY_S_MAX = 30
Racer = Callable[[TestClient], Any]


def race(doors: tuple[TestClient, TestClient], *racers: Racer) -> list[int]:
    """The statuses of what all of them were answered, in their order."""
    ready = threading.Barrier(len(racers))

    def run(place: int) -> int:
        ready.wait(_AWAY_S_MAX)
        return int(racers[place](doors[place % 2]).status_code)

    with ThreadPoolExecutor(len(racers)) as pool:
        return list(pool.map(run, range(len(racers)), timeout=_AWAY_S_MAX))


@dataclass
class Track:
    """The node, and a door for each of the two."""

    scene: Scene
    doors: tuple[TestClient, TestClient]

    def cookie(self, who: PersonId) -> dict[str, str]:
        """Signed in a moment ago."""
        opened = self.scene.house.write("law", ACTOR, lambda tx: sessions.open_session(tx, who, Method.PASSWORD_CODE))
        return {"Cookie": f"{sessions.cookie_name(https=False)}={opened.token}"}

    def post(self, who: PersonId, path: str, **form: Any) -> Racer:
        """A form that somebody is about to send."""
        cookie = self.cookie(who)
        return lambda door: door.post(path, data=form, headers=cookie)

    def race(self, *racers: Racer) -> list[int]:
        """See `race`."""
        return race(self.doors, *racers)

    def events(self, type_: str, of: str) -> int:
        """How many events of this type tell of this thing."""
        with self.scene.house.read() as conn:
            rows = conn.execute(event_table.select().where(event_table.c.type == type_)).mappings()
            return sum(of in (row["aggregate_id"], *row["facts"].values()) for row in rows)

    def is_sound(self) -> bool:
        """Every row is the sum of its events."""
        with self.scene.house.read() as conn:
            return [row for rows in ROWS for row in rows.disagreements(conn)] == []


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def track(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Track]:
    """A node on each database; rates are counted per public address, and these are nobody else's."""
    folder: Path = tmp_path_factory.mktemp("races")
    is_sqlite = request.param == "sqlite"
    database = "" if is_sqlite else _database(request)
    with ExitStack() as closing:
        node = closing.enter_context(running(folder, database, demo=True, port=_PORT + is_sqlite))
        node.node.crew.stop()
        second = node.node
        if not is_sqlite:
            house = closing.enter_context(open_house(node.house.settings))
            second = Node(house, None, Crew(house, None))
        url = node.house.settings.public_url
        doors = [
            closing.enter_context(
                TestClient(application(one), base_url=url, headers={"Origin": url}, follow_redirects=False)
            )
            for one in (node.node, second)
        ]
        made = Track(Scene(node), (doors[0], doors[1]))
        yield made
        assert made.is_sound()


def _database(request: pytest.FixtureRequest) -> str:
    cluster = request.getfixturevalue("cluster")
    name = cluster.empty()
    request.addfinalizer(lambda: cluster.drop(name))
    return str(cluster.url(name))


def people(track: Track, *roles: Role, count: int = 2) -> list[PersonId]:
    return [track.scene.person(*(roles or (Role.SENIOR_MODERATOR,))) for _ in range(count)]


def assert_one_won(answers: list[int], won: int = 303, lost: frozenset[int] = frozenset({409})) -> None:
    assert Counter(answer == won for answer in answers)[True] == 1, answers
    assert set(answers) - {won} <= lost, answers


def decision_form(track: Track, case: CaseId, act: str = "remove", clause: str = "4.2") -> dict[str, Any]:
    ground, seen = track.scene.ground(clause), track.scene.revision(case)
    return {
        "act": act, "exemption": "public_debate", "exemption_sentence": SENTENCE,
        "rule": f"{ground.policy}:{ground.policy_number}:{ground.clause}", "seen": [f"{seen.item}:{seen.revision}"],
    }  # fmt: skip


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_case_is_claimed_by_one(track: Track, turn: int) -> None:
    case = track.scene.case()
    racers = [track.post(who, f"/console/cases/{case}/claim") for who in people(track, count=4)]
    assert_one_won(track.race(*racers))
    assert track.events("case-claimed", case) == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_case_is_decided_once(track: Track, turn: int) -> None:
    """The same person in two windows, with two different answers."""
    [who] = people(track, count=1)
    case = track.scene.case(who)
    path = f"/console/cases/{case}/decide"
    racers = [track.post(who, path, **decision_form(track, case, act)) for act in ("remove", "no_action")]
    assert_one_won(track.race(*racers))
    with track.scene.house.read() as conn:
        item = track.scene.revision(case).item
        made = [d for d in decisions_store.of_item(conn, item) if d.state is DecisionState.MADE]
        restrictions = actions_store.of_item(conn, item)
    assert len(made) == 1
    assert len(restrictions) == (1 if made[0].restricts else 0)
    assert track.events("case-decided", case) == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_one_case_is_opened_about_an_account(track: Track, turn: int) -> None:
    case = track.scene.case()
    racers = [track.post(who, f"/console/cases/{case}/account") for who in people(track, count=4)]
    assert track.race(*racers) == [303] * 4
    with track.scene.house.read() as conn:
        account = content_store.ITEMS.load(conn, track.scene.revision(case).item).account
        assert len(cases_store.of_account(conn, account)) == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_case_is_decided_or_given_back(track: Track, turn: int) -> None:
    [who] = people(track, count=1)
    case = track.scene.case(who)
    decide = track.post(who, f"/console/cases/{case}/decide", **decision_form(track, case))
    assert_one_won(track.race(decide, track.post(who, f"/console/cases/{case}/give-back")))


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_proposal_is_agreed_to_or_declined_by_one(track: Track, turn: int) -> None:
    first, *others = people(track, count=3)
    decision = track.scene.decision(first, "4.3").id
    racers = [
        track.post(others[0], f"/console/decisions/{decision}/agree"),
        track.post(others[1], f"/console/decisions/{decision}/decline"),
    ]
    assert_one_won(track.race(*racers))
    assert track.events("decision-made", decision) + track.events("decision-declined", decision) == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_nobody_agrees_to_their_own_proposal_while_somebody_else_does(track: Track, turn: int) -> None:
    first, other = people(track)
    decision = track.scene.decision(first, "4.3").id
    path = f"/console/decisions/{decision}/agree"
    own, second = track.race(track.post(first, path), track.post(other, path))
    assert (own in {403, 409}, second) == (True, 303)
    with track.scene.house.read() as conn:
        assert decisions_store.DECISIONS.load(conn, DecisionId(decision)).second == other


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_decision_is_reversed_once(track: Track, turn: int) -> None:
    decision = track.scene.statement(track.scene.somebody)[0]
    path = f"/console/decisions/{decision}/reverse"
    racers = [track.post(who, path, reason=f"a museum catalogue, {n}") for n, who in enumerate(people(track))]
    assert_one_won(track.race(*racers))
    assert track.events("decision-reversed", decision) == 1
    with track.scene.house.read() as conn:
        [restriction] = actions_store.of_decision(conn, decision)
    assert sum(cause.ended_at is not None for cause in restriction.causes) == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_decision_is_undone_or_reversed(track: Track, turn: int) -> None:
    first, other = people(track)
    decision = track.scene.decision(first).id
    undo = track.post(first, f"/console/decisions/{decision}/undo")
    assert_one_won(track.race(undo, track.post(other, f"/console/decisions/{decision}/reverse", reason="a song")))
    assert track.events("decision-undone", decision) + track.events("decision-reversed", decision) == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_rule_is_approved_by_one_and_never_by_its_proposer(track: Track, turn: int) -> None:
    first, *others = people(track, Role.POLICY_LEAD, count=3)
    rule = track.scene.rule(first)
    path = f"/console/rules/{rule}/approve"
    own, *answers = track.race(track.post(first, path), *(track.post(who, path) for who in others))
    assert own in {403, 409}
    assert_one_won(answers)
    with track.scene.house.read() as conn:
        approved = decisions_store.RULES.load(conn, rule)
    assert (approved.state, approved.approved_by in others) == (RuleState.ACTIVE, True)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_who_is_suspended_while_they_act_acts_before_or_not_at_all(track: Track, turn: int) -> None:
    [who], [chief] = people(track, count=1), people(track, Role.ADMINISTRATOR, count=1)
    case = track.scene.case(who)
    decide = track.post(who, f"/console/cases/{case}/decide", **decision_form(track, case))
    decided, suspended = track.race(decide, track.post(chief, f"/console/people/{who}/suspend"))
    assert suspended == 303
    assert decided in {303, 401}  # 303 too: to the sign-in page, if the session ended before the request came
    order = [row["type"] for row in _rows(track) if who in (row["aggregate_id"], row["actor"].partition(":")[2])]
    suspended_at = order.index("person-suspended")
    assert not {"decision-made", "decision-proposed", "case-decided"} & set(order[suspended_at:])


def _rows(track: Track) -> list[Any]:
    with track.scene.house.read() as conn:
        return list(conn.execute(event_table.select().order_by(event_table.c.seq)).mappings())


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_one_of_two_administrators_who_suspend_each_other_stays(track: Track, turn: int) -> None:
    one, two = people(track, Role.ADMINISTRATOR)
    answers = track.race(
        track.post(one, f"/console/people/{two}/suspend"), track.post(two, f"/console/people/{one}/suspend")
    )
    with track.scene.house.read() as conn:
        states = Counter(staff_store.PEOPLE.load(conn, who).state for who in (one, two))
    assert states == {PersonState.ACTIVE: 1, PersonState.SUSPENDED: 1}, answers


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_link_is_used_by_one(track: Track, turn: int) -> None:
    """An invitation: the second one does not get an account, nor the first one's."""
    token = track.scene.link()

    def join(number: int) -> Racer:
        form = {"name": "", "email": "", "password": f"lamp number {number} for the harbour"}
        form["code"] = track.scene.code_of_link(token)
        return lambda door: door.post(f"/first-start/{token}", data=form)

    answers = track.race(join(1), join(2))
    assert_one_won(answers, won=200, lost=frozenset({404, 409}))


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_the_first_administrator_is_made_once(tmp_path: Path, turn: int) -> None:
    """Two open the one link of the first start at the same moment."""
    with open_house(Settings(data=tmp_path, argon2="cheap", decoders=1, port=_PORT + 5)) as house:
        token = house.write("law", ACTOR, staff.first_link)
        code = totp.code(totp.derived(house.pepper, f"link|{token}"), house.clock.now())
        url, app = house.settings.public_url, application(Node(house, None, Crew(house, None)))

        def join(number: int) -> Racer:
            form = {"name": f"Ada {number}", "email": f"ada{number}@node.example", "code": code, "password": PASSWORD}
            return lambda door: door.post(f"/first-start/{token}", data=form)

        with TestClient(app, base_url=url, headers={"Origin": url}) as door:
            assert_one_won(race((door, door), join(1), join(2)), won=200, lost=frozenset({404, 409}))
        with house.read() as conn:
            assert staff_store.administrators(conn, demo=False) == 1
            assert len(list(staff_store.everybody(conn))) == 1
