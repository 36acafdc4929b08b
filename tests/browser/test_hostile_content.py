"""Content never runs: every field of every page, in a real browser, holding what somebody hopes will run.

What would show it: `window.lamp` set, a dialog, an error or a violation of the content security policy (a handler that
the policy stopped was in the page all the same), a request to anywhere else, an element that no template of ours
writes. What was written must stand there whole, as text.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response

from beffroi.app import application
from beffroi.cli._server import server_of
from beffroi.doors.console.routes import ROUTES as CONSOLE
from beffroi.doors.platforms import signing
from beffroi.doors.public.routes import ROUTES as PUBLIC
from beffroi.doors.web.security import CONTENT_SECURITY_POLICY
from beffroi.ground.kernel.limits import POLICY_CLAUSES_MAX
from beffroi.staff.model import Role
from tests.authz.askers import asker
from tests.authz.scene import Scene
from tests.conftest import SOAK
from tests.nodes import running

from .conftest import free_port
from .hostile.payloads import BIDI, FOREIGN, PAYLOADS
from .hostile.world import OUTSIDERS, PLACES, Pages, World, written

COMBINATIONS_MIN = 500
_TAG = re.compile(r"\[([a-z-]+)\.([a-z0-9-]+)\]")
_LANGUAGES = ("en", "ar") if SOAK else ("en",)
_CHOSEN = list(PAYLOADS) if SOAK else list(PAYLOADS)[::3]
_FEW = _CHOSEN if SOAK else _CHOSEN[::4]

_WATCH = """
window.said = [];
addEventListener("securitypolicyviolation", (event) => said.push(`policy: ${event.violatedDirective} ${event.sample}`));
addEventListener("error", (event) => said.push(`error: ${event.message}`));
"""
_LOOK = """([foreign, bidi]) => {
    const all = [...document.querySelectorAll("*")];
    const written = all.flatMap((each) => [...each.attributes].map((a) => a.value).concat(String(each.value ?? "")));
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const turning = [];
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (![...bidi].some((control) => node.data.includes(control))) continue;
        if (!node.parentElement.closest("bdi, [dir=auto], textarea, option")) turning.push(node.data);
    }
    return {
        lamp: window.lamp ?? null, said: window.said, turning,
        foreign: foreign.flatMap((selector) => [...document.querySelectorAll(selector)]).map((each) => each.outerHTML),
        strings: [document.querySelector("title").textContent, document.body.textContent, ...written],
    };
}"""


@dataclass
class Seen:
    """What the pages showed, and what went wrong on them."""

    address: str
    shown: set[tuple[str, str]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    pages: set[str] = field(default_factory=set)

    def watch(self, context: BrowserContext) -> None:
        """Everything that a page of this visitor complains about, asks for or opens."""
        context.add_init_script(_WATCH)
        context.on("request", lambda request: self._asked(request.url))
        context.on("response", self._answered)

    def tab(self, context: BrowserContext) -> Page:
        """A tab that is listened to."""
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("dialog", lambda dialog: self.wrong.append(f"{page.url}: a dialog said {dialog.message}"))
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("popup", lambda _popup: self.wrong.append(f"{page.url}: a window opened"))
        return page

    def visit(self, page: Page, path: str) -> None:
        """Go there and look."""
        page.goto(f"{self.address}{path}", wait_until="load")
        self.look(page)

    def look(self, page: Page) -> None:
        """Look at the page that is open."""
        found: dict[str, Any] = page.evaluate(_LOOK, [list(FOREIGN), BIDI])
        where = page.url.removeprefix(self.address)
        self.pages.add(where)
        if found["lamp"] is not None:
            self.wrong.append(f"{where}: it ran")
        self.wrong += [f"{where}: {each}" for each in found["said"]]
        self.wrong += [f"{where}: foreign {each[:200]}" for each in found["foreign"]]
        self.wrong += [f"{where}: turns what follows: {each!r}" for each in found["turning"] if _by_outsiders(each)]
        for text in found["strings"]:
            self._read(where, " ".join(text.split()))

    def taken(self) -> list[str]:
        """What went wrong since the last time."""
        wrong, self.wrong = self.wrong, []
        return wrong

    def _read(self, where: str, text: str) -> None:
        for tag in _TAG.finditer(text):
            place, payload = tag.groups()
            if payload not in PAYLOADS or place not in PLACES:
                continue
            if text[: tag.start()].endswith(_befores(written(payload)[place], tag[0])):
                self.shown.add((place, payload))
            else:
                self.wrong.append(f"{where}: {tag[0]} is not what was written: {text[: tag.start()][-120:]!r}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "about:", "data:,")):
            self.wrong.append(f"asked for {url}")

    def _answered(self, response: Response) -> None:
        policy = response.headers.get("content-security-policy", "")
        kind = response.headers.get("content-type", "")
        is_right = policy == CONTENT_SECURITY_POLICY + ("; sandbox" if kind.startswith("image/") else "")
        if not is_right or response.headers.get("x-content-type-options") != "nosniff":
            self.wrong.append(f"{response.url}: no policy of ours, or sniffed")


def _by_outsiders(text: str) -> bool:
    places = {place for place, _ in _TAG.findall(text)}
    return not places or bool(places & OUTSIDERS)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The node, serving; everything is written."""
    hook = {"hook_url": "https://agora.example/hooks", "hook_secret": signing.fresh_secret()}
    with running(tmp_path_factory.mktemp("hostile"), demo=True, port=free_port(), **hook) as node:
        node.node.crew.stop()
        server = server_of(application(node.node), node.house.settings)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.05)
        yield World(Scene(node))
        server.should_exit = True
        thread.join(30)


