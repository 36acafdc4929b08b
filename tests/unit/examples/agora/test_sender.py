"""The outbox: nothing lost, in order, across a node that is down, and across restarts of the site."""

from pathlib import Path

from .loopback import ALLOW, PNG, Site, StandInNode, running, until
from .test_screening import HOLD


def texts(node: StandInNode) -> list[str]:
    return [question["item"]["text"] for question in node.asked()]


def waiting(site: Site) -> int:
    return int(site.client.get("/health").json()["outbox"])


def test_the_site_goes_on_while_the_node_is_down_and_catches_up_in_order(site: Site, node: StandInNode):
    mara = site.member()
    until(lambda: waiting(site) == 0)
    node.stop()
    numbers = [str(number) for number in range(12)]
    for number in numbers:
        assert site.status(site.post(mara, number)) == 200
    assert waiting(site) == 12
    assert site.client.get("/health").json()["status"] == "ok"
    node.start()
    until(lambda: waiting(site) == 0)
    assert texts(node) == numbers


def test_the_queue_outlives_a_restart(tmp_path: Path, node: StandInNode):
    node.stop()
    with running(tmp_path, node.url) as site:
        mara = site.member()
        for text in ("One", "Two"):
            site.post(mara, text)
    node.start()
    with running(tmp_path, node.url) as site:
        until(lambda: waiting(site) == 0)
        assert texts(node) == ["One", "Two"]
        assert node.told()[0]["type"] == "account.created"


def test_versions_of_one_post_never_overtake_each_other(site: Site, node: StandInNode):
    """Even when the newer one is asked in hold-then-publish, and the older still waits."""
    mara = site.member()
    until(lambda: waiting(site) == 0)
    node.status = 503
    path = site.post(mara, "One")
    until(lambda: texts(node).count("One") > 0)
    mara.post("/settings", data={"mode": "hold-then-publish"})
    mara.post(f"{path}/edit", data={"text": "Two"})
    assert "Two" not in texts(node)
    node.status = 200
    node.heard.clear()
    until(lambda: waiting(site) == 0, 30)
    assert texts(node) == ["One", "Two"]


def test_one_message_the_node_stumbles_over_does_not_stop_the_others(site: Site, node: StandInNode):
    mara = site.member()
    until(lambda: waiting(site) == 0)
    node.says = lambda body: b"stumbled" if body["item"]["text"] == "Bad" else ALLOW
    site.post(mara, "Bad")
    until(lambda: "Bad" in texts(node))
    for text in ("One", "Two"):
        site.post(mara, text)
    until(lambda: waiting(site) == 1)
    assert [text for text in texts(node) if text != "Bad"] == ["One", "Two"]


def test_a_message_the_node_refuses_is_not_sent_again(site: Site, node: StandInNode):
    mara = site.member()
    until(lambda: waiting(site) == 0)
    node.status = 422
    node.says = lambda body: {"type": "about:blank", "title": "no", "status": 422, "code": "text-too-long"}
    path = site.post(mara)
    until(lambda: waiting(site) == 0)
    assert len(node.asked()) == 1
    assert site.status(path) == 200
    assert "text-too-long" in site.client.get("/integration").text


def test_a_deletion_of_what_the_node_never_saw_is_over_but_a_wrong_path_is_not(site: Site, node: StandInNode):
    mara = site.member()
    until(lambda: waiting(site) == 0)
    node.status, node.event = 404, {"status": 404, "code": "no-such-path"}
    mara.post(f"{site.post(mara)}/delete")
    until(lambda: any(told["type"] == "item.deleted" for told in node.told()))
    assert waiting(site) == 1
    node.event = {"status": 404, "code": "no-such-item"}
    until(lambda: waiting(site) == 0)


def test_a_wrong_key_loses_nothing(tmp_path: Path, node: StandInNode):
    with running(tmp_path, node.url, api_key="wrong") as site:
        site.post(site.member(), "One")
        until(lambda: "answered 401" in site.client.get("/integration").text)
    with running(tmp_path, node.url) as site:
        until(lambda: waiting(site) == 0)
        assert texts(node) == ["One"]


def test_what_its_author_deleted_is_not_sent_any_more(site: Site, node: StandInNode):
    mara = site.member()
    until(lambda: waiting(site) == 0)
    node.stop()
    path = site.post(mara, "Regretted", picture=PNG)
    mara.post(f"{path}/delete")
    node.heard.clear()
    node.start()
    until(lambda: waiting(site) == 0)
    assert [kind for kind, _ in node.heard] == ["events"]


def test_a_verdict_for_a_post_deleted_meanwhile_is_harmless(site: Site, node: StandInNode):
    node.says = lambda body: HOLD
    mara = site.member()
    until(lambda: waiting(site) == 0)
    node.gate.clear()
    path = site.post(mara)
    mara.post(f"{path}/delete")
    node.gate.set()
    until(lambda: waiting(site) == 0)
    assert site.status(path) == 410


def test_the_integration_page_shows_the_queue_but_not_what_people_wrote(site: Site, node: StandInNode):
    mara = site.member()
    until(lambda: waiting(site) == 0)
    site.post(mara, "Private thoughts")
    until(lambda: waiting(site) == 0)
    node.stop()
    site.post(mara, "Private thoughts")
    until(lambda: "cannot connect" in site.client.get("/integration").text)
    page = site.client.get("/integration").text
    assert "p-2 v1" in page
    assert "(16 characters)" in page
    assert "Private thoughts" not in page


def test_a_node_that_never_ends_its_answer_is_given_up(site: Site, node: StandInNode):
    node.says = lambda body: b" " * (2 * 2**20)
    site.post(site.member())
    until(lambda: "does not end" in site.client.get("/integration").text)
    assert site.status("/") == 200
