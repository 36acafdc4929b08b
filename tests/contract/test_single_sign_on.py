"""Single sign-on against a real, certified OpenID provider (oidc-provider from npm), as people use it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select, update

from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.storage import events
from beffroi.staff import enrol, service, sessions
from beffroi.staff import views as staff
from beffroi.staff.model import Method, Role, Way
from beffroi.staff.permissions import Principal
from beffroi.staff.tables import binding_table, ceremony_table, session_table
from tests.nodes import ACTOR, PASSWORD, Running, running
from tests.providers import RealProvider, free_port, real_provider

COOKIE = sessions.cookie_name(https=False)
SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def provider(port: int) -> Iterator[RealProvider]:
    yield from real_provider(f"http://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def node(provider: RealProvider, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("node"), port=port, demo=True, **provider.settings) as made:
        yield made


class Visitor:
    """Somebody's browser: cookies of the node and of the provider."""

    def __init__(self, node: Running, provider: RealProvider) -> None:
        self.node, self.provider = node, provider
        self.elsewhere = httpx.Client()
        self.last_return = ""
        node.client.cookies.clear()

    def by_provider(self, path: str, login: str) -> Any:
        """Follow the button at `path`, sign in at the provider as `login`, come back."""
        away = self.node.client.get(path, headers=SITE)
        assert away.status_code == 303, away.text
        self.last_return = self.provider.visit(away.headers["location"], login, self.elsewhere)
        return self.come_back()

    def come_back(self) -> Any:
        parts = urlsplit(self.last_return)
        return self.node.client.get(f"{parts.path}?{parts.query}")

    @property
    def principal(self) -> Principal:
        with self.node.house.read() as conn:
            now = self.node.house.clock.now()
            return sessions.resume(conn, self.node.client.cookies[COOKIE], now, demo_allowed=True).principal


@pytest.fixture
def visitor(node: Running, provider: RealProvider) -> Iterator[Visitor]:
    made = Visitor(node, provider)
    yield made
    made.elsewhere.close()


def invite(node: Running, name: str, *roles: Role) -> tuple[PersonId, str]:
    """Whoever already has the address leaves first, so that each test may invite them anew."""
    house = node.house
    who = enrol.identity(house.pepper, name.title(), f"{name}@node.example")
    with house.read() as conn:
        here = [card.id for card in staff.people(conn, house.vault) if card.email == who.email and card.state != "left"]
    for person in here:
        house.write("law", ACTOR, lambda tx, person=person: service.leave(tx, person, None))
    made = house.write("law", ACTOR, lambda tx: service.invite(tx, who, roles or [Role.MODERATOR], None))
    return made.person.id, made.token


def test_invited_signed_in_again_and_out(visitor: Visitor, node: Running) -> None:
    mara, token = invite(node, "mara")
    page = node.client.get(f"/first-start/{token}")
    assert "Sign in with Harbour Office" in page.text
    joined = visitor.by_provider(f"/first-start/{token}/single", "mara")
    assert (joined.status_code, joined.headers["location"]) == (303, "/console")
    assert (visitor.principal.person, visitor.principal.roles) == (mara, frozenset({Role.MODERATOR}))

    out = node.client.post("/logout", headers=SITE)
    assert out.status_code == 303
    assert node.client.get("/console/me").status_code == 303  # to the gate

    back = visitor.by_provider("/login/single?next=/console/me", "mara")
    assert (back.status_code, back.headers["location"]) == (303, "/console/me")
    shown = node.client.get("/console/me")
    assert "Single sign-on" in shown.text
    assert PASSWORD not in shown.text


def test_what_cannot_be_undone_asks_the_provider_again(visitor: Visitor, node: Running) -> None:
    mara, token = invite(node, "mara")
    visitor.by_provider(f"/first-start/{token}/single", "mara")
    before = node.client.cookies[COOKIE]
    long_ago = node.house.clock.now() - timedelta(hours=1)
    aged = update(session_table).where(session_table.c.person == mara).values(proved_at=long_ago)
    node.house.write("law", ACTOR, lambda tx: tx.conn.execute(aged))
    asked = node.client.post("/console/me/recovery", headers=SITE)
    assert asked.headers["location"].startswith("/again?next=")
    assert "Sign in with Harbour Office" in node.client.get("/again").text
    # The provider still has a session of hers, and asks for the password all the same: prompt=login, max_age=0.
    proved = visitor.by_provider("/again/single?next=/console/me", "mara")
    assert (proved.status_code, proved.headers["location"]) == (303, "/console/me")
    assert node.client.cookies[COOKIE] != before
    assert (visitor.principal.recent_auth or long_ago) > long_ago
    assert node.client.post("/console/me/recovery", headers=SITE).status_code == 200


