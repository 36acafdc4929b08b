"""The drill for lost keys, on copies of a node at which something of everything has happened."""

from datetime import timedelta

import pytest

from beffroi.doors.workers.outward import PERFORMERS
from beffroi.flow import upkeep
from beffroi.flow.lose_drill import Drill
from beffroi.ground.kernel.clock import FakeClock
from beffroi.settings import Settings

from .node import opened
from .test_key_care import invite
from .worked import Blind, work


def quiet(_what, _done, _of):
    """Nobody looks."""


@pytest.fixture(scope="module")
def drilled(tmp_path_factory):
    """What the drill says, and the bytes of the backup before and after it."""
    base, clock = tmp_path_factory.mktemp("drill"), FakeClock()
    with opened(base / "node", Blind()) as node:
        work(node)
        invite(node, "ada@node.example", "mara@node.example")
        node.house.integrator.beat()
    clock.move(timedelta(hours=3))
    settings = Settings(data=base / "node")
    upkeep.back_up(settings, clock, base / "backup", base / "chest", quiet)
    before = bytes_of(base / "backup"), bytes_of(base / "node")
    (base / "copies").mkdir()
    drill = Drill(settings, clock, base / "backup", base / "chest", base / "copies", PERFORMERS.keys())
    losses = {loss.what: loss for loss in drill.run()}
    return losses, before, (bytes_of(base / "backup"), bytes_of(base / "node"))


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "-shm" not in path.name}


def test_without_the_vault_what_is_personal_is_gone_and_the_chest_brings_it_back(drilled):
    loss = drilled[0]["vault.db"]
    assert "key-missing" in loss.seen
    assert not loss.seen.startswith("0 ")
    assert loss.ways == (("vault.db from the newest chest", True),)


def test_without_its_key_the_log_goes_on_under_a_new_name_only(drilled):
    loss = drilled[0]["the ledger's key"]
    assert "ledger-keys-lost" in loss.seen
    assert loss.ways == (("keys/ from any chest", True), ("another log_origin, and keys ceremony", True))


def test_without_the_pepper_nobody_is_found_by_address(drilled):
    loss = drilled[0]["pepper"]
    assert loss.seen.startswith("2 of 2 people cannot sign in")
    assert loss.ways == (("pepper from any chest", True),)


def test_backup_and_node_are_as_they_were(drilled):
    _, before, after = drilled
    assert before == after
