"""Orders over the API: a platform's key hands them in and reads; people act by name through the local key."""

from collections.abc import Iterator

import pytest

from beffroi.doors.platforms import Capability
from tests.nodes import Running
from tests.unit.flow.node import Platform
from tests.unit.orders.scene import FORM

ON_CALL = {"person": "moderator@node.example"}
ENTRY = {
    "name": "Valmere Orders Office", "country": "AT", "functions": ["issue"], "languages": ["de"],
    "email": "orders@office.example", "phone": "+00 1 555 0199", "source": "https://register.example/authorities",
    "valid_from": "2026-01-01T00:00:00Z", "person": "policy_lead@node.example",
}  # fmt: skip


def _local(node: Running) -> dict[str, str]:
    return {"Authorization": f"Bearer {(node.house.settings.data / 'local.key').read_text()}"}


def _post(node: Running, path: str, body: dict, status: int = 200) -> dict:
    answer = node.client.post(f"/api/v1{path}", json=body, headers=_local(node))
    assert answer.status_code == status, answer.text
    return answer.json()


def _given(node: Running, *urls: str, **changes) -> dict:
    form = FORM.model_copy(update={"urls": urls, "reference_number": "-".join(urls)}).model_dump(mode="json")
    came = {"sender": "orders@office.example", "received_at": node.house.clock.now().isoformat(), "signed": True}
    return {"order": form, "language": "en", **came} | changes


@pytest.fixture(scope="module")
def office(node: Running) -> str:
    entry = _post(node, "/register", ENTRY, 201)["id"]
    called = {"person": "administrator@node.example", "called": ENTRY["phone"]}
    return _post(node, f"/register/{entry}/verify", called)["id"]


@pytest.fixture
def platform(node: Running) -> Iterator[Platform]:
    """A platform in memory; the crew of this node has none, so effects wait."""
    made, state = Platform(), node.client.app.state
    state.connector = made
    yield made
    state.connector = None


def test_from_the_platforms_tool_to_the_answer(node: Running, office: str, platform: Platform) -> None:
    url = "https://agora.example/p/ordered-1"
    node.screen("ordered-1", "a lamp", url=url)
    given = _given(node, url, "https://agora.example/p/nowhere")
    sent = node.client.post("/api/v1/orders", json=given, headers=node.bearer)
    assert (sent.status_code, sent.json()["is_new"]) == (201, True)
    order = sent.json()["id"]
    assert node.client.post("/api/v1/orders", json=given, headers=node.bearer).json() == {"id": order, "is_new": False}
    shown = node.client.get(f"/api/v1/orders/{order}", headers=node.bearer).json()
    assert (shown["state"], shown["authentication"], shown["authority"]) == (
        "accepted", "authentic", "Valmere Orders Office",
    )  # fmt: skip
    assert [item["located"] for item in shown["items"]] == [True, False]
    [hour, *_] = shown["clocks"]
    assert (hour["rule"], hour["reading"], hour["start"]) == ("execute", "earliest", shown["received_at"])
    done = _post(node, f"/orders/{order}/execute", ON_CALL)
    assert [item["state"] for item in done["items"]] == ["in_hand", "pending"]
    found = _post(node, f"/orders/{order}/found", ON_CALL | {"items": [2], "state": "not_found"})
    assert [item["state"] for item in found["items"]] == ["in_hand", "not_found"]
    told = node.client.post(f"/api/v1/orders/{order}/told", json={"fact": "withdrawn"}, headers=node.bearer)
    assert told.json()["state"] == "withdrawn"
    assert order in {line["id"] for line in node.client.get("/api/v1/orders", headers=node.bearer).json()["orders"]}


def test_a_machine_hands_in_and_never_decides(node: Running, office: str) -> None:
    order = _post(node, "/orders", _given(node, "https://agora.example/p/2"), 201)["id"]
    for command in ("execute", "clarify", "impossible", "call-back", "reroute", "lapse", "found"):
        answer = node.client.post(f"/api/v1/orders/{order}/{command}", json=ON_CALL, headers=node.bearer)
        assert answer.status_code == 403, command
    _post(node, f"/orders/{order}/impossible", {"person": "policy_lead@node.example"}, 403)


def test_asked_answered_and_impossible(node: Running, office: str) -> None:
    order = _post(node, "/orders", _given(node, "https://agora.example/p/3"), 201)["id"]
    asked = _post(node, f"/orders/{order}/clarify", ON_CALL | {"obstacles": ["insufficient_information"]})
    assert (asked["state"], asked["annex_iii"]["reasons"]) == ("awaiting_clarification", ["insufficient_information"])
    _post(node, f"/orders/{order}/answered", {"annex": "III"})
    again = _post(node, f"/orders/{order}/told", {"fact": "clarified"})
    assert [clock["name"] for clock in again["clocks"]][:2] == ["execute", "execute, before the Annex III"]
    assert _post(node, f"/orders/{order}/impossible", ON_CALL)["state"] == "impossible"
    assert _post(node, f"/orders/{order}/told", {"fact": "grounds_ceased"})["state"] == "accepted"
    _post(node, f"/orders/{order}/clarify", ON_CALL | {"obstacles": ["manifest_errors"]})
    assert _post(node, f"/orders/{order}/lapse", ON_CALL)["state"] == "lapsed_unclarified"


def test_called_back_forged_or_without_competence(node: Running, office: str) -> None:
    orders = [
        _post(node, "/orders", _given(node, f"https://agora.example/p/{number}", signed=False), 201)["id"]
        for number in (4, 5, 6)
    ]
    back = {"authority": office, "called": ENTRY["phone"]}
    assert _post(node, f"/orders/{orders[0]}/call-back", ON_CALL | back)["authentication"] == "authentic"
    _post(node, f"/orders/{orders[1]}/call-back", ON_CALL | {"authority": office}, 422)
    assert _post(node, f"/orders/{orders[1]}/call-back", ON_CALL)["state"] == "forged"
    assert _post(node, f"/orders/{orders[2]}/reroute", ON_CALL)["state"] == "rerouted"


def test_what_the_platform_cannot_do_is_not_offered(node: Running, office: str, platform: Platform) -> None:
    order = _post(node, "/orders", _given(node, "https://agora.example/p/7"), 201)["id"]
    platform.capabilities = frozenset({Capability.LABEL})
    refused = _post(node, f"/orders/{order}/execute", ON_CALL | {"measure": "removed"}, 409)
    assert refused["code"] == "not-offered"


@pytest.mark.parametrize(
    "wrong",
    [
        {"received_at": "2999-01-01T00:00:00Z"},
        {"received_at": "2026-01-01T00:00:00"},
        {"sender": ""},
        {"language": "no language"},
        {"order": {"urls": []}},
        {"order": {"urls": ["x" * 5000]}},
        {"order": {"urls": ["https://agora.example/"], "grounds": ["dislikes"]}},
        {"order": {"urls": ["https://agora.example/"], "account": "u-1"}},
        {"extra": 1},
    ],
)
def test_what_is_no_order_is_named_and_leaves_nothing(node: Running, wrong: dict) -> None:
    before = len(node.client.get("/api/v1/orders", headers=node.bearer).json()["orders"])
    answer = node.client.post("/api/v1/orders", json=_given(node, "https://a.example/") | wrong, headers=node.bearer)
    assert answer.status_code == 422, answer.text
    assert len(node.client.get("/api/v1/orders", headers=node.bearer).json()["orders"]) == before
