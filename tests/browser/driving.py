"""What browser tests do again and again: watch the console, run axe, sign in by keyboard."""

import io
import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import ConsoleMessage, Page, expect

from beffroi.flow import sample

ARGUMENTS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

SCREENS = Path(__file__).parents[2] / "docs" / "screens" if os.environ.get("BEFFROI_SCREENS") == "1" else None
LOOKS = {
    "light": ({"width": 1440, "height": 900}, "light", "en"),
    "dark": ({"width": 1440, "height": 900}, "dark", "en"),
    "rtl": ({"width": 1440, "height": 900}, "light", "ar"),
    "phone": ({"width": 390, "height": 844}, "light", "en"),
    "long": ({"width": 1440, "height": 900}, "light", "qps"),
    "small": ({"width": 360, "height": 740}, "dark", "qps-rtl"),
}
"""Window, colours, language. The pseudo-languages are not photographed."""


class Watched:
    """Everything that a page complained about."""

    def __init__(self, page: Page) -> None:
        self.said: list[str] = []
        page.set_default_timeout(10_000)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.said.append(f"{message.type}: {message.text}")


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds: rule, and the elements."""
    found = Axe().run(page).response["violations"]
    return [{"rule": each["id"], "where": [node["html"][:200] for node in each["nodes"]]} for each in found]


def is_wider_than_the_screen(page: Page) -> bool:
    """Whether one would have to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def sign_in(page: Page, node: str, who: str) -> None:
    """By keyboard alone."""
    host = "overseer" if who == "ossian" else "agora"
    page.goto(f"{node}/login")
    expect(page.locator("[name=email]")).to_be_focused()  # a browser that just started takes its time
    page.keyboard.type(f"{who}@{host}.example")
    page.keyboard.press("Tab")
    page.keyboard.type(sample.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/**")


def photograph(page: Page, name: str, look: str) -> None:
    """Into `docs/screens/` where `BEFFROI_SCREENS=1`; 128 colours are enough for flat pages."""
    if SCREENS is None or look in {"long", "small"}:
        return
    SCREENS.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(128, dither=Image.Dither.NONE).save(SCREENS / f"{name}-{look}.png", optimize=True)
