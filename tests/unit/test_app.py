"""The composition root: opened in order, closed in reverse, toys on loopback only."""

from datetime import timedelta
from pathlib import Path

import pytest

from beffroi.app import open_house, open_node, refuse_toys_off_loopback
from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Invalid, Unavailable
from beffroi.ground.storage import Actor, Effect, effects
from beffroi.settings import Settings


def _settings(folder: Path, **more: object) -> Settings:
    return Settings(data=folder, decoders=1, argon2="cheap", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("toy", [{"demo": True}, {"test_clock": True}, {"argon2": "cheap"}])
def test_toys_are_for_loopback(toy: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        refuse_toys_off_loopback(Settings(base_url="https://node.example", **toy))  # type: ignore[arg-type]
    assert refused.value.where in toy
    refuse_toys_off_loopback(Settings(**toy))  # type: ignore[arg-type]


def test_one_process_per_sqlite_database(tmp_path: Path) -> None:
    with open_house(_settings(tmp_path)), pytest.raises(Unavailable) as refused, open_house(_settings(tmp_path)):
        pass
    assert refused.value.code == "already-running"


def test_it_opens_again_after_closing_and_leaves_no_key(tmp_path: Path) -> None:
    with open_house(_settings(tmp_path)) as house:
        assert (tmp_path / "local.key").exists()
        pepper = house.pepper
    assert not (tmp_path / "local.key").exists()
    with open_house(_settings(tmp_path)) as again:
        assert again.pepper == pepper, "addresses are found again"


def test_the_test_clock_can_be_moved(tmp_path: Path) -> None:
    with open_house(_settings(tmp_path, test_clock=True)) as house:
        assert isinstance(house.clock, FakeClock)


def test_the_only_process_ends_leases_of_the_dead(tmp_path: Path) -> None:
    with open_house(_settings(tmp_path)) as house:
        effect = Effect("inform", "stm_gone", {"statement": "stm_gone"})
        house.write("law", Actor("node"), lambda tx: tx.intend(effect, not_before=tx.now + timedelta(hours=1)))
        house.write(
            "law",
            Actor("node"),
            lambda tx: tx.conn.exec_driver_sql("UPDATE effect SET lease_until = due_at") and None,
        )
    with open_node(_settings(tmp_path)) as node, node.house.read() as conn:
        found = effects.by_key(conn, "stm_gone")
        assert found is not None
        assert found.lease_until is None
