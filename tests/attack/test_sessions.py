"""Sessions: nobody chooses, keeps or carries on one that is not theirs; what is secret is compared in constant time."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.testclient import TestClient

from beffroi.app import application
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.kernel.limits import PAIR_FREE_MAX, SESSION_H_MAX, SESSION_IDLE_H_MAX
from beffroi.staff import service as staff
from beffroi.staff import sessions
from beffroi.staff.model import Role
from beffroi.staff.proof import tokens, totp
from tests.nodes import ACTOR, PASSWORD, Running

from .conftest import SECRET, person

NAME = sessions.cookie_name(https=False)
INSIDE = "/console/me"
_PORT = 8181


@pytest.fixture(scope="module")
def node(start: Any) -> Running:
    made: Running = start(test_clock=True, port=_PORT)
    return made


@pytest.fixture
def browser(node: Running) -> Iterator[TestClient]:
    """A browser without cookies, on a page of ours."""
    url = node.house.settings.public_url
    with TestClient(application(node.node), base_url=url, headers={"Origin": url}, follow_redirects=False) as tab:
        yield tab


@pytest.fixture
def who(node: Running) -> tuple[str, PersonId]:
    """Somebody new, so that no test wears out another's tries."""
    name = tokens.fresh()[:10].lower()
    return name, person(node, name)


def sign_in(browser: TestClient, node: Running, name: str, password: str = PASSWORD, **more: Any) -> Any:
    """With the code that the telephone shows next."""
    node.house.clock.move(timedelta(seconds=60))  # type: ignore[attr-defined]
    code = totp.code(SECRET, node.house.clock.now())
    form = {"email": f"{name}@node.example", "password": password, "code": code} | more
    return browser.post("/login", data=form)


def is_in(browser: TestClient, token: str | None) -> bool:
    """Whether this token opens the console."""
    browser.cookies.clear()
    answer = browser.get(INSIDE, headers={"Cookie": f"{NAME}={token}"} if token else {})
    return bool(answer.status_code == 200)


def token_of(answer: Any) -> str:
    assert answer.status_code in {200, 303}, answer.text
    return str(answer.cookies[NAME])


def test_a_session_that_somebody_else_chose_is_not_taken_over(node, browser, who):
    browser.cookies.set(NAME, "chosen-by-somebody-else")
    token = token_of(sign_in(browser, node, who[0]))
    assert token != "chosen-by-somebody-else"
    assert is_in(browser, token)
    assert not is_in(browser, "chosen-by-somebody-else")


def test_signing_in_again_ends_the_session_that_the_browser_had(node, browser, who):
    first = token_of(sign_in(browser, node, who[0]))
    browser.cookies.set(NAME, first)
    second = token_of(sign_in(browser, node, who[0]))
    assert [is_in(browser, token) for token in (first, second)] == [False, True]


def test_somebody_else_s_session_in_the_browser_ends_too(node, browser, who):
    other = f"o{who[0]}"
    person(node, other)
    theirs = token_of(sign_in(browser, node, other))
    browser.cookies.set(NAME, theirs)
    sign_in(browser, node, who[0])
    assert not is_in(browser, theirs)


def test_showing_again_who_one_is_gives_a_new_token(node, browser, who):
    first = token_of(sign_in(browser, node, who[0]))
    browser.cookies.set(NAME, first)
    node.house.clock.move(timedelta(seconds=60))
    code = totp.code(SECRET, node.house.clock.now())
    second = token_of(browser.post("/again", data={"password": PASSWORD, "code": code, "next": INSIDE}))
    assert first != second
    assert [is_in(browser, token) for token in (first, second)] == [False, True]


def test_signing_out_ends_the_session_here_not_only_in_the_browser(node, browser, who):
    token = token_of(sign_in(browser, node, who[0]))
    browser.cookies.set(NAME, token)
    answer = browser.post("/logout")
    assert f'{NAME}=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert not is_in(browser, token)


