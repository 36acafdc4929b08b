"""Somebody at a keyboard, on a node of one's own that begins empty.

Owns: `Hands`, what people type and press; `serving`, `beffroi serve` in a folder.
Promises: no mouse; every page that is looked at has nothing that axe finds.
Never does: know what a test is about.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pyotp
from playwright.sync_api import Page, expect

from tests.providers import free_port

from .driving import Watched, is_wider_than_the_screen, photograph, violations


@contextmanager
def serving(folder: Path, root: Path, settings: Mapping[str, str], port: int = 0) -> Iterator[tuple[str, str]]:
    """`beffroi serve` in an empty folder; its address and the link that it printed."""
    port, log = port or free_port(), folder / "log"
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", "from beffroi.cli import main; main()", "serve"]
    command += ["--data", str(folder / "data"), "--port", str(port)]
    with log.open("wb") as out:
        environment = os.environ | {"PYTHONUNBUFFERED": "1"} | dict(settings)
        started = subprocess.Popen(command, cwd=root, stdout=out, stderr=subprocess.STDOUT, env=environment)
        try:
            end = time.monotonic() + 60
            while not _is_up(base):
                assert started.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.2)
            link = re.search(r"http://\S+/first-start/\S+", log.read_text())
            assert link, log.read_text()
            yield base, link[0]
        finally:
            started.terminate()
            started.wait(timeout=30)
    assert "Traceback" not in log.read_text(), log.read_text()[-4000:]


def _is_up(base):
    try:
        return httpx.get(f"{base}/health", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


class Hands:
    """Somebody at a keyboard; a mouse there is none."""

    def __init__(self, page: Page, node: str) -> None:
        self.page, self.node = page, node
        self.watched = Watched(page)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.node}{path}")

    def type(self, name: str, text: str) -> None:
        """Into the field of this name, over what is in it."""
        field = self.page.locator(f"main [name='{name}']")
        field.focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def tick(self, name: str, value: str) -> None:
        self.page.locator(f"main [name='{name}'][value='{value}']").focus()
        self.page.keyboard.press("Space")

    def press(self, words: str) -> None:
        """A button or a fold, by its words."""
        exactly = re.compile(rf"^\s*{re.escape(words)}\s*$")
        self.page.locator("main button, main summary", has_text=exactly).first.focus()
        self.page.keyboard.press("Enter")

    def seen(self, name: str = "") -> None:
        """Nothing is wrong with this page; it is photographed under `name`."""
        assert violations(self.page) == [], self.page.url
        assert not is_wider_than_the_screen(self.page), self.page.url
        if name:
            photograph(self.page, f"walk-{name}", "light")

    def told(self, pattern: str) -> str:
        found = re.search(pattern, self.page.locator("main").inner_text())
        assert found, self.page.locator("main").inner_text()[:2000]
        return found[0]

    def join(self, link: str, name: str = "", email: str = "", photo: str = "") -> None:
        """Set up an account: a password, a telephone, recovery codes."""
        self.page.goto(link)
        self.seen(photo)
        if name:
            self.type("name", name)
            self.type("email", email)
        self.type("password", "twelve lanterns by the canal")
        secret = self.page.locator(".code-block").inner_text().replace(" ", "")
        self.type("code", pyotp.TOTP(secret).now())
        self.page.keyboard.press("Enter")
        expect(self.page.locator("h1")).to_have_text("Keep these codes")
        self.seen()

    def invite(self, name: str, email: str, *roles: str) -> str:
        """Returns the link that is to be handed over."""
        self.go("/console/people")
        self.press("Invite somebody")
        self.type("name", name)
        self.type("email", email)
        for role in roles:
            self.tick("role", role)
        self.press("Invite")
        self.page.keyboard.press("Control+Home")
        expect(self.page.locator("main")).to_contain_text("Hand over this link")
        return self.told(r"http://\S+/first-start/\S+")
