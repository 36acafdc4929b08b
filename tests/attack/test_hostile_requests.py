"""Requests that nobody sends by mistake, to every route, on both databases: answered with a status that the house
documents, never with a fault, and the node goes on.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from beffroi.app import application
from beffroi.doors.api.routes import ROUTES as API
from beffroi.doors.console.routes import ROUTES as CONSOLE
from beffroi.doors.public.routes import ROUTES as PUBLIC
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.kernel.limits import FORM_BYTES_MAX, FORM_FIELDS_MAX, JSON_BYTES_MAX, JSON_DEPTH_MAX
from beffroi.staff import sessions
from beffroi.staff.model import Method, Role
from tests.nodes import ACTOR, Running, running

from .conftest import person

_PORT = 8196
KNOWN = frozenset({200, 201, 303, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429})
WORDS = {
    "nul": "lamp\0lamp", "half a surrogate": "\udcff", "bidi": "\u202elamp\u2066", "long": "l" * 20_000,
    "very many digits": "9" * 5_000, "combining": "l" + "\u0301" * 2_000, "plane 16": "\U0010ffff",
    "format": "%s%n{0}{}",
    "quotes": "'\"`;--/**/", "path": "../../../../etc/passwd", "line ends": "a\r\nSet-Cookie: lamp=1\r\n\r\nb",
    "empty": "",
    "brackets": "[" * 5_000, "letters in many scripts": "\ufdfa" * 500,
}  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A node on each database."""
    database = ""
    if request.param == "postgresql":
        cluster = request.getfixturevalue("cluster")
        name = cluster.empty()
        request.addfinalizer(lambda: cluster.drop(name))  # noqa: PT021 (only where there is one)
        database = str(cluster.url(name))
    with running(tmp_path_factory.mktemp("hostile"), database, demo=True, port=_PORT) as made:
        made.node.crew.stop()
        yield made


@pytest.fixture(scope="module")
def door(node: Running) -> Iterator[TestClient]:
    """Somebody with every role but the overseer's, and a key for every scope; faults come back as answers."""
    url = node.house.settings.public_url
    with ExitStack() as closing:
        client = closing.enter_context(
            TestClient(application(node.node), base_url=url, follow_redirects=False, raise_server_exceptions=False)
        )
        yield client


@pytest.fixture(scope="module")
def everything(node: Running) -> PersonId:
    """Somebody with all roles that go together."""
    return person(node, "everything", Role.SENIOR_MODERATOR, Role.POLICY_LEAD, Role.ADMINISTRATOR)


def somebody(node: Running, who: PersonId) -> dict[str, str]:
    """The headers of a page of ours, for this person."""
    opened = node.house.write("law", ACTOR, lambda tx: sessions.open_session(tx, who, Method.PASSWORD_CODE))
    url = node.house.settings.public_url
    return {"Origin": url, "Cookie": f"{sessions.cookie_name(https=False)}={opened.token}"}


def filled(path: str, words: str) -> str:
    """The address with `words` in every part of it, and in a query."""
    part = quote(words[:2_000].encode("utf-8", "surrogateescape"), safe="")[:6_000] or "%20"
    parts = path.split("/")
    return "/".join(part if "{" in each else each for each in parts) + f"?q={part}&lang={part}&tab={part}&after={part}"


FIELDS = [
    "name",
    "email",
    "password",
    "code",
    "next",
    "url",
    "explanation",
    "good_faith",
    "act",
    "exemption",
    "exemption_sentence",
    "rule",
    "seen",
    "reason",
    "words",
    "to",
    "bank",
    "radius_bits",
    "quality_min",
    "hourly_cap",
    "expires_at",
    "purpose",
    "source",
    "source_name",
    "terms_of_use",
    "lines",
    "type",
    "value",
    "label",
    "days",
    "scope",
    "role",
    "lang",
    "theme",
    "keys",
    "count",
    "follows",
    "policy",
    "number-0",
    "title-en-0",
    "text-en-0",
    "severity-0",
    "version",
    "kind",
    "country",
    "languages",
    "size",
    "service",
    "contact.email",
    "contact.postal",
    "ticket",
    "credential",
    "opinion",
    "confirmed",
    "enabled",
]
_ENDS_THE_SESSION = {"/logout", "/console/me/sessions/{session}/end"}


