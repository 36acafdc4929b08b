"""Banks and their entries: seeing, importing, trying out, letting act.

Owns: the handlers of the bank pages.
Promises: what a bank would have done is shown before it can be promoted.
Never does: judge an entry.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.responses import Response

from beffroi.flow import banks as flow
from beffroi.flow.banks import Imported
from beffroi.ground.kernel.errors import Invalid, NotFound, TooLarge
from beffroi.ground.kernel.ids import BankId, EntryId, PersonId
from beffroi.ground.kernel.limits import ENTRY_WORDS_CHARS_MAX, NAME_CHARS_MAX
from beffroi.ground.storage import Tx
from beffroi.matching import service, views
from beffroi.matching.model import Bank, BankSource, BankTerms, Opinion, Stage
from beffroi.matching.views import BankLine, EntriesPage, Replay
from beffroi.staff.permissions import Permission as P

from ..web.door import Visit
from .names import Names, names

_ENTRIES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class BanksView:
    """The list of banks."""

    lines: tuple[BankLine, ...]
    may_manage: bool
    refusal: str = ""
    given: BankTerms = field(default_factory=lambda: BankTerms("", ""))
    sources: tuple[BankSource, ...] = tuple(BankSource)


@dataclass(frozen=True, slots=True)
class BankView:
    """One bank: its numbers, its entries, and what it would have done while it only observes."""

    line: BankLine
    entries: EntriesPage
    after: int
    replay: Replay | None
    names: Names
    may_manage: bool
    may_promote: bool
    may_import: bool
    may_confirm: bool
    imported: Imported | None = None
    refusal: str = ""
    opinions: tuple[Opinion, ...] = tuple(Opinion)


def banks(visit: Visit) -> Response:
    """All banks."""
    return visit.page("banks.html", _list(visit))


def create(visit: Visit) -> Response:
    """A new bank; it observes."""
    terms = BankTerms(
        name=visit.form.text("name", NAME_CHARS_MAX),
        purpose=visit.form.text("purpose", ENTRY_WORDS_CHARS_MAX),
        source=visit.form.one_of("source", BankSource),
        source_name=visit.form.text("source_name", NAME_CHARS_MAX),
        terms_of_use=visit.form.text("terms_of_use", ENTRY_WORDS_CHARS_MAX),
    )
    try:
        made = flow.create(visit.house, visit.who.actor, visit.person, terms)
    except Invalid as refusal:
        return visit.page("banks.html", _list(visit, refusal.message, terms), status=422)
    return visit.go(f"/console/banks/{made.id}", "saved")


def bank(visit: Visit) -> Response:
    """One bank."""
    return visit.page("bank.html", _one(visit))


def import_file(visit: Visit) -> Response:
    """Read a file into the bank; the page says what became of each line that was refused."""
    shown = _one(visit)
    try:
        name, content = visit.form.file("file")
        done = flow.import_file(
            visit.house,
            visit.who.actor,
            visit.person,
            shown.line.bank.name,
            name,
            content,
            visit.form.text("type") or None,
        )
    except (Invalid, TooLarge) as refusal:
        return visit.page("bank.html", _one(visit, refusal=refusal.message), status=refusal.status)
    return visit.page("bank.html", _one(visit, imported=done))


def promote(visit: Visit) -> Response:
    """Let it act, or go on after the brake."""
    work = service.resume if _one(visit).line.bank.stage is Stage.PAUSED else service.promote
    return _changed(visit, work, "promoted")


def set_back(visit: Visit) -> Response:
    """Let it only observe again."""
    return _changed(visit, service.set_back, "paused")


def disable(visit: Visit) -> Response:
    """It matches nothing any more."""
    return _changed(visit, service.disable, "disabled")


def confirm_entry(visit: Visit) -> Response:
    """A person of this node has looked at what the entry stands for."""
    entry, confirmed = EntryId(visit.path("entry")), visit.form.text("confirmed") == "yes"
    visit.write(lambda tx: service.confirm_here(tx, entry, visit.person, confirmed=confirmed))
    return _back(visit, "saved")


def enable_entry(visit: Visit) -> Response:
    """Let it match, or not any more."""
    entry, enabled = EntryId(visit.path("entry")), visit.form.text("enabled") == "yes"
    visit.write(lambda tx: service.set_enabled(tx, entry, visit.person, enabled=enabled))
    return _back(visit, "enabled" if enabled else "disabled")


def say_of_entry(visit: Visit) -> Response:
    """Another opinion of an entry."""
    entry, opinion = EntryId(visit.path("entry")), visit.form.one_of("opinion", Opinion)
    visit.write(lambda tx: service.set_opinion(tx, entry, opinion, visit.person))
    return _back(visit, "saved")


def _changed(visit: Visit, work: Callable[[Tx, BankId, PersonId], Bank], did: str) -> Response:
    bank_id = BankId(visit.path("bank"))
    visit.write(lambda tx: work(tx, bank_id, visit.person))
    visit.house.index.invalidate()
    return visit.go(f"/console/banks/{bank_id}", did)


def _back(visit: Visit, did: str) -> Response:
    visit.house.index.invalidate()
    return visit.go(f"/console/banks/{visit.path('bank')}", did, after=visit.form.text("after") or "0")


def _list(visit: Visit, refusal: str = "", given: BankTerms | None = None) -> BanksView:
    lines = flow.lines(visit.house)
    return BanksView(lines, visit.may(P.BANKS_MANAGE), refusal, given or BankTerms("", ""))


def _one(visit: Visit, imported: Imported | None = None, refusal: str = "") -> BankView:
    bank_id, now, after = BankId(visit.path("bank")), visit.house.clock.now(), visit.asked("after", "0")
    if not after.isdecimal():
        raise NotFound("no-such-page", "there is no such page of entries")
    with visit.house.read() as conn:
        line = views.bank(conn, bank_id, now)
        return BankView(
            line=line,
            entries=views.entries(conn, bank_id, after=int(after), limit=_ENTRIES_SHOWN),
            after=int(after),
            replay=views.replay(conn, bank_id, now) if line.bank.stage in {Stage.OBSERVE, Stage.PAUSED} else None,
            names=names(conn, visit.house.vault),
            may_manage=visit.may(P.BANKS_MANAGE),
            may_promote=visit.may(P.BANKS_PROMOTE),
            may_import=visit.may(P.ENTRIES_MANAGE),
            may_confirm=visit.may(P.ENTRIES_CONFIRM),
            imported=imported,
            refusal=refusal,
        )
