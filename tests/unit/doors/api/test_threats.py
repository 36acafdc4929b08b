"""Warnings over the API: read with the node's own key, by nobody else."""

from beffroi.flow.local_key import read as read_local_key
from tests.authz.scene import Scene
from tests.nodes import Running


def test_the_local_key_reads_the_facts(node: Running) -> None:
    threat, _ = Scene(node).warning(next(iter(node.people.values())))
    local = {"Authorization": f"Bearer {read_local_key(node.house.settings.data)}"}
    [row] = node.client.get("/api/v1/threats", headers=local).json()["threats"]
    assert (row["id"], row["state"]) == (threat, "unconfirmed")
    assert "They say" not in str(row)
    assert node.client.get(f"/api/v1/threats/{row['ref']}", headers=local).json() == row
    assert node.client.get("/api/v1/threats/thr_none", headers=local).status_code == 404
    assert node.client.get("/api/v1/threats", headers=node.bearer).status_code == 403
    assert node.client.post("/api/v1/threats", headers=local).status_code == 405
