"""Signing in, out, and for the first time.

Owns: the pages in front of the console.
Promises: what was wrong is never told apart; one goes on only to a page of this node.
Never does: check anything itself; `staff.login` and `staff.enrol` do.
"""

from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, RedirectResponse, Response

from beffroi.flow import sample
from beffroi.ground.kernel.errors import Invalid, TooMany, Unauthenticated
from beffroi.ground.kernel.limits import (
    EMAIL_CHARS_MAX,
    NAME_CHARS_MAX,
    PASSKEY_BYTES_MAX,
    PASSWORD_CHARS_MAX,
    PASSWORD_CHARS_MIN,
)
from beffroi.staff import enrol, login, sessions
from beffroi.staff.enrol import Joining, Telephone
from beffroi.staff.login import Answer, Given
from beffroi.staff.model import LinkKind
from beffroi.staff.sessions import Opened

from ..web.door import Visit
from ..web.render import SEE_OTHER, local_path
from ..web.words import N_
from .session import address_of, agent_of, desk, let_in, let_out, token_of

_WRONG = N_("That does not fit. Check the address, the password and the six figures.")
_WAIT = N_("Too many tries. Wait a little, then try again.")
_NOT_HERE = N_("This account cannot be used here.")
_CODE_CHARS_MAX = 40


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo, whose password everybody may know."""

    name: str
    email: str
    role: str
    password: str


@dataclass(frozen=True, slots=True)
class LoginView:
    """The sign-in page, and the one where somebody shows again that it is them."""

    action: str
    next: str
    email: str = ""
    refusal: str = ""
    again: bool = False
    provider: str = ""
    """What the organisation's identity provider is called; empty: there is none."""
    only_break_glass: bool = False
    """Whether password and passkey are for administrators only."""
    demo: tuple[DemoPerson, ...] = ()


@dataclass(frozen=True, slots=True)
class WelcomeView:
    """The page behind a one-time link."""

    kind: LinkKind
    token: str
    name: str
    email: str
    telephone: Telephone
    provider: str = ""
    only_by_provider: bool = False
    refusal: str = ""
    where: str = ""
    password_chars_min: int = PASSWORD_CHARS_MIN


@dataclass(frozen=True, slots=True)
class CodesView:
    """Recovery codes, shown once."""

    codes: tuple[str, ...]
    next: str


def login_form(visit: Visit) -> Response:
    """Who are you?"""
    if visit.who.kind == "person":
        return visit.go("/console")
    return visit.page("login.html", login_view(visit))


def sign_in(visit: Visit) -> Response:
    """By e-mail address, password and code."""
    given = _given(visit)
    try:
        opened = login.by_password(desk(visit.house), given, token_of(visit.request, visit.house))
    except (Unauthenticated, TooMany) as refusal:
        words = _WAIT if isinstance(refusal, TooMany) else _WRONG
        return visit.page("login.html", login_view(visit, given.email, words), status=refusal.status)
    return _go_on(visit, opened)


def challenge(visit: Visit) -> Response:
    """A challenge for a passkey, asked for by the script of the page."""
    ceremony = login.challenge(desk(visit.house), address_of(visit.request))
    return JSONResponse({"ticket": ceremony.ticket, "options": ceremony.options})


def sign_in_by_passkey(visit: Visit) -> Response:
    """By a passkey."""
    try:
        opened = login.by_passkey(desk(visit.house), answer(visit), token_of(visit.request, visit.house))
    except Unauthenticated:
        return visit.page("login.html", login_view(visit, refusal=_NOT_HERE), status=401)
    return _go_on(visit, opened)


def again_form(visit: Visit) -> Response:
    """Is it still you?"""
    return visit.page("login.html", again_view(visit))


def again(visit: Visit) -> Response:
    """Prove again who one is, by password and code."""
    try:
        opened = login.again_by_password(desk(visit.house), visit.who, _given(visit))
    except (Unauthenticated, TooMany) as refusal:
        words = _WAIT if isinstance(refusal, TooMany) else _WRONG
        return visit.page("login.html", again_view(visit, words), status=refusal.status)
    return _go_on(visit, opened)


