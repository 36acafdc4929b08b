"""A warning by keyboard alone: from the case to *signed*, with what leaves in sight, until somebody has it."""

import pytest
from playwright.sync_api import expect

from .driving import LOOKS, is_wider_than_the_screen, photograph, sign_in, violations
from .posting import post

REASONS = "The poster says they will be at the lamp hall at six with the tin. Two replies ask to stop."
STEPS_MAX = 12
"""Keys that are pressed, beside the words that are typed."""


class Fingers:
    """A keyboard that counts."""

    def __init__(self, tab):
        self._keyboard, self.steps = tab.keyboard, 0

    def press(self, *keys):
        for key in keys:
            self._keyboard.press(key)
            self.steps += 1

    def type(self, words):
        self._keyboard.type(words)


def checked(tab):
    assert violations(tab) == [], tab.url
    assert not is_wider_than_the_screen(tab), tab.url


@pytest.fixture
def case(tab, demo):
    sign_in(tab, demo.node, "noor")
    tab.goto(post(demo, "Tonight, with the tin: the lamps go out on market day"))
    return tab.url


def test_a_warning_is_sent_by_keyboard(tab, demo, case):
    fingers = Fingers(tab)
    fingers.press("w")
    tab.wait_for_url("**/console/threats/thr_*")
    checked(tab)
    fingers.press("1", "r")
    fingers.type(REASONS)
    fingers.press("Tab", "Space", "Tab", "Space")  # what the words show: intent, means
    expect(tab.locator("#leaves pre").first).to_contain_text("Danger to:    life, within hours")
    expect(tab.locator("#leaves pre").first).to_contain_text(REASONS)
    expect(tab.locator("#leaves pre").first).to_contain_text("high, specific")
    expect(tab.locator("#call")).to_contain_text("Oostmark contact point")
    checked(tab)
    fingers.press("Control+Enter")
    tab.wait_for_url("**did=warned")
    assert fingers.steps <= STEPS_MAX, fingers.steps
    checked(tab)
    expect(tab.locator(".coped .strong").first).to_contain_text("+99 0 555")
    for _ in range(tab.locator("form[action$='/confirm']").count()):
        tab.keyboard.press("y")
        tab.wait_for_url("**did=confirmed")
    expect(tab.locator(".head .state")).to_contain_text("Confirmed")
    checked(tab)


def test_what_leaves_follows_each_tick(tab, demo, case):
    tab.keyboard.press("w")
    tab.wait_for_url("**/console/threats/thr_*")
    letter = tab.locator("#leaves pre").first
    expect(letter).to_contain_text("> Tonight, with the tin")
    tab.locator("#parts-post").uncheck()
    expect(letter).not_to_contain_text("> Tonight")
    expect(tab.locator("#stays")).to_contain_text("The post")
    tab.select_option("#state-offence", "XV")
    expect(tab.locator("#call")).to_contain_text("Valmere Criminal Police")
    expect(tab.locator("#sign-words")).to_contain_text("Sign and send to 1 authority")
    tab.fill("#drop-why", "They speak of a film that opens at six.")
    tab.locator("form[action$='/drop'] button").click()
    tab.wait_for_url("**did=warning-dropped")


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_warnings(browser, demo, look):
    size, scheme, language = LOOKS[look]
    context = browser.new_context(viewport=size, color_scheme=scheme)
    context.add_cookies([{"name": "lang", "value": language, "url": demo.node}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    sign_in(page, demo.node, "noor")
    page.goto(post(demo, f"In every look, {look}: the lamps go out on market day"))
    page.locator("form[action$='/warn'] button").click()
    page.wait_for_url("**/console/threats/thr_*")
    page.locator("[name=window][value=hours]").check()
    page.fill("#why", REASONS)
    page.select_option("#state-offence", "XV")
    page.select_option("#state-suspect", "XA")
    expect(page.locator("#leaves pre").first).to_contain_text("State:        XA")
    draft = page.url
    _look_at(page, "warning-draft", look, language)
    page.locator("form#warn button.primary").click()
    page.wait_for_url("**did=warned")
    page.goto(draft)
    _look_at(page, "warning", look, language)
    for name, path in (("warnings", "/console/threats"), ("warned", "/console/threats/recipients")):
        page.goto(f"{demo.node}{path}")
        _look_at(page, name, look, language)
    context.close()


def _look_at(page, name, look, language):
    photograph(page, name, look)
    pseudo = {"html-lang-valid", "valid-lang"} if language.startswith("qps") else set()
    assert [each for each in violations(page) if each["rule"] not in pseudo] == []
    assert not is_wider_than_the_screen(page)
