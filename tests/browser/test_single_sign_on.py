"""Single sign-on in a real browser, with a certified provider: invited, in, out, in again; by keyboard."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.providers import free_port, real_provider

from .driving import LOOKS
from .hands import Hands, serving


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def provider(port):
    yield from real_provider(f"http://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def node(provider, port, tmp_path_factory, root):
    told = {f"BEFFROI_{name.upper()}": value for name, value in provider.settings.items()}
    told["BEFFROI_OUTBOUND_ALLOW"] = json.dumps(told["BEFFROI_OUTBOUND_ALLOW"])
    with serving(tmp_path_factory.mktemp("single"), root, told, port) as made:
        yield made


def at_the_provider(page: Page, login: str) -> None:
    """Its own pages: who one is, then that the node may know it."""
    page.locator("[name=login]").focus()
    page.keyboard.type(login)
    page.locator("[name=password]").focus()
    page.keyboard.type("any")
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=prompt][value=consent]", state="attached")
    page.locator("button[type=submit]").focus()
    page.keyboard.press("Enter")


def by_the_button(hands: Hands) -> None:
    link = hands.page.locator("main a", has_text="Sign in with Harbour Office")
    link.focus()
    hands.page.keyboard.press("Enter")


def test_invited_in_out_and_in_again(browser, node, provider):
    base, link = node
    size, scheme, _ = LOOKS["light"]
    vera = Hands(browser.new_context(viewport=size, color_scheme=scheme).new_page(), base)
    vera.join(link, "Vera N.", "vera@node.example")
    for_mara = vera.invite("Mara B.", "mara@node.example", "moderator")

    mara = Hands(browser.new_context(viewport=size, color_scheme=scheme).new_page(), base)
    mara.page.goto(for_mara)
    mara.seen("11-join-by-provider")
    by_the_button(mara)
    at_the_provider(mara.page, "mara")
    mara.page.wait_for_url(f"{base}/console/**")
    expect(mara.page.locator(".who")).to_contain_text("Mara B.")

    mara.go("/console/me")
    expect(mara.page.locator("main")).to_contain_text("Single sign-on")
    mara.press("Sign out")
    mara.page.wait_for_url("**/login?did=signed-out")
    mara.seen("12-sign-in-by-provider")
    by_the_button(mara)  # the provider knows her still
    mara.page.wait_for_url(f"{base}/console/**")
    expect(mara.page.locator(".who")).to_contain_text("Mara B.")

    vera.go("/console/people")
    expect(vera.page.locator("main")).to_contain_text("Single sign-on")
    vera.seen("13-people-and-ways")
    for each in (vera, mara):
        each.page.context.close()
    assert vera.watched.said == []
