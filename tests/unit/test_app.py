"""The composition root: what is opened, refused, closed."""

import stat
from contextlib import nullcontext
from datetime import timedelta

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from beffroi import app
from beffroi.app import application, connector_of, open_house, open_node
from beffroi.doors.platforms.signing import fresh_secret
from beffroi.flow import local_key
from beffroi.ground.kernel.clock import FakeClock, SystemClock
from beffroi.ground.kernel.errors import Invalid, Unavailable
from beffroi.ground.storage import effects
from beffroi.ground.storage.effects import Effect
from beffroi.ground.storage.tx import NODE
from beffroi.settings import Settings
from beffroi.signals import Decoder


@pytest.fixture(autouse=True)
def without_children(monkeypatch):
    """No decoder child: nothing here has a picture."""
    monkeypatch.setattr(app, "Decoder", lambda _count: nullcontext(Decoder()))


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path / "data", argon2="cheap", decoders=1)


def test_a_house_opens_closes_and_opens_again(settings):
    with open_house(settings) as house:
        pepper = house.pepper
        assert house.write("law", NODE, lambda tx: tx.actor) == NODE
        assert isinstance(house.clock, SystemClock)
        assert local_key.read(settings.data)
    with pytest.raises(Unavailable):
        local_key.read(settings.data)
    with open_house(settings) as house:
        assert house.pepper == pepper
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    for name in ("pepper", "vault.db"):
        assert stat.S_IMODE((settings.data / name).stat().st_mode) == 0o600


def test_one_process_holds_a_sqlite_node(settings):
    with open_house(settings), pytest.raises(Unavailable) as refused, open_house(settings):
        pass
    assert refused.value.code == "already-running"
    with open_house(settings) as house:
        assert house.database.is_sqlite


def test_an_older_schema_is_refused_and_the_lock_given_back(settings):
    with open_house(settings) as house, house.database.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    for _ in range(2):
        with pytest.raises(Unavailable) as refused, open_house(settings):
            pass
        assert refused.value.code == "schema-not-at-head"


@pytest.mark.parametrize("toy", [{"demo": True}, {"test_clock": True}, {"argon2": "cheap"}])
@pytest.mark.parametrize("where", [{"host": "0.0.0.0"}, {"base_url": "https://node.example"}])  # noqa: S104
def test_toys_stay_at_home(tmp_path, toy, where):
    with pytest.raises(Invalid) as refused, open_house(Settings(data=tmp_path / "data", **toy, **where)):
        pass
    assert (refused.value.code, refused.value.where) == ("not-off-loopback", next(iter(toy)))
    assert not (tmp_path / "data").exists()


def test_a_clock_for_tests_is_asked_for(tmp_path):
    with open_house(Settings(data=tmp_path, argon2="cheap", test_clock=True)) as house:
        assert isinstance(house.clock, FakeClock)


def test_without_an_address_there_is_no_platform(settings):
    with open_house(settings) as house:
        assert connector_of(settings, house) is None
        given = settings.model_copy(update={"hook_url": "http://127.0.0.1:9/hook"})
        with pytest.raises(Invalid):
            connector_of(given, house)


def test_the_platform_is_the_one_that_was_chosen(settings):
    chosen = {"platform": "matrix", "matrix_url": "http://127.0.0.1:9", "matrix_token": SecretStr("syt_x")}
    with open_house(settings) as house:
        both = settings.model_copy(update=chosen | {"hook_url": "http://127.0.0.1:9/hook"})
        assert connector_of(both, house).name == "matrix"
        hook = {"hook_url": "http://127.0.0.1:9/hook", "hook_secret": SecretStr(fresh_secret())}
        assert connector_of(settings.model_copy(update=hook), house).name == "webhook"
        with pytest.raises(Invalid) as refused:
            connector_of(settings.model_copy(update={"platform": "matrix"}), house)
        assert refused.value.where == "url"


def test_a_node_starts_its_crew_releases_what_was_begun_and_ends(settings):
    with open_house(settings) as house:
        house.write("law", NODE, lambda tx: tx.intend(Effect("nobody's", "k", {})))
        lease = timedelta(hours=1)
        [begun] = house.write("law", NODE, lambda tx: effects.claim(tx.conn, tx.now, limit=1, lease=lease))
        later = effects.effect_table.update().values(due_at=house.clock.now() + lease)
        house.write("law", NODE, lambda tx: tx.conn.execute(later))
        with house.read() as conn:
            assert effects.by_key(conn, begun.key).lease_until is not None
    with open_node(settings) as node:
        with node.house.read() as conn:
            assert effects.by_key(conn, "k").lease_until is None
        assert any(thread.is_alive() for thread in node.crew._threads)
    assert not any(thread.is_alive() for thread in node.crew._threads)


def test_the_application_answers(settings):
    with open_node(settings) as node, TestClient(application(node), base_url="http://127.0.0.1:8100") as client:
        assert client.get("/health").json()["status"] == "ok"
        assert client.get("/docs").status_code == 404
        assert client.get("/api/v1/openapi.json").status_code == 200