@pytest.mark.parametrize("words", WORDS)
def test_every_page_and_form(node: Running, door: TestClient, everything: PersonId, words: str) -> None:
    wrong, headers = [], somebody(node, everything)
    said = quote(WORDS[words].encode("utf-8", "surrogateescape")).encode()
    form = {
        "content": b"&".join(name.encode() + b"=" + said for name in FIELDS),
        "headers": headers | {"Content-Type": "application/x-www-form-urlencoded"},
    }
    for row in (*PUBLIC, *CONSOLE):
        if row.path in _ENDS_THE_SESSION:
            continue
        more: dict[str, Any] = form if row.method == "POST" else {"headers": headers}
        answer = door.request(row.method, filled(row.path, WORDS[words]), **more)
        if answer.status_code not in KNOWN or "Set-Cookie: lamp" in str(answer.headers):
            wrong.append(f"{row.method} {row.path}: {answer.status_code}")
        assert "/login" not in answer.headers.get("location", ""), f"signed out by {row.path}"
    assert wrong == []


@pytest.mark.parametrize("words", WORDS)
def test_every_operation_of_the_api(node: Running, door: TestClient, words: str) -> None:
    said = WORDS[words].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    item = {"platform_id": said, "account": {"platform_id": said, "name": said, "bio": said}, "text": said, "url": said}
    values: dict[str, Any] = {
        "item": item, "items": [item], "account": item["account"], "cursor": said, "name": said, "purpose": said,
        "url": said, "explanation": said, "email": said, "good_faith": True, "type": "account.changed",
    }  # fmt: skip
    bodies: list[Any] = [values, {"item": item}, {"items": [item]}, {k: values[k] for k in ("type", "account")}]
    bodies += [
        {"type": "item.deleted", "item": said},
        {"name": said, "purpose": said},
        {"cursor": said, "items": [item]},
    ]
    bodies += [{k: values[k] for k in ("url", "explanation", "name", "email", "good_faith")}, said, [said] * 50, None]
    wrong = []
    local = {"Authorization": f"Bearer {_local_key(node)}"}
    for row in API:
        for body in bodies if row.body and row.method != "GET" and not row.raw_bytes_max else [None]:
            for who in (node.bearer, local):
                headers = dict(who)
                more: dict[str, Any] = {"json": body} if body is not None else {}
                if row.raw_bytes_max:
                    more = {"content": said.encode()}
                    headers |= {"Content-Type": "text/plain", "X-File-Name": quote(said), "X-Signal-Type": "phrase"}
                answer = door.request(row.method, filled(row.path, WORDS[words]), headers=headers, **more)
                if answer.status_code not in KNOWN:
                    wrong.append(f"{row.method} {row.path} {str(body)[:60]}: {answer.status_code} {answer.text[:200]}")
                elif answer.status_code >= 400 and answer.headers["content-type"] != "application/problem+json":
                    wrong.append(f"{row.method} {row.path}: no problem but {answer.text[:80]}")
    assert wrong == []


def _local_key(node: Running) -> str:
    from beffroi.flow import local_key

    return local_key.read(node.house.settings.data)


_JSON = {
    "deep": b"[" * (JSON_DEPTH_MAX + 1) + b"]" * (JSON_DEPTH_MAX + 1),
    "very deep": b'{"a":' * 200_000,
    "very deep in arrays": b"[" * 1_000_000,
    "too large": b'"' + b"a" * JSON_BYTES_MAX + b'"',
    "a key twice": b'{"item":1,"item":2}',
    "not a number": b'{"deadline_ms":NaN}',
    "infinite": b'{"deadline_ms":1e999}',
    "negative infinite": b'{"deadline_ms":-Infinity}',
    "an integer of a million digits": b'{"deadline_ms":' + b"9" * 1_000_000 + b"}",
    "half a surrogate": b'{"item":"\\ud800"}',
    "not UTF-8": b'{"item":"\xff"}',
    "UTF-16": '{"item":1}'.encode("utf-16"),
    "with a mark in front": b"\xef\xbb\xbf{}",
    "many keys": b"{" + b",".join(b'"%d":1' % n for n in range(200_000)) + b"}",
    "many strings": b"[" + b",".join([b'"\\u0000"'] * 300_000) + b"]",
    "a comment": b"/* lamp */ {}",
    "nothing": b"",
    "colliding hashes": json.dumps(dict.fromkeys((2**61 - 1) * n for n in range(2_000))).encode(),
}


@pytest.mark.parametrize("body", _JSON)
def test_json_that_two_readers_could_understand_differently_or_not_at_all(
    node: Running, door: TestClient, body: str
) -> None:
    headers = node.bearer | {"Content-Type": "application/json"}
    answer = door.post("/api/v1/screen", content=_JSON[body], headers=headers)
    assert answer.status_code in {413, 422}, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.text) < 20_000


def _part(name: str, body: bytes, head: bytes = b"") -> bytes:
    return b'--x\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + head + b"\r\n\r\n" + body + b"\r\n"