def test_the_same_address_is_not_the_same_person(visitor: Visitor, node: Running) -> None:
    """`mara-again` is another account at the provider, with Mara's verified address."""
    _, token = invite(node, "mara")
    visitor.by_provider(f"/first-start/{token}/single", "mara")
    visitor.elsewhere.cookies.clear()
    node.client.cookies.clear()
    assert visitor.by_provider("/login/single", "mara-again").status_code == 401
    assert COOKIE not in node.client.cookies


def test_an_address_that_the_provider_has_not_verified(visitor: Visitor, node: Running) -> None:
    noor, token = invite(node, "noor")
    assert visitor.by_provider(f"/first-start/{token}/single", "noor").status_code == 401
    with node.house.read() as conn:
        assert staff.person(conn, None, noor).card.ways == ()
        assert conn.execute(select(ceremony_table)).all() == []


def test_somebody_known_to_the_provider_only(visitor: Visitor, node: Running) -> None:
    assert visitor.by_provider("/login/single", "policy_lead").status_code == 401
    assert COOKIE not in node.client.cookies


def test_a_return_is_no_good_twice(visitor: Visitor, node: Running) -> None:
    _, token = invite(node, "mara")
    visitor.by_provider(f"/first-start/{token}/single", "mara")
    assert visitor.come_back().status_code == 401


def test_a_code_is_no_good_twice_at_the_provider_either(visitor: Visitor, node: Running) -> None:
    """Even if this node forgot that it was used: the provider refuses it, and nobody is in."""
    _, token = invite(node, "mara")
    visitor.by_provider(f"/first-start/{token}/single", "mara")
    away = node.client.get("/login/single", headers=SITE)
    first = visitor.provider.visit(away.headers["location"], "mara", visitor.elsewhere)
    parts, cookies = urlsplit(first), dict(node.client.cookies)
    with node.house.read() as conn:
        remembered = conn.execute(select(ceremony_table)).mappings().one()
    assert node.client.get(f"{parts.path}?{parts.query}").status_code == 303
    node.house.write("law", ACTOR, lambda tx: tx.add(ceremony_table, dict(remembered)))
    node.client.cookies.clear()
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    assert node.client.get(f"{parts.path}?{parts.query}", headers={"Cookie": cookie}).status_code == 401


def test_what_is_recorded_and_what_is_kept(visitor: Visitor, node: Running) -> None:
    mara, token = invite(node, "mara")
    visitor.by_provider(f"/first-start/{token}/single", "mara")
    with node.house.read() as conn:
        told = events.history(conn, "sign-in", mara)
        [row] = conn.execute(select(binding_table).where(binding_table.c.person == mara)).all()
    [bound] = [event for event in told if event.type == "credential-changed"]
    assert bound.facts == {"person": mara, "what": "single-sign-on-added"}
    assert set(bound.personal) == {mara}  # a commitment to issuer and subject, and no word of them
    assert told[-1].facts["method"] == "single_sign_on"
    assert visitor.provider.issuer.encode() not in row.sealed
    assert b"mara" not in row.sealed
    assert "mara" not in row.lookup


def test_an_administrator_ends_it(visitor: Visitor, node: Running) -> None:
    mara, token = invite(node, "mara")
    visitor.by_provider(f"/first-start/{token}/single", "mara")
    administrator = node.people[Role.ADMINISTRATOR]
    opened = node.house.write("law", ACTOR, lambda tx: sessions.open_session(tx, administrator, Method.PASSWORD_CODE))
    cookie = {"Cookie": f"{COOKIE}={opened.token}"} | SITE
    held = node.client.cookies[COOKIE]
    node.client.cookies.clear()
    people = node.client.get("/console/people", headers=cookie)
    assert "Single sign-on" in people.text
    ended = node.client.post(f"/console/people/{mara}/unbind", headers=cookie)
    assert ended.status_code == 200
    assert "/first-start/" in ended.text  # a new link, so that she is not locked out
    assert node.client.get("/console/me", headers={"Cookie": f"{COOKIE}={held}"}).status_code == 303
    assert visitor.by_provider("/login/single", "mara").status_code == 401
    with node.house.read() as conn:
        assert staff.person(conn, None, mara).card.ways == ()


def test_who_has_left_is_not_let_in(visitor: Visitor, node: Running) -> None:
    mara, token = invite(node, "mara")
    visitor.by_provider(f"/first-start/{token}/single", "mara")
    node.house.write("law", ACTOR, lambda tx: service.leave(tx, mara, None))
    assert visitor.by_provider("/login/single", "mara").status_code == 401
    with node.house.read() as conn:
        assert conn.execute(select(binding_table).where(binding_table.c.person == mara)).all() == []


def test_ways(visitor: Visitor, node: Running) -> None:
    mara, token = invite(node, "mara")
    visitor.by_provider(f"/first-start/{token}/single", "mara")
    with node.house.read() as conn:
        cards = {card.id: card.ways for card in staff.people(conn, None)}
    assert cards[mara] == (Way.SINGLE_SIGN_ON,)
    assert cards[node.people[Role.ADMINISTRATOR]] == (Way.PASSWORD,)
