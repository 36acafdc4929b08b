"""The newcomer's walk, by keyboard, in a real Chromium, with axe on every page and screenshots that are kept.

Done when 3 of the first release: post a near copy, see the case, decide it, watch the post disappear for a logged-out
visitor, read the statement of reasons as the poster, reverse the decision, see the post come back.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
SCREENS = os.environ.get("BEFFROI_KEEP_SCREENS", "")
"""A folder to keep screenshots in; without it they go with the test's own folder."""
PATIENCE_MS = 40_000


@dataclass(frozen=True)
class Demo:
    """Where the demo listens, and its folder."""

    node: str
    site: str
    folder: Path


def _free_pair() -> int:
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`beffroi demo`, as a newcomer starts it."""
    folder, port = tmp_path_factory.mktemp("demo"), _free_pair()
    command = [sys.executable, "-m", "beffroi", "demo", "--data", str(folder), "--port", str(port), "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 90
    while time.monotonic() < end and not (_listens(port) and _listens(port + 1)):
        time.sleep(0.2)
    try:
        yield Demo(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}", folder)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium_path, chromium_sandbox=False, args=FLAGS)
        yield opened
        opened.close()


def _page(browser: Browser, **options: Any) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, **options).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.complaints = []  # type: ignore[attr-defined]
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)  # type: ignore[attr-defined]
    return page


def _clean(page: Page, folder: Path, name: str) -> None:
    """Axe finds nothing, nobody complained in the console, and the page is kept as a picture."""
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    complaints = [said for said in page.complaints if "410" not in said]  # type: ignore[attr-defined]
    assert complaints == [], f"{name}: {complaints}"
    kept = Path(SCREENS) if SCREENS else folder / "screens"
    kept.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=kept / f"{name}.png")


def _sign_in(page: Page, demo: Demo, who: str) -> None:
    page.goto(f"{demo.node}/login")
    page.locator("input[name=email]").focus()
    page.keyboard.type(f"{who}@agora.example")
    page.keyboard.press("Tab")
    page.keyboard.type("beffroi demo only")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/**")


def _post_a_copy(page: Page, demo: Demo) -> str:
    page.goto(f"{demo.site}/login")
    page.locator("#name").focus()
    page.keyboard.type("Zed Walker")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{demo.site}/")
    page.set_input_files("input[type=file]", demo.folder / "pictures" / "lantern-poster-copy.jpg")
    page.locator("textarea[name=text]").focus()
    page.keyboard.type("Come and see the lantern")
    page.locator("form[action='/posts'] button").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/*")
    return page.url


def _decide(page: Page, demo: Demo) -> None:
    """Claim the top case and record "remove", all by keys."""
    page.goto(f"{demo.node}/console/queue")
    expect(page.get_by_text("Come and see the lantern")).to_be_visible()
    _clean(page, demo.folder, "queue-light")
    page.keyboard.press("c")
    page.wait_for_url("**/console/cases/**")
    page.keyboard.press("v")
    expect(page.locator("#media, .media-open").first).to_be_visible()
    page.keyboard.press("v")
    page.keyboard.press("1")
    page.locator("select[name=exemption]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("It names a place and asks people to come; nothing frames it as report or satire.")
    page.locator("select[name=rule]").focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    _clean(page, demo.folder, "case-light")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/console/queue**")


def _until(page: Page, url: str, status: int) -> None:
    """Look as a logged-out visitor until the site answers `status`."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < end:
        answer = page.goto(url)
        if answer is not None and answer.status == status:
            return
        page.wait_for_timeout(300)
    pytest.fail(f"{url} never answered {status}")


@pytest.mark.timeout(300)
def test_the_newcomers_walk(demo: Demo, browser: Browser) -> None:
    poster, visitor, moderator = _page(browser), _page(browser), _page(browser)
    post = _post_a_copy(poster, demo)
    _until(visitor, post, 200)
    _sign_in(moderator, demo, "noor")
    _decide(moderator, demo)
    _until(visitor, post, 410)
    _clean(visitor, demo.folder, "site-gone")
    poster.goto(post)
    link = poster.get_by_role("link", name="Read the statement of reasons")
    poster.wait_for_timeout(1500)
    poster.goto(post)
    link.focus()
    poster.keyboard.press("Enter")
    poster.wait_for_url("**/s/**")
    expect(poster.locator("main")).to_contain_text("4.2")
    _clean(poster, demo.folder, "statement-light")
    statement = poster.url
    _reverse(moderator, demo)
    _until(visitor, post, 200)
    poster.goto(statement)
    _clean(poster, demo.folder, "statement-after")


def _reverse(page: Page, demo: Demo) -> None:
    """From the account's history to the decision, and back."""
    page.goto(f"{demo.node}/console/deliveries")
    _clean(page, demo.folder, "deliveries-light")
    page.go_back()
    decision = _newest_decision(demo)
    page.goto(f"{demo.node}/console/decisions/{decision}")
    _clean(page, demo.folder, "decision-light")
    page.locator("textarea[name=reason]").focus()
    page.keyboard.type("It was an invitation to a lantern festival after all.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def _newest_decision(demo: Demo) -> str:
    import sqlite3

    with sqlite3.connect(f"file:{demo.folder}/node/beffroi.db?mode=ro", uri=True) as db:
        return str(db.execute("SELECT id FROM decision ORDER BY id DESC LIMIT 1").fetchone()[0])


PAGES = {
    "noor": ("queue", "banks", "rules", "policies", "charter", "deliveries", "ledger", "health", "me"),
    "ada": ("people", "keys"),
}
PUBLIC = ("", "contact", "report", "policies", "transparency", "ledger", "login")
LOOKS = (("light", {}, ""), ("dark", {"color_scheme": "dark"}, ""), ("rtl", {"locale": "ar"}, "?lang=ar"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("look", "options", "query"), LOOKS, ids=[look for look, _, _ in LOOKS])
def test_every_page_in_every_look(demo: Demo, browser: Browser, look: str, options: dict[str, Any], query: str) -> None:
    for who, names in PAGES.items():
        page = _page(browser, **options)
        _sign_in(page, demo, who)
        for name in names:
            answer = page.goto(f"{demo.node}/console/{name}{query}")
            assert answer is not None
            assert answer.status == 200, name
            assert page.locator("html").get_attribute("dir") == ("rtl" if look == "rtl" else "ltr")
            _clean(page, demo.folder, f"{name}-{look}")
    page = _page(browser, **options)
    for name in PUBLIC:
        page.goto(f"{demo.node}/{name}{query}")
        _clean(page, demo.folder, f"public-{name or 'front'}-{look}")
