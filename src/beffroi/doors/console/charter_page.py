"""The charter settings: what they are, and changing one with a reason that everybody reads.

Owns: the handlers of the charter page.
Promises: a change shows its reason to the public; what the law fixes has no form.
Never does: check a value; the registry does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.limits import CHARTER_TEXT_CHARS_MAX
from beffroi.parties import charter
from beffroi.parties.charter import Change, Stated
from beffroi.parties.model import Value
from beffroi.parties.settings import OneOf, SomeOf, Whole, YesNo, setting
from beffroi.staff.permissions import Permission as P

from ..web.door import Visit
from ..web.forms import Form
from .names import Names, names


@dataclass(frozen=True, slots=True)
class Row:
    """A setting, and how its form asks for it: `choice`, `number`, `yes-no`, `words`, or empty where it is fixed."""

    stated: Stated
    asks: str


@dataclass(frozen=True, slots=True)
class CharterView:
    """All settings, and what changed."""

    rows: tuple[Row, ...]
    history: tuple[Change, ...]
    names: Names
    may_change: bool
    refusal: str = ""
    where: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    """What was typed into the form that came back."""


def charter_page(visit: Visit) -> Response:
    """All settings."""
    return visit.page("charter.html", _view(visit))


def change(visit: Visit) -> Response:
    """Give a setting another value, with a reason."""
    name = visit.path("setting")
    try:
        value, reason = _value(name, visit.form), visit.form.needed("reason")
        visit.write(lambda tx: charter.set(tx, name, value, visit.person, reason))
    except (Invalid, Conflict) as refusal:
        typed = {each: visit.form.text(each, CHARTER_TEXT_CHARS_MAX) for each in ("value", "reason")}
        return visit.page("charter.html", _view(visit, refusal.message, name, typed), status=refusal.status)
    return visit.go("/console/charter", "saved")


def _view(visit: Visit, refusal: str = "", where: str = "", given: Mapping[str, str] | None = None) -> CharterView:
    with visit.house.read() as conn:
        return CharterView(
            rows=tuple(Row(stated, _asks(stated)) for stated in charter.all(conn)),
            history=charter.history(conn),
            names=names(conn, visit.house.vault),
            may_change=visit.may(P.CHARTER_CHANGE),
            refusal=refusal,
            where=where,
            given=given or {},
        )


def _asks(stated: Stated) -> str:
    if stated.setting.is_fixed:
        return ""
    match stated.setting.form:
        case OneOf() | SomeOf():
            return "choice"
        case Whole():
            return "number"
        case YesNo():
            return "yes-no"
        case _:
            return "words"


def _value(name: str, form: Form) -> Value:
    match setting(name).form:
        case Whole():
            return form.whole("value")
        case YesNo():
            return form.text("value") == "yes"
        case SomeOf():
            return tuple(form.all("value"))
        case _:
            return form.text("value", CHARTER_TEXT_CHARS_MAX)
