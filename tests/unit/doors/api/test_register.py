"""The register over the API: the command line's own key, in the name of a person who may."""

from tests.nodes import Running

ENTRY = {
    "name": "Valmere Orders Office", "country": "AT", "functions": ["issue"], "languages": ["de"],
    "email": "orders@office.example", "phone": "+00 1 555 0199", "source": "https://register.example/authorities",
    "valid_from": "2026-01-01T00:00:00Z",
}  # fmt: skip
LEAD, ADMIN = "policy_lead@node.example", "administrator@node.example"


def _post(node: Running, path: str, body: dict):
    token = (node.house.settings.data / "local.key").read_text()
    return node.client.post(f"/api/v1/register{path}", json=body, headers={"Authorization": f"Bearer {token}"})


def test_two_persons_pin_an_entry_and_one_ends_it(node: Running) -> None:
    made = _post(node, "", ENTRY | {"person": LEAD})
    assert made.status_code == 201, made.text
    entry = made.json()["id"]
    called = {"person": LEAD, "called": ENTRY["phone"]}
    assert _post(node, f"/{entry}/verify", called).status_code == 403
    assert _post(node, f"/{entry}/verify", called | {"person": ADMIN, "called": "1"}).status_code == 422
    pinned = _post(node, f"/{entry}/verify", called | {"person": ADMIN}).json()
    assert (pinned["state"], pinned["verified_by"] != pinned["proposed_by"]) == ("pinned", True)
    assert _post(node, f"/{entry}/end", {"person": LEAD, "why": "closed"}).json()["state"] == "ended"
    token = (node.house.settings.data / "local.key").read_text()
    listed = node.client.get("/api/v1/register", headers={"Authorization": f"Bearer {token}"}).json()["authorities"]
    assert entry in {one["id"] for one in listed}


def test_whoever_may_not_or_is_nobody(node: Running) -> None:
    assert _post(node, "", ENTRY | {"person": "moderator@node.example"}).status_code == 403
    assert _post(node, "", ENTRY | {"person": "nobody@node.example"}).status_code == 404


def test_what_is_no_entry_is_named(node: Running) -> None:
    for wrong in (
        {"country": "at"},
        {"functions": ["rule"]},
        {"phone": ""},
        {"name": "a\0b"},
        {"valid_from": "2026-01-01T00:00:00"},
    ):
        assert _post(node, "", ENTRY | {"person": LEAD} | wrong).status_code == 422, wrong
