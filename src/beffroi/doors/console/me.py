"""One's own account: sessions, means of proof, language, theme, keys; and a pause.

Owns: the handlers of one's own pages.
Promises: everything here is about who asks, and nobody else.
Never does: show anything of anybody else.
"""

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

from beffroi.cases import store as cases
from beffroi.cases.views import SHIFT
from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import SessionId
from beffroi.ground.kernel.limits import NAME_CHARS_MAX, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN
from beffroi.parties import charter
from beffroi.staff import enrol, sessions, views
from beffroi.staff.enrol import Telephone
from beffroi.staff.views import OwnPage

from ..web.door import Visit
from ..web.languages import languages
from .gate import answer
from .session import desk

_YEAR_S = 31_536_000


@dataclass(frozen=True, slots=True)
class MeView:
    """One's own account."""

    page: OwnPage
    points_seen: int
    points_budget: int
    refusal: str = ""
    where: str = ""
    codes: tuple[str, ...] = ()
    telephone: Telephone | None = None
    password_chars_min: int = PASSWORD_CHARS_MIN


def me(visit: Visit) -> Response:
    """One's own account."""
    return visit.page("me.html", _view(visit))


def pause(visit: Visit) -> Response:
    """A page without content."""
    return visit.page("pause.html", _view(visit))


def appearance(visit: Visit) -> Response:
    """Language, theme and letter keys, kept by this browser; works without a script."""
    gone = visit.go("/console/me", "saved")
    wanted = {"lang": visit.form.text("lang"), "theme": visit.form.text("theme"), "keys": visit.form.text("keys")}
    allowed = {"lang": set(languages()), "theme": {"light", "dark"}, "keys": {"on", "off"}}
    for name, value in wanted.items():
        if value in allowed[name]:
            gone.set_cookie(name, value, max_age=_YEAR_S, path="/", samesite="lax")
        else:
            gone.delete_cookie(name, path="/")
    return gone


def change_password(visit: Visit) -> Response:
    """Another password; all other sessions end."""
    try:
        enrol.change_password(desk(visit.house), visit.who, visit.form.raw("password", PASSWORD_CHARS_MAX))
    except Invalid as refusal:
        return visit.page("me.html", _view(visit, refusal=refusal), status=422)
    return visit.go("/console/me", "saved")


def telephone(visit: Visit) -> Response:
    """Offer another secret for the telephone."""
    return visit.page("me.html", _view(visit, offered=enrol.telephone(desk(visit.house), visit.who)))


def change_telephone(visit: Visit) -> Response:
    """The telephone shows its code."""
    try:
        enrol.change_telephone(desk(visit.house), visit.who, visit.form.text("code"))
    except Invalid as refusal:
        offered = enrol.telephone(desk(visit.house), visit.who)
        return visit.page("me.html", _view(visit, refusal=refusal, offered=offered), status=422)
    return visit.go("/console/me", "saved")


def recovery_codes(visit: Visit) -> Response:
    """New recovery codes, shown once."""
    return visit.page("me.html", _view(visit, codes=enrol.recovery_codes(desk(visit.house), visit.who)))


def offer_passkey(visit: Visit) -> Response:
    """Begin to register a passkey; asked for by the script of the page."""
    ceremony = enrol.offer_passkey(desk(visit.house), visit.who)
    return JSONResponse({"ticket": ceremony.ticket, "options": ceremony.options})


def add_passkey(visit: Visit) -> Response:
    """Register what the device made."""
    try:
        enrol.add_passkey(desk(visit.house), visit.who, answer(visit), visit.form.text("label", NAME_CHARS_MAX))
    except (Invalid, Conflict) as refusal:
        return visit.page("me.html", _view(visit, refusal=refusal), status=refusal.status)
    return visit.go("/console/me", "saved")


def remove_passkey(visit: Visit) -> Response:
    """Forget one."""
    enrol.remove_passkey(desk(visit.house), visit.who, visit.path("passkey"))
    return visit.go("/console/me", "saved")


def end_session(visit: Visit) -> Response:
    """End one of one's sessions, or all others."""
    which = visit.path("session")
    if which == "others":
        visit.write(lambda tx: sessions.end_all(tx, visit.person, but=visit.who.session))
    else:
        visit.write(lambda tx: sessions.end(tx, visit.person, SessionId(which)))
    return visit.go("/console/me", "revoked")


def _view(
    visit: Visit,
    refusal: Invalid | Conflict | None = None,
    codes: tuple[str, ...] = (),
    offered: Telephone | None = None,
) -> MeView:
    house = visit.house
    with house.read() as conn:
        return MeView(
            page=views.own(conn, house.vault, visit.who),
            points_seen=cases.points_since(conn, visit.person, house.clock.now() - SHIFT),
            points_budget=charter.get(conn, "exposure.points_per_shift"),
            refusal=refusal.message if refusal else "",
            where=refusal.where if isinstance(refusal, Invalid) else "",
            codes=codes,
            telephone=offered,
        )
