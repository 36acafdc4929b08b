"""The doors of single sign-on: what the pages show, and what they do when the provider is silent."""

from collections.abc import Iterator

import pytest

from beffroi.ground.kernel.clock import SystemClock
from beffroi.staff import enrol, service
from beffroi.staff.model import Role
from tests.nodes import ACTOR, Running, running
from tests.providers import CLIENT, SECRET, Forger


@pytest.fixture(scope="module")
def forger() -> Iterator[Forger]:
    made = Forger(SystemClock())
    yield made
    made.close()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, forger: Forger) -> Iterator[Running]:
    settings = {"oidc_issuer": forger.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "demo": True}
    settings |= {"local_sign_in": "administrators", "outbound_allow": (forger.pair,), "oidc_name": "Harbour <Office>"}
    with running(tmp_path_factory.mktemp("node"), **settings) as made:
        yield made


@pytest.fixture
def silent(node: Running, forger: Forger) -> Iterator[None]:
    forger.statuses["/.well-known/openid-configuration"] = 500
    node.house.provider._kept.clear()
    yield
    forger.statuses.clear()
    node.house.provider._kept.clear()


def link(node: Running, name: str, role: Role) -> str:
    who = enrol.identity(node.house.pepper, name.title(), f"{name}@node.example")
    return node.house.write("law", ACTOR, lambda tx: service.invite(tx, who, [role], None)).token


def test_the_sign_in_page_names_the_provider(node: Running) -> None:
    page = node.client.get("/login?next=/console/queue?x=1").text
    assert "Sign in with Harbour &lt;Office&gt;" in page
    assert 'href="/login/single?next=/console/queue%3Fx%3D1"' in page
    assert "for administrators" in page


def test_a_link_for_a_moderator_offers_no_password(node: Running) -> None:
    page = node.client.get(f"/first-start/{link(node, 'mara', Role.MODERATOR)}").text
    assert "Sign in with" in page
    assert "mara@node.example" in page
    assert '<form class="panel' not in page
    page = node.client.get(f"/first-start/{link(node, 'ada', Role.ADMINISTRATOR)}").text
    assert "Sign in with" in page
    assert '<form class="panel' in page


@pytest.mark.usefixtures("silent")
def test_a_silent_provider(node: Running) -> None:
    answer = node.client.get("/login/single")
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert 'name="password"' in answer.text  # administrators have another way
    assert "set-cookie" not in answer.headers


def test_the_ticket_goes_whatever_comes_of_the_return(node: Running) -> None:
    answer = node.client.get("/login/single/return?code=x&state=y", headers={"Cookie": "beffroi-away=z"})
    assert answer.status_code == 401
    assert answer.headers["set-cookie"].startswith('beffroi-away=""')


def test_the_reasons_are_in_the_log_only(node: Running, caplog: pytest.LogCaptureFixture) -> None:
    answer = node.client.get("/login/single/return?code=secret-code&state=y")
    assert [record.message for record in caplog.records] == ["single sign-on refused: no-ticket"]
    assert "no-ticket" not in answer.text
    assert "secret-code" not in answer.text
