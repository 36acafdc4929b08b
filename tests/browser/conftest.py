"""A demo, started as its users start it, and a real browser in front of it; nothing but loopback is reached."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from .driving import ARGUMENTS, Watched

START_S_MAX = 60


@dataclass(frozen=True)
class Demo:
    """Where node and site stand, and what the demo drew."""

    node: str
    site: str
    data: Path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Demo]:
    """`beffroi demo` in a folder of its own, stopped at the end."""
    data, port = tmp_path_factory.mktemp("demo"), _two_free_ports()
    command = [sys.executable, "-c", "from beffroi.cli import main; main()", "demo"]
    command += ["--data", str(data), "--port", str(port), "--no-browser"]
    with (data / "log").open("wb") as log:
        started = subprocess.Popen(command, cwd=root, stdout=log, stderr=subprocess.STDOUT, env=os.environ.copy())
        made = Demo(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}", data)
        try:
            _wait(made, started)
            yield made
        finally:
            started.terminate()
            started.wait(timeout=30)
    assert "Traceback" not in (data / "log").read_text(), (data / "log").read_text()[-4000:]


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Debian's Chromium, headless.

    A module's and no longer: Playwright keeps a loop running in this thread, and what other modules on the same worker
    hand to `asyncio.run` would find it.
    """
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium_path, args=ARGUMENTS, chromium_sandbox=False)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One visitor's browser, without cookies."""
    made = browser.new_context(viewport={"width": 1440, "height": 900})
    yield made
    made.close()


@pytest.fixture
def tab(context: BrowserContext) -> Iterator[Page]:
    """A tab whose console must stay silent."""
    page = context.new_page()
    watched = Watched(page)
    yield page
    assert watched.said == []


def free_port() -> int:
    """One that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _two_free_ports() -> int:
    for _ in range(50):
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                two.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
    pytest.fail("no two free ports side by side")


def _wait(made: Demo, started: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_S_MAX
    for address in (made.node, made.site):
        while not _answers(address):
            if started.poll() is not None or time.monotonic() > until:
                pytest.fail(f"the demo did not start: {(made.data / 'log').read_text()[-4000:]}")
            time.sleep(0.2)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health", timeout=2).status_code == 200
    except httpx.TransportError:
        return False