@pytest.fixture(scope="module")
def pages(world: World) -> dict[str, Pages]:
    """Where what each payload wrote is shown."""
    found = {name: world.write(name) for name in _CHOSEN}
    for names in _policies():
        world.policy(names)
    world.present("jinja")
    return found


@pytest.fixture(scope="module")
def seen(world: World) -> Seen:
    """What all tests of this module saw together."""
    return Seen(world.house.settings.public_url)


@pytest.fixture
def tab_of(world: World, seen: Seen, browser: Browser) -> Iterator[Any]:
    """A tab of somebody who is signed in, or of nobody."""
    opened: list[BrowserContext] = []

    def tab(role: Role | None = None, person: Any = None, **more: Any) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, **more)
        opened.append(context)
        seen.watch(context)
        if role is not None:
            who = asker(world.scene.node, role.value, person)
            context.add_cookies([{"name": n, "value": v, "url": seen.address} for n, v in who.cookies.items()])
        return seen.tab(context)

    yield tab
    for context in opened:
        context.close()


def _policies() -> list[list[str]]:
    """A clause for each payload, in as few policies as hold them; a policy's name is its first one's."""
    return [_CHOSEN[at : at + POLICY_CLAUSES_MAX] for at in range(0, len(_CHOSEN), POLICY_CLAUSES_MAX)]


# ── pages about one thing ─────────────────────────────────────────────────────────────────────────


def test_pages_about_one_thing_show_it_as_text(world, pages, seen, tab_of):
    inside, outside = tab_of(Role.SENIOR_MODERATOR, world.who), tab_of()
    for language in _LANGUAGES:
        for name, where in pages.items():
            for path in where.inside:
                seen.visit(inside, f"{path}?lang={language}")
            seen.visit(inside, f"{where.open_case}?media=open&lang={language}")
            for path in where.outside:
                seen.visit(outside, f"{path}?lang={language}")
            world.present(name)
            seen.visit(outside, f"/contact?lang={language}")
            seen.visit(inside, f"/console/organisation?lang={language}")
    assert seen.taken() == []


def test_lists_and_forms_show_it_as_text(world, pages, seen, tab_of):
    inside, administrator = tab_of(Role.SENIOR_MODERATOR, world.who), tab_of(Role.ADMINISTRATOR)
    agents, outside = tab_of(Role.MODERATOR, world.agents), tab_of()
    with world.house.read() as conn:
        from beffroi.decisions import store as decisions_store

        policies = [policy.id for policy in decisions_store.all_policies(conn)]
    for path in (
        "/console/queue", "/console/queue?tab=notices", "/console/banks", "/console/rules",
        "/console/policies", "/console/charter", "/console/deliveries?state=failed",
        "/console/ledger", "/console/health",
        "/console/threats", "/console/threats/recipients",
        "/console/accounts", "/console/pause", *(f"/console/policies/new?policy={policy}" for policy in policies),
    ):  # fmt: skip
        seen.visit(inside, path)
    for path in ("/console/people", "/console/keys", *(f"/console/people/{who}" for who in world.invited)):
        seen.visit(administrator, path)
    seen.visit(agents, "/console/me")
    for path in ("/policies", "/transparency", "/ledger", "/report", "/login"):
        seen.visit(outside, path)
    assert seen.taken() == []


# ── what comes back ───────────────────────────────────────────────────────────────────────────────

_REFLECTED = (
    "/report?url={}", "/contact?lang={}", "/contact?did={}", "/login?next={}", "/login?next=/{}", "/nowhere/{}",
    "/s/{}",
    "/report/{}", "/first-start/{}", "/ledger/{}", "/console/find?q={}", "/console/queue?tab={}",
    "/console/queue?why={}", "/console/deliveries?state={}", "/console/cases/{}", "/console/banks/{}",
    "/console/ledger?after={}", "/console/policies/new?policy={}", "/again?next={}",
)  # fmt: skip
"""Addresses in which somebody else may write; what does not exist is answered by a page too."""


