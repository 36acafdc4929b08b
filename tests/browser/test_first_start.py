"""A node of one's own: the first administrator, a second step, a passkey. On `localhost`, as passkeys need a name."""

import os
import re
import socket
import subprocess
import sys
import time

import httpx
import pyotp
import pytest
from playwright.sync_api import expect

from .driving import violations

NAME, PASSWORD = "Vera N.", "twelve lanterns by the canal"


@pytest.fixture(scope="module")
def node(tmp_path_factory, root):
    """`beffroi serve` in an empty folder; its address and the link that it printed."""
    folder = tmp_path_factory.mktemp("own")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://localhost:{port}"
    command = [sys.executable, "-c", "from beffroi.cli import main; main()", "serve"]
    command += ["--data", str(folder / "data"), "--port", str(port)]
    log = folder / "log"
    with log.open("wb") as out:
        environment = os.environ | {"BEFFROI_BASE_URL": base, "PYTHONUNBUFFERED": "1"}
        started = subprocess.Popen(command, cwd=root, stdout=out, stderr=subprocess.STDOUT, env=environment)
        try:
            end = time.monotonic() + 60
            while not _is_up(f"http://127.0.0.1:{port}"):
                assert started.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.2)
            yield base, re.search(r"http://\S+/first-start/\S+", log.read_text())[0]
        finally:
            started.terminate()
            started.wait(timeout=30)


def _is_up(base):
    try:
        return httpx.get(f"{base}/health", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def test_first_administrator_second_step_and_passkey(tab, node):
    base, link = node
    tab.goto(link)
    assert violations(tab) == []
    tab.fill("#name", NAME)
    tab.fill("#email", "vera@node.example")
    tab.fill("#password", PASSWORD)
    secret = tab.locator(".code-block").inner_text().replace(" ", "")
    tab.fill("#code", pyotp.TOTP(secret).now())
    tab.keyboard.press("Enter")
    expect(tab.locator("h1")).to_have_text("Keep these codes")
    assert violations(tab) == []
    codes = tab.locator(".codes li").all_inner_texts()
    assert len(codes) == len(set(codes)) == 10

    # a passkey, in a device that the browser imitates
    session = tab.context.new_cdp_session(tab)
    session.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    tab.goto(f"{base}/console/me")
    tab.fill("#label", "Key of the house")
    tab.get_by_role("button", name="Add a passkey").click()
    expect(tab.locator("main")).to_contain_text("Saved.")
    expect(tab.locator("main")).to_contain_text("Key of the house")
    assert violations(tab) == []

    # out, and in again without a password
    tab.get_by_role("button", name="Sign out").click()
    tab.wait_for_url("**/login?did=signed-out")
    tab.get_by_role("button", name="Use a passkey").click()
    tab.wait_for_url("**/console/**")
    expect(tab.locator(".who")).to_contain_text(NAME)

    # a recovery code works once
    for code, works in ((codes[0], True), (codes[0], False)):
        tab.context.clear_cookies()
        tab.goto(f"{base}/login")
        tab.fill("#email", "vera@node.example")
        tab.fill("#password", PASSWORD)
        tab.fill("#code", code)
        with tab.expect_response("**/login") as answered:
            tab.keyboard.press("Enter")
        assert answered.value.status == (303 if works else 401)
