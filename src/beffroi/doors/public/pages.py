"""The handlers of the public pages.

Owns: statement, contact, report and its answer, rules, transparency, ledger.
Promises: a link opens one page and nothing else; a wrong link and an erased account look alike.
Never does: know who looks, beyond the language they read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from starlette.responses import JSONResponse, Response

from beffroi.cases import views as cases_views
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import StandingRule
from beffroi.flow import notice as notice_flow
from beffroi.flow.notice import NoticeGiven
from beffroi.ground.kernel.clock import rfc3339
from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.kernel.limits import EMAIL_CHARS_MAX, NAME_CHARS_MAX, NOTICE_CHARS_MAX, URL_CHARS_MAX
from beffroi.ground.ledger import serve as ledger_serve
from beffroi.ground.ledger import store as ledger_store
from beffroi.orders import views as orders_views
from beffroi.parties import charter
from beffroi.parties import views as parties_views
from beffroi.parties.charter import Change, Stated
from beffroi.staff import store as staff

from ..platforms import named
from ..web.door import Visit
from ..web.languages import choose


@dataclass(frozen=True, slots=True)
class ReportView:
    """The report form, empty or come back."""

    given: NoticeGiven = field(default_factory=lambda: NoticeGiven("", "", "", "", good_faith=False))
    refusal: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class KeptView:
    """A report that waits beside the record: its number, and where its page will be."""

    reference: str
    address: str


@dataclass(frozen=True, slots=True)
class Transparency:
    """The transparency page."""

    settings: tuple[Stated, ...]
    history: tuple[Change, ...]
    rules: tuple[StandingRule, ...]
    pseudonyms: Mapping[PersonId, str]


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The ledger page."""

    origin: str
    size: int
    at: datetime
    note: str


def front(visit: Visit) -> Response:
    """The node's own address leads to how to reach us; people of the node go to the console."""
    return visit.go("/contact")


def statement(visit: Visit) -> Response:
    """What one person is told, in the language of their post unless they choose another."""
    with visit.house.read() as conn:
        read = orders_views.statement(conn, visit.house.vault, visit.path("token"))
    if read is None:
        raise NotFound("no-such-statement", "no statement has this address")
    return visit.page("statement.html", read, language=choose(visit.asked("lang") or None, read.statement.language))


def contact(visit: Visit) -> Response:
    """Contact points, representative (DSA Arts 11 to 13, TCO Art 15)."""
    with visit.house.read() as conn:
        return visit.page("contact.html", parties_views.imprint(conn, visit.house.vault))


def report_form(visit: Visit) -> Response:
    """The form of DSA Art 16."""
    return visit.page("report.html", ReportView(NoticeGiven(visit.asked("url"), "", "", "", good_faith=False)))


def report(visit: Visit) -> Response:
    """Take in a notice, or show the form again."""
    form = visit.form
    try:
        given = NoticeGiven(
            url=form.text("url", URL_CHARS_MAX),
            explanation=form.text("explanation", NOTICE_CHARS_MAX),
            name=form.text("name", NAME_CHARS_MAX),
            email=form.text("email", EMAIL_CHARS_MAX),
            good_faith=form.text("good_faith") == "yes",
        )
    except Invalid as refusal:
        return visit.page("report.html", ReportView(refusal=refusal.message, where=refusal.where), status=422)
    try:
        platform_id = named(visit.request.app.state.connector, given.url)
        received = notice_flow.receive(visit.house, visit.who.actor, given, platform_id)
    except Invalid as refusal:
        return visit.page("report.html", ReportView(given, refusal.message, refusal.where), status=422)
    if not received.is_entered:
        return visit.page("report_kept.html", KeptView(received.reference, f"/report/{received.token}"))
    return visit.go(f"/report/{received.token}")


def report_status(visit: Visit) -> Response:
    """What became of a notice, for who gave it."""
    with visit.house.read() as conn:
        notice = cases_views.notice_status(conn, visit.path("token"))
    if notice is None:
        raise NotFound("no-such-report", "no report has this address")
    return visit.page("report_received.html", notice)


def policies(visit: Visit) -> Response:
    """The published rules (DSA Art 14)."""
    with visit.house.read() as conn:
        return visit.page("policies.html", decisions_store.all_policies(conn))


def transparency(visit: Visit) -> Response:
    """The charter settings, who changed them and why; the rules that act before a person has looked."""
    with visit.house.read() as conn:
        shown = Transparency(
            settings=charter.all(conn),
            history=charter.history(conn),
            rules=tuple(decisions_store.active_rules(conn)),
            pseudonyms={person.id: person.pseudonym for person in staff.everybody(conn)},
        )
    return visit.page("transparency.html", shown)


def transparency_json(visit: Visit) -> Response:
    """The same for machines."""
    with visit.house.read() as conn:
        stated = charter.all(conn)
    return JSONResponse({"settings": [_setting_out(one) for one in stated]})


def ledger(visit: Visit) -> Response:
    """What the public record is, and its newest seal."""
    with visit.house.read() as conn:
        newest = ledger_store.latest_checkpoint(conn)
    shown = None if newest is None else _ledger_view(visit, newest.size, newest.at, newest.note)
    return visit.page("ledger.html", shown)


def ledger_file(visit: Visit) -> Response:
    """Checkpoint and tiles (C2SP tlog-tiles)."""
    with visit.house.read() as conn:
        found = ledger_serve.resource(conn, visit.path("path"))
    return Response(found.content, media_type=found.media_type, headers={"Cache-Control": found.cache_control})


def _ledger_view(visit: Visit, size: int, at: datetime, note: str) -> LedgerView:
    return LedgerView(visit.house.settings.origin, size, at, note)


def _setting_out(one: Stated) -> dict[str, object]:
    return {
        "name": one.setting.name,
        "value": list(one.value) if isinstance(one.value, tuple) else one.value,
        "question": one.setting.words,
        "decides": one.setting.decides,
        "allowed": one.setting.form.told(),
        "version": one.version,
        "reason": one.reason,
        "changed_at": None if one.changed_at is None else rfc3339(one.changed_at),
    }
