"""Everything that matters works without a script."""

import pytest
from playwright.sync_api import expect

from .driving import sign_in
from .posting import post


@pytest.fixture
def plain(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def test_claim_decide_and_undo(plain, demo):
    case = post(demo, "Without a script: the herons watched")
    sign_in(plain, demo.node, "noor")
    plain.goto(case)
    plain.get_by_role("button", name="Claim").click()
    plain.check("input[value=remove]")
    plain.select_option("#ex", "art")
    plain.click("[data-record-button]")
    expect(plain.locator("main")).to_contain_text("names the rule")
    plain.fill("#exr", "Nothing in it shows that it is meant as art.")
    plain.select_option("#rule", index=2)
    plain.click("[data-record-button]")
    expect(plain.locator("main")).to_contain_text("Recorded.")


def test_media_opens_by_a_form_and_is_recorded(plain, demo):
    sign_in(plain, demo.node, "noor")
    plain.goto(f"{demo.node}/console/queue")
    assert plain.locator("main img").count() == 0


def test_language_theme_and_keys_are_a_form(plain, demo):
    sign_in(plain, demo.node, "tomas")
    plain.goto(f"{demo.node}/console/me")
    plain.select_option("#theme", "dark")
    plain.select_option("#lang", "ar")
    plain.click("form[action='/console/me/appearance'] button")
    assert 'lang="ar" dir="rtl" data-theme="dark"' in plain.content()


def test_a_report_is_sent(plain, demo):
    plain.goto(f"{demo.node}/report")
    plain.fill("#url", "https://agora.example/p/7")
    plain.fill("#explanation", "It calls on people to bring fire.")
    plain.fill("#name", "Vera N.")
    plain.fill("#email", "vera@users.example")
    plain.check("[name=good_faith]")
    plain.click("main button[type=submit]")
    expect(plain.locator("h1")).to_have_text("We have your report")