def test_what_an_address_says_comes_back_as_text(world, pages, seen, tab_of):
    inside = tab_of(Role.SENIOR_MODERATOR, world.who)
    for address in _REFLECTED:
        for name in _FEW:
            seen.visit(inside, address.format(quote(PAYLOADS[name], safe="")))
    assert seen.taken() == []


_FORMS = (
    ("/login", "email", {"password": "not this one"}),
    ("/report", "url explanation name email", {}),
    ("/console/banks", "name purpose source_name terms_of_use", {"radius_bits": "x"}),
    ("/console/rules", "name bank rule", {"act": "hold", "radius_bits": "x"}),
    ("/console/people", "name email", {}),
    ("/console/threats/recipients", "name country phone hours email source certificate", {"function": "investigate"}),
    ("/console/keys", "label", {"days": "x"}),
    ("/console/policies", "name number-0 title-en-0 text-ar-0", {"follows": "0", "count": "1"}),
    ("/console/organisation", "name contact.email contact.postal languages version", {"kind": "platform"}),
    ("/console/charter/remedies.out_of_court", "value", {"reason": ""}),
)
_SEND = """([action, fields]) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = action;
    for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement("textarea");
        field.name = name;
        field.value = value;
        form.append(field);
    }
    document.body.append(form);
    form.submit();
}"""


def test_what_was_typed_comes_back_as_text(world, pages, seen, tab_of):
    inside = tab_of(Role.ADMINISTRATOR, world.who)
    for action, fields, rest in _FORMS:
        for name in _FEW:
            seen.visit(inside, "/contact")
            given = dict.fromkeys(fields.split(), PAYLOADS[name])
            with inside.expect_navigation(wait_until="load"):
                inside.evaluate(_SEND, [action, given | rest])
            seen.look(inside)
    assert seen.taken() == []


# ── what scripts of ours put into a page ──────────────────────────────────────────────────────────


def test_a_preview_and_a_page_that_renews_itself_put_in_text(world, pages, seen, tab_of):
    page, reader = tab_of(Role.SENIOR_MODERATOR, world.scene.somebody), tab_of(Role.SENIOR_MODERATOR, world.who)
    for name in _FEW:
        where = pages[name]
        seen.visit(page, where.open_case)
        page.get_by_role("button", name="Claim").first.click()
        page.wait_for_url("**did=claimed")
        page.locator("[name=act][value=remove]").check()
        page.select_option("#ex", "public_debate")
        page.fill("#exr", f"{PAYLOADS[name]} is what was written, and it is nothing else.")
        page.select_option("#rule", index=1)
        page.locator("#preview *").first.wait_for(state="attached")
        seen.look(page)
        seen.visit(reader, where.open_case)
        page.fill("#note", f"{PAYLOADS[name]} again [note.{name}]")
        page.locator(".note-form button").click()
        page.wait_for_url("**did=noted")
        reader.locator("#notes-list p").nth(1).wait_for()
        found = reader.evaluate("() => [window.lamp ?? null, window.said]")
        assert found == [None, []], name
        seen.look(page)
    assert [each for each in seen.taken() if "is not what was written" not in each] == []


# ── the sum ───────────────────────────────────────────────────────────────────────────────────────


def test_every_field_was_seen_with_every_payload_and_every_page_was_visited(pages, seen):
    wanted = {(place, payload) for payload in _CHOSEN for place in written(payload)}
    named = {("policy-name", names[0]) for names in _policies()}
    missing = {each for each in wanted - seen.shown if each[0] != "policy-name"} | (named - seen.shown)
    assert missing == set()
    assert len(seen.shown) >= COMBINATIONS_MIN
    asked = [urlsplit(path).path for path in seen.pages]
    rows = {row.path for row in (*CONSOLE, *PUBLIC) if row.method == "GET"}
    assert {row for row in rows if not any(_fits(row, path) for path in asked)} <= _NO_PAGES


def _befores(raw, tag):
    """What stands before the tag: as it was written, as JSON, and behind `> ` on every line, as letters quote it."""
    quoted = "\n".join(f"> {line}" for line in raw.splitlines())
    ways = raw, json.dumps(raw, ensure_ascii=False)[1:-1], quoted
    return tuple(" ".join(way.split()).partition(tag)[0] for way in ways)


_NO_PAGES = {
    "/", "/console", "/console/find", "/console/cases/{case}/media/{item}/{number}",
    "/console/banks/{bank}/entries.{form}",
    "/login/single", "/login/single/return", "/first-start/{token}/single", "/again/single",
    "/console/ledger/{event}.json", "/console/ledger/{event}", "/transparency/settings.json", "/ledger/{path:path}",
    "/w/{token}",
}  # fmt: skip
"""They lead elsewhere, or are files, or hold facts alone."""


def _fits(row: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", row), path) is not None
