"""People of this node and keys of machines.

Owns: the handlers of the people and API-key pages.
Promises: a link and a key are shown once; whoever changes somebody's access proved who they are a moment ago.
Never does: show how much anybody has looked at.
"""

from dataclasses import dataclass

from starlette.responses import Response

from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import KeyId, PersonId
from beffroi.ground.kernel.limits import API_KEY_LABEL_CHARS_MAX, EMAIL_CHARS_MAX, NAME_CHARS_MAX
from beffroi.staff import enrol, keys, service, views
from beffroi.staff.model import Role
from beffroi.staff.permissions import SCOPES, Permission
from beffroi.staff.permissions import Permission as P
from beffroi.staff.views import KeyCard, PersonCard, PersonPage

from ..web.door import Visit
from .names import Names, names


@dataclass(frozen=True, slots=True)
class PeopleView:
    """Everybody, and the form that invites."""

    cards: tuple[PersonCard, ...]
    may_manage: bool
    link: str = ""
    refusal: str = ""
    roles: tuple[Role, ...] = tuple(Role)


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person."""

    page: PersonPage
    is_me: bool
    may_read_others: bool
    may_manage: bool
    may_grant: bool
    link: str = ""
    roles: tuple[Role, ...] = tuple(Role)


@dataclass(frozen=True, slots=True)
class KeysView:
    """The keys of machines, and the form that issues one."""

    cards: tuple[KeyCard, ...]
    names: Names
    may_manage: bool
    written: str = ""
    refusal: str = ""
    scopes: tuple[Permission, ...] = tuple(scope for scope in Permission if scope in SCOPES)


def people(visit: Visit) -> Response:
    """Everybody."""
    return visit.page("people.html", _people(visit))


def invite(visit: Visit) -> Response:
    """Invite somebody; the link is shown once."""
    form = visit.form
    who = enrol.identity(visit.house.pepper, form.text("name", NAME_CHARS_MAX), form.text("email", EMAIL_CHARS_MAX))
    try:
        roles = [Role(role) for role in form.all("role") if role in set(Role)]
        invited = visit.write(lambda tx: service.invite(tx, who, roles, visit.person))
    except (Invalid, Conflict) as refusal:
        return visit.page("people.html", _people(visit, refusal=refusal.message), status=refusal.status)
    return visit.page("people.html", _people(visit, link=_link(visit, invited.token)))


def person(visit: Visit) -> Response:
    """One person; oneself, whatever one's role."""
    visit.own(P.PEOPLE_READ, visit.path("person") == visit.who.id)
    return visit.page("person.html", _person(visit))


def new_link(visit: Visit) -> Response:
    """A new link for somebody invited, or for somebody who lost their means; shown once."""
    token = visit.write(lambda tx: service.link_for(tx, PersonId(visit.path("person")), visit.person))
    return visit.page("person.html", _person(visit, _link(visit, token)))


def unbind(visit: Visit) -> Response:
    """The identity provider vouches for them no longer; a new link is shown once."""
    person_id = PersonId(visit.path("person"))
    token = visit.write(lambda tx: service.unbind(tx, person_id, visit.person))
    return visit.page("person.html", _person(visit, _link(visit, token)))


def grant(visit: Visit) -> Response:
    """They have exactly these roles."""
    person_id, roles = PersonId(visit.path("person")), [Role(r) for r in visit.form.all("role") if r in set(Role)]
    visit.write(lambda tx: service.grant(tx, person_id, roles, visit.person))
    return visit.go(f"/console/people/{person_id}", "saved")


def suspend(visit: Visit) -> Response:
    """They cannot do anything for now."""
    person_id = PersonId(visit.path("person"))
    visit.write(lambda tx: service.suspend(tx, person_id, visit.person))
    return visit.go(f"/console/people/{person_id}", "saved")


def lift(visit: Visit) -> Response:
    """They can sign in again."""
    person_id = PersonId(visit.path("person"))
    visit.write(lambda tx: service.lift(tx, person_id, visit.person))
    return visit.go(f"/console/people/{person_id}", "saved")


def leave(visit: Visit) -> Response:
    """They do not work here any more."""
    person_id = PersonId(visit.path("person"))
    visit.write(lambda tx: service.leave(tx, person_id, visit.person))
    return visit.go(f"/console/people/{person_id}", "saved")


def api_keys(visit: Visit) -> Response:
    """The keys of machines."""
    return visit.page("api_keys.html", _keys(visit))


def issue_key(visit: Visit) -> Response:
    """A new key, shown once."""
    form = visit.form
    scopes = [Permission(scope) for scope in form.all("scope") if scope in set(Permission)]
    try:
        label, days = form.text("label", API_KEY_LABEL_CHARS_MAX), form.whole("days")
        issued = visit.write(lambda tx: keys.issue(tx, label, scopes, visit.person, days))
    except Invalid as refusal:
        return visit.page("api_keys.html", _keys(visit, refusal=refusal.message), status=422)
    return visit.page("api_keys.html", _keys(visit, written=issued.written))


def revoke_key(visit: Visit) -> Response:
    """It opens nothing any more."""
    visit.write(lambda tx: keys.revoke(tx, KeyId(visit.path("key"))))
    return visit.go("/console/keys", "revoked")


def _people(visit: Visit, link: str = "", refusal: str = "") -> PeopleView:
    with visit.house.read() as conn:
        return PeopleView(views.people(conn, visit.house.vault), visit.may(P.PEOPLE_MANAGE), link, refusal)


def _person(visit: Visit, link: str = "") -> PersonView:
    person_id = PersonId(visit.path("person"))
    with visit.house.read() as conn:
        page = views.person(conn, visit.house.vault, person_id)
    return PersonView(
        page=page,
        is_me=person_id == visit.who.id,
        may_read_others=visit.may(P.PEOPLE_READ),
        may_manage=visit.may(P.PEOPLE_MANAGE),
        may_grant=visit.may(P.ROLES_GRANT),
        link=link,
    )


def _keys(visit: Visit, written: str = "", refusal: str = "") -> KeysView:
    with visit.house.read() as conn:
        cards = views.api_keys(conn, visit.house.clock.now())
        return KeysView(cards, names(conn, visit.house.vault), visit.may(P.API_KEYS_MANAGE), written, refusal)


def _link(visit: Visit, token: str) -> str:
    return f"{visit.house.settings.public_url}/first-start/{token}"
