"""The organisation behind this node: what it must publish of itself.

Owns: the handlers of the organisation page.
Promises: what is typed and refused comes back as it was typed; nobody amends what they have not read; what the law
asks for and is missing is named.
Never does: check it; `parties.rules` does.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from starlette.responses import Response

from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.limits import POSTAL_CHARS_MAX
from beffroi.parties import service, views
from beffroi.parties.model import ContactPoint, NodeKind, Particulars, Representative, Service, Size
from beffroi.parties.views import Imprint
from beffroi.staff.permissions import Permission as P

from ..web.door import Visit
from ..web.forms import Form

_POINT = ("email", "postal", "phone", "hours")
_PERSON = ("name", "email", "phone", "postal")
_FIELDS = (
    *("name", "kind", "country", "languages", "size", "service", "version"),
    *(f"{point}.{name}" for point in ("contact", "complaints") for name in _POINT),
    *(f"representative.{name}" for name in _PERSON),
)


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """What is published, and the form with what stands in it, by field."""

    imprint: Imprint
    given: Mapping[str, str]
    may_manage: bool
    refusal: str = ""
    where: str = ""
    kinds: tuple[NodeKind, ...] = tuple(NodeKind)
    sizes: tuple[Size, ...] = tuple(Size)
    services: tuple[Service, ...] = tuple(Service)


def organisation(visit: Visit) -> Response:
    """Who runs this node."""
    return visit.page("organisation.html", _view(visit))


def change(visit: Visit) -> Response:
    """Say who runs it, for the first time or again."""
    try:
        told, named = _particulars(visit.form), _representative(visit.form)
        seen = visit.form.whole("version")
        if seen:
            visit.write(lambda tx: service.amend(tx, told, named, version=seen))
        else:
            visit.write(lambda tx: service.establish(tx, told, named))
    except (Invalid, Conflict) as refusal:
        return visit.page("organisation.html", _view(visit, refusal), status=refusal.status)
    return visit.go("/console/organisation", "published")


def _view(visit: Visit, refusal: Invalid | Conflict | None = None) -> OrganisationView:
    with visit.house.read() as conn:
        imprint = views.imprint(conn, visit.house.vault)
    return OrganisationView(
        imprint=imprint,
        given={name: visit.form.text(name, POSTAL_CHARS_MAX) for name in _FIELDS} if refusal else _given(imprint),
        may_manage=visit.may(P.ORGANISATION_MANAGE),
        refusal=refusal.message if refusal else "",
        where=refusal.where if isinstance(refusal, Invalid) else "",
    )


def _given(imprint: Imprint) -> dict[str, str]:
    """What stands in the form before anybody typed: what is published."""
    fields = dict.fromkeys(_FIELDS, "")
    if imprint.organisation is None:
        return fields | {"version": "0", "kind": NodeKind.PLATFORM.value}
    told = imprint.organisation.particulars
    fields |= {"version": str(imprint.organisation.version), "languages": ", ".join(told.languages)}
    fields |= {name: str(getattr(told, name) or "") for name in ("name", "kind", "country", "size", "service")}
    points = {"contact": told.contact, "complaints": told.complaints, "representative": imprint.representative}
    for point, said in points.items():
        fields |= {f"{point}.{name}": value for name, value in (asdict(said) if said else {}).items()}
    return fields


def _particulars(form: Form) -> Particulars:
    kind = form.one_of("kind", NodeKind)
    is_platform = kind is NodeKind.PLATFORM
    complaints = _point(form, "complaints")
    return Particulars(
        name=form.text("name", POSTAL_CHARS_MAX),
        kind=kind,
        country=form.text("country").upper(),
        languages=tuple(dict.fromkeys(form.text("languages").replace(",", " ").split())),
        contact=_point(form, "contact"),
        complaints=complaints if complaints != ContactPoint("") else None,
        size=form.one_of("size", Size) if is_platform else None,
        service=form.one_of("service", Service) if is_platform else None,
    )


def _point(form: Form, point: str) -> ContactPoint:
    return ContactPoint(**{name: form.text(f"{point}.{name}", POSTAL_CHARS_MAX) for name in _POINT})


def _representative(form: Form) -> Representative | None:
    said = {name: form.text(f"representative.{name}", POSTAL_CHARS_MAX) for name in _PERSON}
    return Representative(**said) if any(said.values()) else None
