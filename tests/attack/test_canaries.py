"""Canaries: strings that are nowhere else are sent through every door, and looked for where they must not be.

`SECRETS` must be in nothing that stays: no log, no file, no answer but the one that shows it once. `SEALED` may lie in
files only as ciphertext, and in no log, no leaf, no event, no problem and no error page.
"""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from beffroi.app import application
from beffroi.flow import local_key
from beffroi.ground.storage.events import event_table
from beffroi.staff import sessions
from beffroi.staff.model import Role
from beffroi.staff.proof import totp
from tests.nodes import PASSWORD, PHRASE, Running

from .conftest import SECRET, person

_PORT = 8186
NAME = sessions.cookie_name(https=False)


def canary(what: str) -> str:
    """Nothing else looks like it."""
    return f"canary{what}4417qzx"


SEALED = {
    what: canary(what)
    for what in (
        "text", "name", "bio", "profile", "explanation", "notifier", "note", "exemption", "reversal", "guest",
        "agent", "label",
    )
} | {
    "mail": f"{canary('mail')}@mail.example", "guest-mail": f"{canary('guestmail')}@node.example",
    "address": f"https://agora.example/{canary('address')}",
}  # fmt: skip
SECRETS = {
    what: canary(what) for what in ("password", "wrongpassword", "newpassword", "code", "bearer", "cookie", "link")
}


@dataclass
class Told:
    """Everything that was answered and logged. `once`: answers that show a secret, which are left out."""

    answers: list[str] = field(default_factory=list)
    log: io.StringIO = field(default_factory=io.StringIO)
    secrets: dict[str, str] = field(default_factory=dict)
    folder: Path = Path()


@pytest.fixture(scope="module")
def node(start: Any) -> Running:
    made: Running = start(test_clock=True, port=_PORT)
    return made


@pytest.fixture(scope="module")
def told(node: Running) -> Iterator[Told]:
    """The canaries went through every door, right requests and wrong ones, and some that failed inside."""
    found = Told(secrets=dict(SECRETS), folder=node.house.settings.data)
    handler = logging.StreamHandler(found.log)
    handler.addFilter(lambda record: not record.name.startswith("httpx"))  # what the tests' own client says
    logging.getLogger().addHandler(handler)
    before = logging.getLogger().level
    logging.getLogger().setLevel(logging.INFO)  # as `beffroi serve` does
    try:
        url = node.house.settings.public_url
        with TestClient(
            application(node.node), base_url=url, follow_redirects=False, raise_server_exceptions=False
        ) as client:
            send(Sender(node, client, found))
            node.house.integrator.beat()
            yield found
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(before)


class Sender:
    """Sends, and keeps what was answered."""

    def __init__(self, node: Running, client: TestClient, told: Told) -> None:
        self.node, self.client, self.told, self.cookie = node, client, told, ""

    def api(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.node.key}"} | more.pop("headers", {})
        answer = self.client.request(method, path, headers=headers, **more)
        self.told.answers.append(f"{answer.status_code} {answer.text}")
        return answer

    def form(self, path: str, *, keep: bool = True, **data: Any) -> Any:
        """`keep`: False for pages that give back what was typed, or show a secret once."""
        headers = {"Origin": self.node.house.settings.public_url, "User-Agent": SEALED["agent"]}
        self.client.cookies.clear()
        if self.cookie:
            headers["Cookie"] = f"{NAME}={self.cookie}"
        answer = self.client.post(path, data=data, headers=headers)
        if keep:
            self.told.answers.append(f"{answer.status_code} {answer.text}")
        return answer

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> Any:
        self.node.house.clock.move(timedelta(seconds=60))  # type: ignore[attr-defined]
        given = {"email": f"{name}@node.example", "password": password}
        given["code"] = totp.code(SECRET, self.node.house.clock.now())
        return self.form("/login", **given | more)


def send(s: Sender) -> None:
    """Through every door."""
    _from_platforms(s)
    _at_the_gate(s)
    _in_the_console(s)
    _by_strangers(s)
    _while_the_database_fails(s)


def _item(**more: Any) -> dict[str, Any]:
    account = {"platform_id": "u-1", "name": SEALED["name"], "bio": SEALED["bio"], "url": SEALED["address"]}
    return {
        "platform_id": "p-1",
        "account": account,
        "text": f"{SEALED['text']} {PHRASE}",
        "url": SEALED["address"],
    } | more


