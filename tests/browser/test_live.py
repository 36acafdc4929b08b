"""Open pages follow what others do; nothing that somebody writes is taken away."""

from playwright.sync_api import expect

from .driving import sign_in
from .posting import post


def test_a_new_case_appears_in_an_open_queue(tab, demo):
    sign_in(tab, demo.node, "noor")
    tab.goto(f"{demo.node}/console/queue")
    post(demo, "Appears by itself: the herons watched")
    expect(tab.locator("#queue")).to_contain_text("Appears by itself", timeout=15_000)
    assert tab.locator("[data-row][aria-current]").count() == 1


def test_two_moderators_at_one_case(browser, tab, demo):
    case = post(demo, "For two at once: the herons watched")
    other = browser.new_page()
    sign_in(tab, demo.node, "noor")
    sign_in(other, demo.node, "tomas")
    for page in (tab, other):
        page.goto(case)
    other.keyboard.press("c")
    other.wait_for_url("**did=claimed")
    expect(tab.locator("#head")).to_contain_text("Tomas W.", timeout=15_000)
    other.fill("#note", "I am on it")
    other.keyboard.press("Enter")
    expect(tab.locator("#notes-list")).to_contain_text("I am on it", timeout=15_000)
    other.close()


def test_letters_do_nothing_in_fields_and_when_they_are_off(tab, demo):
    case = post(demo, "Letters: the herons watched")
    sign_in(tab, demo.node, "noor")
    tab.goto(case)
    tab.keyboard.press("n")  # the note has the focus now
    tab.keyboard.type("cs0!")
    assert tab.input_value("#note") == "cs0!"
    tab.keyboard.press("Escape")
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("?")
    expect(tab.locator("dialog#keys")).to_be_visible()
    tab.locator("[data-single-keys]").uncheck()
    tab.keyboard.press("Escape")
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("c")
    tab.wait_for_timeout(300)
    assert "did=claimed" not in tab.url
    tab.reload()
    assert tab.evaluate("document.documentElement.dataset.keys") == "off"


def test_find_or_run(tab, demo):
    case = post(demo, "To be found: the herons watched")
    sign_in(tab, demo.node, "noor")
    tab.goto(f"{demo.node}/console/queue")
    tab.keyboard.press("Control+k")
    expect(tab.locator("dialog#find")).to_be_visible()
    tab.keyboard.type(case.rpartition("=")[2])
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/console/cases/**")


def test_the_theme_is_kept_and_there_from_the_first_paint(tab, demo):
    sign_in(tab, demo.node, "noor")
    before = tab.evaluate("document.documentElement.dataset.theme || 'light'")
    tab.keyboard.press("t")
    after = tab.evaluate("document.documentElement.dataset.theme")
    assert after != before
    tab.goto(f"{demo.node}/console/banks")
    assert f'data-theme="{after}"' in tab.context.request.get(f"{demo.node}/console/banks").text()
