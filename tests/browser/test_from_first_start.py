"""From the one-time link to the first decision, on a node of one's own, by keyboard alone; axe finds nothing.

The administrator names the organisation and two people and issues a key; a policy lead writes rules and a bank; the
platform asks over the API; a moderator decides. With `BEFFROI_SCREENS=1` the way is photographed into `docs/screens/`.
"""

import httpx
import pytest
from playwright.sync_api import expect

from tests.crash.receiver import Receiver

from .driving import LOOKS
from .hands import Hands, serving

PHRASE = "the paper lamp sings at noon"
SECRET = "whsec_" + "QUJD" * 11
REASON = "Nothing in it reports or teaches: it names a day and asks others to come."


@pytest.fixture(scope="module")
def platform():
    """What is decided is asked of it; without one only "no action" is offered."""
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def node(tmp_path_factory, root, platform):
    """`beffroi serve` in an empty folder; its address and the link that it printed."""
    pair = f"127.0.0.1:{platform.port}"
    settings = {"BEFFROI_HOOK_URL": f"http://{pair}/hooks", "BEFFROI_HOOK_SECRET": SECRET}
    with serving(tmp_path_factory.mktemp("first"), root, settings | {"BEFFROI_OUTBOUND_ALLOW": f'["{pair}"]'}) as made:
        yield made


@pytest.fixture
def hands(browser, node):
    """New people, each with a browser of their own."""
    opened = []

    def made():
        size, scheme, _ = LOOKS["light"]
        context = browser.new_context(viewport=size, color_scheme=scheme)
        opened.append(Hands(context.new_page(), node[0]))
        return opened[-1]

    yield made
    for each in opened:
        assert each.watched.said == []
        each.page.context.close()


def name_the_organisation(vera: Hands) -> None:
    vera.go("/console/organisation")
    vera.type("name", "Harbour Forum")
    vera.type("country", "AT")
    vera.type("languages", "en, de")
    vera.type("contact.email", "orders@harbour.example")
    vera.seen("2-organisation")
    vera.press("Publish")
    vera.page.wait_for_url("**did=published")
    vera.seen()


def issue_a_key(vera: Hands) -> str:
    vera.go("/console/keys")
    vera.press("Issue a key")
    vera.type("label", "Harbour Forum's server")
    vera.tick("scope", "screening:ask")
    vera.tick("scope", "media:upload")
    vera.seen()
    vera.press("Issue")
    expect(vera.page.locator("main")).to_contain_text("shown now and never again")
    vera.seen("4-key")
    return vera.told(r"bfk_\w+_[\w-]+")


def write_the_rules(ioana: Hands) -> None:
    ioana.go("/console/policies/new")
    ioana.type("name", "Terms of the Harbour Forum")
    ioana.type("number-0", "4.2")
    ioana.type("title-en-0", "Calls to violence")
    ioana.type("text-en-0", "You may not call on others to harm people, or praise those who did.")
    ioana.press("Read it over")
    expect(ioana.page.locator("main")).to_contain_text("What would be published")
    ioana.seen("5-policy")
    ioana.press("Publish")
    ioana.page.wait_for_url("**did=published")
    ioana.seen()


def fill_a_bank(ioana: Hands) -> None:
    ioana.go("/console/banks")
    ioana.press("New bank")
    ioana.type("name", "Lamps")
    ioana.type("purpose", "Phrases of the invented Lamp League")
    ioana.press("Create the bank")
    ioana.page.wait_for_url("**/console/banks/bnk_**")
    ioana.seen()
    ioana.type("lines", PHRASE)
    ioana.press("Import")
    expect(ioana.page.locator("main")).to_contain_text("1 new")
    ioana.seen("6-bank")
    ioana.press("Let it open cases")
    ioana.page.wait_for_url("**did=promoted")
    ioana.seen()


def ask(node: str, key: str) -> dict[str, object]:
    """As the platform's server: one post, with a phrase of the bank in it."""
    account = {"platform_id": "u-1", "name": "@somebody"}
    item: dict[str, object] = {
        "platform_id": "p-1",
        "kind": "post",
        "visibility": "public",
        "account": account,
        "language": "en",
    }
    item |= {"text": f"Come to the square: {PHRASE}.", "url": "https://harbour.example/p/1", "version": 1}
    sent = {"event": "posted", "deadline_ms": 10_000, "item": item}
    answer = httpx.post(f"{node}/api/v1/screen", json=sent, headers={"Authorization": f"Bearer {key}"}, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def decide(noor: Hands) -> None:
    """From the queue: claim, look, decide; every step a key."""
    page = noor.page
    noor.go("/console")
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/console/queue")
    expect(page.locator("[data-row]")).to_contain_text("Come to the square")
    noor.seen("7-queue")
    page.keyboard.press("c")
    page.wait_for_url("**/console/cases/**")
    noor.seen("8-case")
    page.keyboard.press("1")
    page.locator("#ex").focus()
    page.keyboard.type("Public")
    page.locator("#exr").focus()
    page.keyboard.type(REASON)
    page.locator("#rule").focus()
    page.keyboard.type("4.2")
    expect(page.locator("[data-record-words]")).to_have_text("Record: remove under 4.2")
    noor.seen("9-decision")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/console/queue?did=decided")
    noor.seen()


def test_from_the_link_to_the_first_decision(hands, node):
    base, link = node
    vera = hands()
    vera.join(link, "Vera N.", "vera@harbour.example", photo="1-first-start")
    name_the_organisation(vera)
    for_ioana = vera.invite("Ioana P.", "ioana@harbour.example", "policy_lead")
    vera.seen("3-people")
    for_noor = vera.invite("Noor A.", "noor@harbour.example", "moderator")
    key = issue_a_key(vera)
    ioana, noor = hands(), hands()
    ioana.join(for_ioana)
    write_the_rules(ioana)
    fill_a_bank(ioana)
    verdict = ask(base, key)
    assert verdict["case"]
    noor.join(for_noor)
    decide(noor)
    # The operator's page says how the node is, as far as it measures itself today.
    vera.go("/console/health")
    expect(vera.page.locator("main")).to_contain_text("Emergency spool")
    expect(vera.page.locator("main")).to_contain_text("Connected by webhook")
    vera.seen("10-health")
    # And the record tells it all.
    vera.go("/console/ledger")
    for event in ("decision-made", "bank-promoted", "policy-published", "api-key-issued", "person-joined"):
        assert vera.page.locator("main", has_text=event).count(), event
    vera.seen()
