"""Both ways to the node give the same answers."""

from pathlib import Path

import pytest

from beffroi.app import open_house
from beffroi.cli._desk import _Direct, desk
from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.settings import Settings
from tests.nodes import running
from tests.unit.doors.api.test_register import ENTRY


def test_without_a_node_the_same_handlers_answer(tmp_path: Path) -> None:
    with desk(tmp_path / "node") as node:
        assert node.get("/api/v1/register") == {"authorities": []}
        with pytest.raises(Invalid) as refused:
            node.post("/api/v1/register", {"name": "x"})
        assert refused.value.where == "person"
        with pytest.raises(NotFound) as nobody:
            node.post("/api/v1/register", ENTRY | {"person": "nobody@node.example"})
        assert nobody.value.code == "not-here"
        with pytest.raises(NotFound) as nowhere:
            node.get("/api/v1/nowhere")
        assert nowhere.value.code == "no-such-route"


def test_the_same_answer_as_over_http(tmp_path: Path) -> None:
    with running(tmp_path / "node") as node:
        body = ENTRY | {"person": "policy_lead@node.example"}
        direct = _Direct(node.house).post("/api/v1/register", body)
        headers = {"Authorization": f"Bearer {(tmp_path / 'node' / 'local.key').read_text()}"}
        over_http = node.client.post("/api/v1/register", json=body, headers=headers).json()
        assert {**over_http, "id": ""} == {**direct, "id": ""}
        assert _Direct(node.house).get("/api/v1/register")["authorities"] == [direct, over_http]


def test_a_house_that_is_closed_again(tmp_path: Path) -> None:
    with desk(tmp_path / "node"):
        pass
    with open_house(Settings(data=tmp_path / "node", argon2="cheap", decoders=1)):
        pass
