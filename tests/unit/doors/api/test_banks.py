"""Banks over the API: the command line's own key, and no other, manages them."""

from tests.nodes import Running


def _local(node: Running) -> dict[str, str]:
    token = (node.house.settings.data / "local.key").read_text()
    return {"Authorization": f"Bearer {token}"}


def test_a_bank_from_its_making_to_its_end(node: Running) -> None:
    local = _local(node)
    made = {"name": "Kites", "purpose": "for this test"}
    assert node.client.post("/api/v1/banks", json=made, headers=local).status_code == 201
    assert node.client.post("/api/v1/banks", json=made, headers=local).status_code == 409
    headers = local | {"Content-Type": "text/plain", "X-File-Name": "words.txt", "X-Signal-Type": "phrase"}
    body = b"a kite over the mill\nanother kite over it\n"
    sent = node.client.post("/api/v1/banks/Kites/entries", content=body, headers=headers)
    assert sent.json() == {"added": 2, "known": 0, "refused": []}
    assert node.client.post("/api/v1/banks/Kites/entries", content=body, headers=headers).json()["known"] == 2
    assert node.screen("kite-1", "Look, a kite over the mill")["reasons"] == [], "a new bank only observes"
    assert node.client.get("/api/v1/banks/Kites/replay", headers=local).json()["items"] == 1
    assert node.client.post("/api/v1/banks/Kites/promote", json={}, headers=local).status_code == 200
    assert node.screen("kite-2", "Look, a kite over the mill")["reasons"][0]["bank"] == "Kites"
    page = node.client.get("/api/v1/banks/Kites/entries", headers=local).json()
    assert [entry["value"] for entry in page["entries"]] == ["a kite over the mill", "another kite over it"]
    assert node.client.post("/api/v1/banks/Kites/disable", json={}, headers=local).status_code == 200
    assert node.screen("kite-3", "Look, a kite over the mill")["reasons"] == []


def test_lines_that_are_no_entries_are_named(node: Running) -> None:
    local = _local(node)
    node.client.post("/api/v1/banks", json={"name": "Hashes", "purpose": "for this test"}, headers=local)
    headers = local | {"Content-Type": "text/plain", "X-File-Name": "h.txt", "X-Signal-Type": "sha256"}
    body = b"0" * 64 + b"\nnot a hash\n"
    sent = node.client.post("/api/v1/banks/Hashes/entries", content=body, headers=headers).json()
    assert sent["added"] == 1
    assert [line["line"] for line in sent["refused"]] == [2]


def test_a_platform_manages_no_bank(node: Running) -> None:
    answer = node.client.post("/api/v1/banks", json={"name": "X", "purpose": "y"}, headers=node.bearer)
    assert answer.status_code == 403
    assert node.client.get("/api/v1/banks", headers=node.bearer).status_code == 403