def _from_platforms(s: Sender) -> None:
    screen = {"item": _item(), "deadline_ms": 20_000}
    assert s.api("POST", "/api/v1/screen", json=screen).status_code == 200
    s.api("POST", "/api/v1/screen/batch", json={"items": [_item(platform_id="p-2"), _item(platform_id="p-3")]})
    s.api("PUT", "/api/v1/backfill/old", json={"cursor": "1", "items": [_item(platform_id="p-4")]})
    changed: dict[str, Any] = {"platform_id": "u-1", "name": SEALED["profile"], "bio": SEALED["profile"]}
    s.api("POST", "/api/v1/events", json={"type": "account.changed", "account": changed})
    notice: dict[str, Any] = {"url": SEALED["address"], "explanation": SEALED["explanation"], "good_faith": True}
    notice |= {"name": SEALED["notifier"], "email": SEALED["mail"]}
    assert s.api("POST", "/api/v1/notices", json=notice).status_code == 201
    s.api("POST", "/api/v1/media", content=SEALED["text"].encode(), headers={"Content-Type": "text/plain"})
    for wrong in (
        _item(version=SEALED["text"]), _item(visibility=SEALED["text"]), _item(posted_at=SEALED["text"]),
        _item(language=SEALED["text"] + "!"), _item(url="x" * 5000 + SEALED["address"]), _item(media=SEALED["text"]),
        _item(account=SEALED["name"]), _item(platform_id=""), _item(text=["x", SEALED["text"]]),
    ):  # fmt: skip
        assert s.api("POST", "/api/v1/screen", json={"item": wrong}).status_code == 422
    for broken in (b'{"item": "' + SEALED["text"].encode(), b"[" * 100 + SEALED["text"].encode(), b"\xff"):
        s.api("POST", "/api/v1/screen", content=broken, headers={"Content-Type": "application/json"})
    s.api("POST", "/api/v1/notices", json=notice | {"good_faith": SEALED["explanation"]})
    for bearer in (SECRETS["bearer"], f"bfk_{SECRETS['bearer']}", f"bfl_{SECRETS['bearer']}"):
        s.api("POST", "/api/v1/screen", json=screen, headers={"Authorization": f"Bearer {bearer}"})
        s.api("POST", "/api/v1/screen", json=screen, headers={"Authorization": f"Basic {bearer}"})


def _at_the_gate(s: Sender) -> None:
    for name, role in (("noor", Role.MODERATOR), ("tomas", Role.SENIOR_MODERATOR), ("ada", Role.ADMINISTRATOR)):
        person(s.node, name, role)
    s.sign_in("noor", SECRETS["wrongpassword"])
    s.sign_in("noor", code=SECRETS["code"])
    answer = s.form(f"/first-start/{SECRETS['link']}", keep=False, name="x", password=SECRETS["password"])
    s.told.answers.append(f"{answer.status_code} {answer.text}".replace(f"/first-start/{SECRETS['link']}", ""))
    s.cookie = SECRETS["cookie"]
    s.form("/console/me/password", password=SECRETS["newpassword"])
    s.cookie = ""
    s.told.secrets |= {"real password": PASSWORD, "real bearer": s.node.key.rpartition("_")[2]}
    s.told.secrets["secret of the telephone"] = totp.spelled(SECRET)


def _in_the_console(s: Sender) -> None:
    tokens = {}
    for name in ("noor", "tomas", "ada"):
        tokens[name] = s.sign_in(name).cookies[NAME]
        s.told.secrets[f"session of {name}"] = tokens[name]
    s.cookie = tokens["ada"]
    invited = s.form("/console/people", keep=False, name=SEALED["guest"], email=SEALED["guest-mail"], role="moderator")
    s.told.secrets["one-time link"] = invited.text.partition("/first-start/")[2].partition("<")[0].strip()
    issued = s.form("/console/keys", keep=False, label="a machine", days="1", scope="health:read")
    s.told.secrets["issued key"] = issued.text.partition(">bfk_")[2].partition("<")[0].strip().rpartition("_")[2]
    codes = s.form("/console/me/recovery", keep=False)
    assert codes.status_code == 200
    s.told.secrets |= {f"recovery code {n}": code for n, code in enumerate(_codes(codes.text))}
    s.form("/console/me/password", password=SECRETS["newpassword"] + " by the harbour")
    s.cookie = tokens["tomas"]
    [case] = set(_cases(s, tokens["tomas"]))
    s.form(f"/console/cases/{case}/claim")
    s.form(f"/console/cases/{case}/note", words=SEALED["note"])
    s.form(f"/console/cases/{case}/decide", keep=False, **_decision(s, case))
    s.form("/console/cases/cas_none/note", words=SEALED["note"])
    s.form("/console/cases/cas_none/decide", keep=False, act="remove", exemption_sentence=SEALED["exemption"])


def _codes(page: str) -> list[str]:
    return [piece.partition("<")[0] for piece in page.split('<li class="mono">')[1:]]


def _cases(s: Sender, token: str) -> list[str]:
    page = s.client.get("/console/queue", headers={"Cookie": f"{NAME}={token}"}).text
    found = [piece.partition('"')[0] for piece in page.split('href="/console/cases/')[1:]]
    return found[:1]


def _decision(s: Sender, case: str) -> dict[str, Any]:
    page = s.client.get(f"/console/cases/{case}", headers={"Cookie": f"{NAME}={s.cookie}"}).text
    seen = [piece.partition('"')[0] for piece in page.split('name="seen" value="')[1:]]
    ground = s.node.ground
    return {
        "act": "remove", "exemption": "public_debate", "exemption_sentence": f"{SEALED['exemption']} is the nearest.",
        "rule": f"{ground.policy}:{ground.policy_number}:{ground.clause}", "seen": seen,
    }  # fmt: skip