_MULTIPART = {
    "no end": _part("lines", b"lamp"),
    "many parts": b"".join(_part(f"n{n}", b"x") for n in range(FORM_FIELDS_MAX + 1)) + b"--x--\r\n",
    "many files": b"".join(_part("file", b"x", b'; filename="a"') for _ in range(3)) + b"--x--\r\n",
    "a part too large": _part("lines", b"a" * (FORM_BYTES_MAX + 1)) + b"--x--\r\n",
    "no name": b"--x\r\nContent-Disposition: form-data\r\n\r\nlamp\r\n--x--\r\n",
    "a head without end": b'--x\r\nContent-Disposition: form-data; name="' + b"a" * 200_000,
    "very many heads": b"--x\r\n" + b"A: b\r\n" * 50_000 + b"\r\nlamp\r\n--x--\r\n",
    "nested": _part("lines", b"--y\r\n\r\n--y--", b"\r\nContent-Type: multipart/mixed; boundary=y") + b"--x--\r\n",
    "a path for a name": _part("file", b"lamp\n", b'; filename="../../etc/passwd\\x00.csv"') + b"--x--\r\n",
    "another character set": _part("lines", b"\xff\xfe", b"\r\nContent-Type: text/plain; charset=utf-7") + b"--x--\r\n",
    "a charset field": _part("_charset_", b"utf-7") + _part("lines", b"+ADw-") + b"--x--\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("body", _MULTIPART)
def test_forms_in_parts(node: Running, door: TestClient, body: str) -> None:
    from beffroi.matching import store as banks

    with node.house.read() as conn:
        bank = banks.all_banks(conn)[0].id
    headers = somebody(node, node.people[Role.POLICY_LEAD]) | {"Content-Type": "multipart/form-data; boundary=x"}
    answer = door.post(f"/console/banks/{bank}/import", content=_MULTIPART[body], headers=headers)
    assert answer.status_code in {200, 413, 422}, answer.text[:300]
    for kind in (
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 5_000,
    ):
        headers["Content-Type"] = kind
        assert door.post(f"/console/banks/{bank}/import", content=_MULTIPART[body], headers=headers).status_code in {
            413,
            422,
        }


_HEADS: dict[str, dict[str, str]] = {
    "many cookies": {"Cookie": "; ".join(f"a{n}=b" for n in range(3_000))},
    "a cookie twice": {"Cookie": "beffroi=a; beffroi=b"},
    "a broken cookie": {"Cookie": 'beffroi="\\x00; lang=\xff; theme=dark; =; ;;'},
    "a long cookie": {"Cookie": "beffroi=" + "a" * 50_000},
    "languages": {"Accept-Language": "en;q=" + "9" * 5_000 + "," * 5_000},
    "a language": {"Cookie": "lang=../../x; theme=<script>; keys=on"},
    "another host": {"Host": "elsewhere.example"},
    "forwarded": {
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": "elsewhere.example",
        "X-Forwarded-Proto": "javascript",
    },
    "rewritten": {
        "X-Original-URL": "/console/people",
        "X-Rewrite-URL": "/console/people",
        "X-HTTP-Method-Override": "PUT",
    },
    "bearer": {"Authorization": "Bearer " + "\xff" * 2_000},
    "bearer twice": {"Authorization": "Bearer a, Bearer b"},
    "basic": {"Authorization": "Basic =="},
    "ranges": {"Range": "bytes=" + ",".join(f"{n}-{n}" for n in range(2_000))},
    "encoded": {"Content-Encoding": "gzip", "Accept-Encoding": "gzip;q=0, " * 500},
    "expects": {"Expect": "200-maybe", "Upgrade": "websocket", "Connection": "Upgrade"},
}


@pytest.mark.parametrize("head", _HEADS)
def test_odd_heads(node: Running, door: TestClient, head: str) -> None:
    raw = [(name, value.encode("latin-1")) for name, value in _HEADS[head].items()]
    for path in (
        "/",
        "/contact",
        "/login",
        "/console/queue",
        "/health",
        "/api/v1/policies",
        "/api/v1/banks",
        "/ledger",
    ):
        answer = door.get(path, headers=raw)
        assert answer.status_code in KNOWN, (path, answer.status_code)
        assert "elsewhere.example" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "OPTIONS", "PATCH", "DELETE", "PROPFIND", "LAMP"])
def test_methods_that_no_route_has(door: TestClient, method: str) -> None:
    for path in ("/", "/login", "/console/queue", "/api/v1/screen", "/health", "/static/x/beffroi.js"):
        assert door.request(method, path).status_code in {401, 404, 405}, path