def again_by_passkey(visit: Visit) -> Response:
    """Prove again who one is, by passkey."""
    return _go_on(visit, login.again_by_passkey(desk(visit.house), visit.who, answer(visit)))


def sign_out(visit: Visit) -> Response:
    """End this session."""
    visit.write(lambda tx: sessions.sign_out(tx, visit.who))
    return let_out(visit.go("/login", "signed-out"), visit.house)


def welcome(visit: Visit) -> Response:
    """The page behind a one-time link: of the first administrator, an invited person, or one who lost their means."""
    return visit.page("first_start.html", _welcome_view(visit))


def join(visit: Visit) -> Response:
    """Use the link; the recovery codes are shown once."""
    form = visit.form
    given = Joining(
        name=form.text("name", NAME_CHARS_MAX),
        email=form.text("email", EMAIL_CHARS_MAX),
        password=form.raw("password", PASSWORD_CHARS_MAX),
        code=form.text("code", _CODE_CHARS_MAX),
        agent=agent_of(visit.request),
    )
    try:
        joined = enrol.join(desk(visit.house), visit.path("token"), given)
    except Invalid as refusal:
        return visit.page("first_start.html", _welcome_view(visit, given, refusal), status=422)
    return let_in(
        visit.page("recovery_codes.html", CodesView(joined.recovery_codes, "/console")), visit.house, joined.opened
    )


def answer(visit: Visit) -> Answer:
    """What a passkey answered, from the form that the script filled."""
    return Answer(
        ticket=visit.form.text("ticket"),
        credential=visit.form.text("credential", PASSKEY_BYTES_MAX).encode(),
        address=address_of(visit.request),
        agent=agent_of(visit.request),
    )


def _given(visit: Visit) -> Given:
    form = visit.form
    return Given(
        email=form.text("email", EMAIL_CHARS_MAX),
        password=form.raw("password", PASSWORD_CHARS_MAX),
        code=form.text("code", _CODE_CHARS_MAX),
        address=address_of(visit.request),
        agent=agent_of(visit.request),
    )


def _next(visit: Visit) -> str:
    return local_path(visit.form.text("next") or visit.asked("next"), "/console")


def _go_on(visit: Visit, opened: Opened) -> Response:
    return let_in(RedirectResponse(_next(visit), status_code=SEE_OTHER), visit.house, opened)


def login_view(visit: Visit, email: str = "", refusal: str = "") -> LoginView:
    """The sign-in page."""
    people = sample.PEOPLE if visit.house.settings.demo else ()
    demo = tuple(DemoPerson(each.name, each.email, each.roles[0], sample.PASSWORD) for each in people)
    return LoginView("/login", _next(visit), email, refusal, demo=demo, **_provider(visit))


def again_view(visit: Visit, refusal: str = "") -> LoginView:
    """The page where somebody shows again that it is them."""
    return LoginView("/again", _next(visit), refusal=refusal, again=True, **_provider(visit))


def _provider(visit: Visit) -> dict[str, Any]:
    """What both pages say of the identity provider."""
    provider = visit.house.provider
    only = visit.house.settings.local_sign_in == "administrators"
    return {"provider": provider.terms.called if provider else "", "only_break_glass": only}


def _welcome_view(visit: Visit, given: Joining | None = None, refusal: Invalid | None = None) -> WelcomeView:
    shown = enrol.welcome(desk(visit.house), visit.path("token"))
    return WelcomeView(
        kind=shown.kind,
        token=visit.path("token"),
        name=shown.name or (given.name if given else ""),
        email=shown.email or (given.email if given else ""),
        telephone=shown.telephone,
        provider=_provider(visit)["provider"] if shown.kind is not LinkKind.FIRST else "",
        only_by_provider=shown.only_by_provider,
        refusal=refusal.message if refusal else "",
        where=refusal.where if refusal else "",
    )