def _by_strangers(s: Sender) -> None:
    s.cookie = ""
    given = {"url": SEALED["address"], "explanation": SEALED["explanation"], "name": SEALED["notifier"]}
    assert s.form("/report", **given, email=SEALED["mail"], good_faith="yes").status_code == 303
    for path in (f"/s/{SECRETS['link']}", f"/report/{SECRETS['link']}"):
        answer = s.client.get(path)
        s.told.answers.append(answer.text.replace(path, ""))


def _while_the_database_fails(s: Sender) -> None:
    """Errors inside are logged with their reason; what was posted is not part of it."""
    tables = ("item_posted", "notice", "event", "person", "login_try", "session", "item_locator", "account_locator")
    with s.node.house.database.write() as conn:
        here = {name for (name,) in conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))}
    for table in sorted(here & set(tables)):
        _rename(s, table, f"{table}_away")
        try:
            s.api("POST", "/api/v1/screen", json={"item": _item(platform_id=f"p-{table}"), "deadline_ms": 20_000})
            given = {"url": SEALED["address"], "explanation": SEALED["explanation"], "name": SEALED["notifier"]}
            s.form("/report", **given, email=SEALED["mail"], good_faith="yes")
            s.form("/login", keep=False, email=SEALED["mail"], password=SECRETS["password"], code=SECRETS["code"])
        finally:
            _rename(s, f"{table}_away", table)


def _rename(s: Sender, table: str, to: str) -> None:
    with s.node.house.database.write() as conn:
        conn.execute(text("PRAGMA legacy_alter_table = ON"))
        conn.execute(text(f'ALTER TABLE "{table}" RENAME TO "{to}"'))


def found_in(haystack: str, needles: dict[str, str]) -> list[str]:
    return [what for what, needle in needles.items() if needle.lower() in haystack.lower()]


# ── where they must not be ────────────────────────────────────────────────────────────────────────


def test_the_canaries_went_in_and_something_failed(node, told):
    """Otherwise finding none of them would prove nothing."""
    with node.house.read() as conn:
        types = {row["type"] for row in conn.execute(event_table.select()).mappings()}
    assert {"item-taken", "notice-received", "decision-made", "note-added", "person-invited", "signed-in"} <= types
    statuses = {answer[:3] for answer in told.answers}
    assert {"200", "303", "401", "404", "422"} <= statuses
    assert statuses & {"500", "503"}
    assert len(told.log.getvalue()) > 0
    assert all(len(secret) >= 8 for secret in told.secrets.values()), told.secrets


def test_no_log_holds_any_of_them(told):
    assert found_in(told.log.getvalue(), told.secrets | SEALED) == []


def test_no_answer_to_machines_or_error_page_gives_them_back(told):
    for answer in told.answers:
        wrong = found_in(answer, told.secrets | {k: v for k, v in SEALED.items() if k != "agent"})
        assert wrong == [], answer[:500]


def test_no_event_and_no_leaf_holds_any_of_them(node, told):
    with node.house.read() as conn:
        events = "\n".join(str(dict(row)) for row in conn.execute(event_table.select()).mappings())
    assert found_in(events, told.secrets | SEALED) == []
    url = node.house.settings.public_url
    with TestClient(application(node.node), base_url=url) as stranger:
        served = [stranger.get(f"/ledger/{path}").content for path in ("checkpoint", "tile/0/000", "tile/entries/000")]
        pages = [stranger.get(path).text for path in ("/ledger", "/transparency", "/policies", "/health", "/contact")]
    assert found_in(repr(served) + repr(pages), told.secrets | SEALED) == []


def test_no_file_holds_any_of_them(node, told):
    """Database, write-ahead log, vault, blobs, keys: byte by byte, in UTF-8 and UTF-16."""
    node.house.write("bulk", sessions_actor(), lambda tx: tx.conn.execute(text("SELECT 1")))
    kept = {"pepper", "local.key"}
    files = [path for path in told.folder.rglob("*") if path.is_file() and path.name not in kept]
    assert len(files) > 3
    secrets = told.secrets | SEALED
    for path in files:
        content = path.read_bytes().lower()
        for what, needle in secrets.items():
            plain = needle.lower()
            assert plain.encode() not in content, f"{what} in {path.name}"
            assert plain.encode("utf-16-le") not in content, f"{what} in {path.name}"
    assert local_key.read(told.folder).encode() not in b"".join(path.read_bytes() for path in files)


def sessions_actor() -> Any:
    from tests.nodes import ACTOR

    return ACTOR


def test_what_holds_secrets_does_not_show_them():
    """`repr` is how things get into logs."""
    from beffroi.settings import Settings
    from beffroi.staff.login import Given

    shown = repr(Given("a@b.example", SECRETS["password"], SECRETS["code"], "192.0.2.1"))
    shown += repr(Settings(hook_secret=SECRETS["bearer"])) + json.dumps(str(Settings(hook_secret=SECRETS["bearer"])))
    assert found_in(shown, SECRETS) == []
