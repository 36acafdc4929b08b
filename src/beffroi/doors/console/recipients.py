"""The register of those who are warned: taken from public lists, called back by somebody else.

Owns: the handlers of the register's page.
Promises: what is typed and refused comes back as it was typed; an entry names its source and both persons behind it.
Never does: check an entry; `threats.routing` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import PersonId, RecipientId
from beffroi.ground.kernel.limits import CERTIFICATE_CHARS_MAX, POSTAL_CHARS_MAX
from beffroi.staff.permissions import Permission as P
from beffroi.threats import service, views
from beffroi.threats.model import Entry, Function
from beffroi.threats.views import RegisterRead

from ..web.door import Visit
from .names import Names, names

_FIELDS = ("name", "function", "country", "phone", "hours", "email", "source")
_HERE = "/console/threats/recipients"


@dataclass(frozen=True, slots=True)
class RecipientsView:
    """The register, and the form of a new entry."""

    register: RegisterRead
    names: Names
    me: PersonId
    may_manage: bool
    given: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    where: str = ""
    functions: tuple[Function, ...] = tuple(Function)
    certificate_chars_max: int = CERTIFICATE_CHARS_MAX


def recipients(visit: Visit) -> Response:
    """Who is warned."""
    return _page(visit)


def pin(visit: Visit) -> Response:
    """Take an entry over from a public list."""
    form = visit.form
    given = {name: form.text(name, POSTAL_CHARS_MAX) for name in _FIELDS}
    given["certificate"] = form.text("certificate", CERTIFICATE_CHARS_MAX)
    try:
        told = {name: said for name, said in given.items() if name not in {"function", "country"}}
        entry = Entry(function=form.one_of("function", Function), country=given["country"].upper(), **told)
        visit.write(lambda tx: service.pin(tx, entry, visit.person))
    except (Invalid, Conflict) as refusal:
        return _page(visit, given, refusal)
    return visit.go(_HERE, "pinned")


def confirm(visit: Visit) -> Response:
    """Another person rang them."""
    recipient = RecipientId(visit.path("recipient"))
    visit.write(lambda tx: service.confirm_recipient(tx, recipient, visit.person))
    return visit.go(_HERE, "saved")


def end(visit: Visit) -> Response:
    """It is not warned any more."""
    recipient = RecipientId(visit.path("recipient"))
    visit.write(lambda tx: service.end_recipient(tx, recipient, visit.person))
    return visit.go(_HERE, "saved")


def _page(visit: Visit, given: Mapping[str, str] | None = None, refusal: Invalid | Conflict | None = None) -> Response:
    house = visit.house
    with house.read() as conn:
        found, known = views.register(conn, house.clock.now()), names(conn, house.vault)
    shown = RecipientsView(
        register=found,
        names=known,
        me=visit.person,
        may_manage=visit.may(P.RECIPIENTS_MANAGE),
        given=given or {},
        refusal=refusal.message if refusal else "",
        where=refusal.where if isinstance(refusal, Invalid) else "",
    )
    return visit.page("recipients.html", shown, status=refusal.status if refusal else 200)
