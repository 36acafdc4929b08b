"""The newcomer's walk: post, see the case, decide it by keyboard, watch it go, read why, put it back."""

import time

import httpx
import pytest
from playwright.sync_api import Page, expect

from .driving import LOOKS, is_wider_than_the_screen, photograph, sign_in, violations

REASON = "The drawing is called art by nobody: it names a day and asks people to bring others and fire."


def until(holds, what, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def checked(page: Page) -> None:
    assert violations(page) == [], page.url
    assert not is_wider_than_the_screen(page), page.url


def post_the_poster(tab, demo):
    """As Mara, a picture that is a cropped, re-encoded copy of one in a bank; returns its address."""
    tab.goto(f"{demo.site}/login")
    tab.locator("button.person").first.click()
    tab.goto(demo.site)
    tab.fill("#text", "See you on the square.")
    tab.set_input_files("#picture", demo.data / "pictures" / "lantern-poster-copy.jpg")
    tab.click("form[action='/posts'] button")
    tab.wait_for_load_state()
    tab.goto(demo.site)
    return demo.site + tab.locator("a[href^='/p/']").first.get_attribute("href")


def shorten_the_hold(browser, demo):
    """The administrator lets decisions wait two seconds instead of a minute, with a reason."""
    page = browser.new_page()
    sign_in(page, demo.node, "ada")
    page.goto(f"{demo.node}/console/charter")
    form = page.locator("form[action$='/undo_hold_s']")
    form.locator("xpath=ancestor::details").locator("summary").click()
    form.locator("[name=value]").fill("2")
    form.locator("[name=reason]").fill("So that nobody waits in a test.")
    form.locator("button").click()
    expect(page.locator(".told")).to_be_visible()
    page.close()


@pytest.fixture
def stranger():
    """Somebody who is not logged in anywhere."""
    with httpx.Client(follow_redirects=True) as visitor:
        yield visitor


def claim_it(tab, demo):
    """In the queue, by keyboard: walk to the case and claim it; returns the case's address."""
    sign_in(tab, demo.node, "noor")
    tab.keyboard.press("g")
    tab.keyboard.press("q")
    tab.wait_for_url("**/console/queue")
    row = tab.locator("[data-row]", has_text="See you on the square.")
    until(row.count, "no case was opened")
    checked(tab)
    while "See you on the square." not in tab.locator("[data-row][aria-current]").inner_text():
        tab.keyboard.press("j")
    tab.keyboard.press("c")
    tab.wait_for_url("**/console/cases/**")
    checked(tab)
    return tab.url.partition("?")[0]


def open_and_close_the_picture(tab):
    """The media is closed until an act, blurred and grey when open."""
    picture = tab.locator(".media-open img")
    assert picture.get_attribute("src") is None
    tab.keyboard.press("v")
    until(lambda: picture.evaluate("image => image.naturalWidth") > 0, "the picture did not come")
    assert "blur" in picture.evaluate("image => getComputedStyle(image).filter")
    tab.keyboard.press("b")
    assert "blur" not in picture.evaluate("image => getComputedStyle(image).filter")
    checked(tab)
    tab.keyboard.press("v")
    expect(picture).to_be_hidden()


def decide_it(tab):
    """The nearest purpose, a sentence, the rule; nothing is chosen beforehand."""
    assert tab.locator("input[name=act]:checked").count() == 0
    tab.keyboard.press("1")
    assert tab.locator("input[name=act]:checked").get_attribute("value") == "remove"
    tab.locator("#ex").focus()
    tab.keyboard.type("Art")
    tab.keyboard.press("Tab")
    tab.keyboard.type(REASON)
    tab.locator("#rule").focus()
    tab.keyboard.type("4.2")
    expect(tab.locator("[data-record-words]")).to_have_text("Record: remove under 4.2")
    expect(tab.locator("#preview")).to_contain_text("Removed it, everywhere.")
    checked(tab)
    tab.keyboard.press("Control+Enter")
    tab.wait_for_url("**/console/queue?did=decided")
    expect(tab.locator(".undo")).to_contain_text("Remove")


def test_the_newcomers_walk(browser, context, tab, demo, stranger):
    shorten_the_hold(browser, demo)
    address = post_the_poster(context.new_page(), demo)
    assert stranger.get(address).status_code == 200
    case = claim_it(tab, demo)
    open_and_close_the_picture(tab)
    decide_it(tab)

    # gone for a logged-out visitor, with a way to the reasons
    until(lambda: stranger.get(address).status_code in {404, 410, 451}, "the post is still there")
    reader = context.new_page()
    until(lambda: "/s/" in (reader.goto(address) and reader.content()), "the tombstone names no statement")
    statement = reader.locator("a[href*='/s/']").first.get_attribute("href")
    reader.goto(statement)
    expect(reader.locator("h1")).to_have_text("Your post is no longer visible on Agora")
    expect(reader.locator("main")).to_contain_text(REASON)
    checked(reader)
    for look, (size, scheme, language) in LOOKS.items():
        seen = browser.new_context(viewport=size, color_scheme=scheme).new_page()
        seen.goto(f"{statement}?lang={language}")
        photograph(seen, "statement", look)
        assert [each for each in violations(seen) if each["rule"] != "html-lang-valid"] == []
        assert not is_wider_than_the_screen(seen)
        seen.context.close()

    # put back, and visible again
    tab.goto(case)
    tab.locator(".decide a[href^='/console/decisions/']").click()
    expect(tab.locator("#restrictions")).to_contain_text("Seen gone from outside")
    tab.fill("#reason", "It was a poster of a lantern fair.")
    tab.locator("form[action$='/reverse'] button").click()
    until(lambda: stranger.get(address).status_code == 200, "the post did not come back")
    checked(tab)
    reader.goto(statement)
    expect(reader.locator("main")).to_contain_text("This has ended since")
    assert violations(reader) == []