@pytest.mark.parametrize(
    "change",
    [
        lambda tx, who: staff.grant(tx, who, [Role.SENIOR_MODERATOR], None),
        lambda tx, who: staff.suspend(tx, who, None),
        lambda tx, who: staff.leave(tx, who, None),
    ],
    ids=["other roles", "suspended", "left"],
)
def test_a_session_does_not_outlive_what_its_holder_was_allowed(node, browser, who, change):
    token = token_of(sign_in(browser, node, who[0]))
    assert is_in(browser, token)
    node.house.write("law", ACTOR, lambda tx: change(tx, who[1]))
    assert not is_in(browser, token)


def test_another_password_ends_all_other_sessions(node, browser, who):
    first, second = (token_of(sign_in(browser, node, who[0])) for _ in "12")
    browser.cookies.clear()
    third = token_of(sign_in(browser, node, who[0]))
    browser.cookies.set(NAME, third)
    answer = browser.post("/console/me/password", data={"password": "another lamp for the harbour"})
    assert answer.status_code == 303
    assert [is_in(browser, token) for token in (first, second, third)] == [False, False, True]


@pytest.mark.parametrize(("hours", "used_every"), [(SESSION_IDLE_H_MAX, None), (SESSION_H_MAX, 4)])
def test_a_session_ends_when_it_is_not_used_and_after_a_day_at_most(node, browser, who, hours, used_every):
    token = token_of(sign_in(browser, node, who[0]))
    for _ in range(hours // used_every if used_every else 0):
        assert is_in(browser, token)
        node.house.write("law", ACTOR, lambda _tx: None)  # behind the note that the session was used
        node.house.clock.move(timedelta(hours=used_every))
    if not used_every:
        node.house.clock.move(timedelta(hours=hours))
    assert not is_in(browser, token)


def test_the_cookie_is_for_this_host_alone_and_out_of_reach_of_scripts(node, browser, who):
    header = sign_in(browser, node, who[0]).headers["set-cookie"]
    parts = {part.strip().partition("=")[0].lower() for part in header.split(";")[1:]}
    assert {"httponly", "samesite", "path", "max-age"} <= parts
    assert "samesite=lax" in header.lower()
    assert "path=/;" in header.lower() + ";"
    assert "domain" not in parts
    assert len(header.partition("=")[2].partition(";")[0]) >= 43  # 256 bits


def test_over_tls_the_cookie_is_bound_to_the_host_and_to_tls(start):
    node = start(test_clock=True, port=_PORT + 1, base_url="https://localhost:8443")
    person(node, "noor")
    url = node.house.settings.public_url
    with TestClient(application(node.node), base_url=url, headers={"Origin": url}, follow_redirects=False) as browser:
        header = sign_in(browser, node, "noor").headers["set-cookie"]
    assert header.startswith("__Host-beffroi=")
    assert {"Secure", "HttpOnly"} <= {part.strip() for part in header.split(";")}
    assert "domain" not in header.lower()


def test_pages_behind_the_cookie_are_kept_by_nobody(node, browser, who):
    browser.cookies.set(NAME, token_of(sign_in(browser, node, who[0])))
    for path in ("/console/me", "/console/queue", "/login"):
        answer = browser.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


# ── guessing ──────────────────────────────────────────────────────────────────────────────────────


def test_guessing_slows_down_and_the_right_password_waits_too(node, browser, who):
    answers = [sign_in(browser, node, who[0], "not this one") for _ in range(PAIR_FREE_MAX + 3)]
    assert [answer.status_code for answer in answers[:PAIR_FREE_MAX]] == [401] * PAIR_FREE_MAX
    code = totp.code(SECRET, node.house.clock.now())
    burst = [
        browser.post("/login", data={"email": f"{who[0]}@node.example", "password": PASSWORD, "code": code})
        for _ in range(3)
    ]
    assert {answer.status_code for answer in burst} == {429}
    assert all(NAME not in answer.cookies for answer in burst)


def test_what_was_wrong_is_not_told(node, browser, who):
    other, away = f"s{who[0]}", f"x{who[0]}"
    person(node, other)
    gone = person(node, away)
    node.house.write("law", ACTOR, lambda tx: staff.suspend(tx, gone, None))
    wrong = {
        "nobody-at-all": sign_in(browser, node, "nobody-at-all"),
        who[0]: sign_in(browser, node, who[0], "not this one"),
        other: sign_in(browser, node, other, code="000000"),
        away: sign_in(browser, node, away),
    }
    assert {answer.status_code for answer in wrong.values()} == {401}
    assert len({answer.text.replace(f"{name}@", "@") for name, answer in wrong.items()}) == 1


def test_a_code_of_the_telephone_works_once(node, browser, who):
    node.house.clock.move(timedelta(seconds=60))
    form = {"email": f"{who[0]}@node.example", "password": PASSWORD, "code": totp.code(SECRET, node.house.clock.now())}
    assert [browser.post("/login", data=form).status_code for _ in "12"] == [303, 401]


# ── where one goes on ─────────────────────────────────────────────────────────────────────────────

ELSEWHERE = (
    "https://elsewhere.example/", "//elsewhere.example/", "///elsewhere.example/", "/\\elsewhere.example",
    "\\\\elsewhere.example", "/\t/elsewhere.example", "/\n/elsewhere.example", "\t//elsewhere.example",
    " //elsewhere.example", "http:elsewhere.example", "https:/elsewhere.example", "javascript:lamp()",
    "data:text/html,lamp", "/%5celsewhere.example", "/%2felsewhere.example", "/%0d%0aLocation:%20//elsewhere.example",
    "/\r\nLocation: //elsewhere.example", "/.//elsewhere.example", "/console/..//elsewhere.example",
    "?//elsewhere.example",
    "#//elsewhere.example", "/\u2028/elsewhere.example", "/\x00/elsewhere.example", "@elsewhere.example",
    ".elsewhere.example", ":80@elsewhere.example", "/;@elsewhere.example", "\u3002elsewhere.example",
    "/\u2215elsewhere.example",
)  # fmt: skip


@pytest.mark.parametrize("wanted", ELSEWHERE, ids=range(len(ELSEWHERE)))
def test_after_signing_in_one_stays_on_this_node(node, browser, who, wanted):
    answer = sign_in(browser, node, who[0], next=wanted)
    url = node.house.settings.public_url
    assert answer.status_code == 303
    gone = answer.headers["location"]
    assert urlsplit(urljoin(url, gone)).netloc == urlsplit(url).netloc, gone
    assert gone.startswith("/")
    assert not gone.startswith(("//", "/\\"))
    assert not {"\r", "\n", "\t"} & set(gone)
    assert "location" not in {name for name, _ in answer.headers.multi_items()} - {"location"}


# ── in the source ─────────────────────────────────────────────────────────────────────────────────

SECRET_NAMES = {"digest", "token", "secret", "signature", "mac", "typed", "password", "recovery", "local_key"}
PLACES = ("staff/proof", "staff/keys.py", "staff/sessions.py", "flow/local_key.py", "doors/platforms/signing.py")


def test_what_is_secret_is_compared_in_constant_time(root: Path):
    """No `==` on it in Python; digests of 256 random bits are looked up by the database, which tells nothing of use."""
    found = []
    for place in PLACES:
        path = root / "src" / "beffroi" / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for compare in (n for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.Compare)):
                if not all(isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for operator in compare.ops):
                    continue
                names = {_last_name(side) for side in (compare.left, *compare.comparators)}
                constant = any(isinstance(side, ast.Constant) for side in (compare.left, *compare.comparators))
                if names & SECRET_NAMES and not constant and not _is_of_a_column(compare):
                    found.append(f"{file.relative_to(root)}:{compare.lineno} {ast.unparse(compare)}")
    assert found == []


def _last_name(side: ast.expr) -> str:
    return side.attr if isinstance(side, ast.Attribute) else side.id if isinstance(side, ast.Name) else ""


def _is_of_a_column(compare: ast.Compare) -> bool:
    """`c.digest == digest` is SQL."""
    return isinstance(compare.left, ast.Attribute) and ast.unparse(compare.left.value).endswith(("c", ".c"))
