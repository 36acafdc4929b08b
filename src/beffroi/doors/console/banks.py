"""Banks and their entries: seeing, importing, exporting, trying out, letting act.

Owns: the handlers of the bank pages.
Promises: what a bank would have done is shown before it can be promoted, with samples in their words for those who
read cases; what was refused of an import is shown line by line.
Never does: judge an entry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from beffroi.actions import views as actions_views
from beffroi.actions.views import Sample
from beffroi.flow import banks as flow
from beffroi.flow.banks import Imported
from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound, TooLarge
from beffroi.ground.kernel.ids import BankId, EntryId, PersonId
from beffroi.ground.kernel.limits import ENTRY_WORDS_CHARS_MAX, FORM_BYTES_MAX, NAME_CHARS_MAX
from beffroi.ground.storage import Tx
from beffroi.matching import imports, service, store, views
from beffroi.matching.model import Bank, BankSource, BankTerms, Opinion, Stage
from beffroi.matching.views import BankLine, EntriesPage, Replay
from beffroi.staff.permissions import Permission as P

from ..web.door import Visit
from ..web.forms import Form
from .names import Names, names

_ENTRIES_SHOWN = 50
_PASTED = "pasted.txt"
_FORMS: Mapping[str, tuple[Callable[..., object], str]] = {
    "csv": (imports.to_csv, "text/csv; charset=utf-8"),
    "jsonl": (imports.to_json_lines, "application/jsonl"),
}
"""The forms in which a bank is written out: what writes them, and their media type."""


@dataclass(frozen=True, slots=True)
class BanksView:
    """The list of banks."""

    lines: tuple[BankLine, ...]
    may_manage: bool
    refusal: str = ""
    given: BankTerms = field(default_factory=lambda: BankTerms("", ""))
    sources: tuple[BankSource, ...] = tuple(BankSource)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which entries are listed, as the address asks; empty: all."""

    type: str = ""
    opinion: str = ""
    matching: str = ""

    def asked(self) -> dict[str, str]:
        """Those that are set."""
        wanted = {"type_is": self.type, "opinion_is": self.opinion, "matching": self.matching}
        return {name: value for name, value in wanted.items() if value}

    def address(self, bank: BankId, after: int = 0) -> str:
        """The page of these entries after the cursor."""
        asked = urlencode(self.asked() | ({"after": str(after)} if after else {}))
        return f"/console/banks/{bank}?{asked}#entries" if asked else f"/console/banks/{bank}#entries"


@dataclass(frozen=True, slots=True)
class BankView:
    """One bank: its numbers, its entries, and what it would have done while it only observes.

    `samples` of the replay are for those who read cases; None for others, who see counts.
    """

    line: BankLine
    entries: EntriesPage
    choice: Choice
    after: int
    replay: Replay | None
    samples: tuple[Sample, ...] | None
    names: Names
    may_manage: bool
    may_promote: bool
    may_import: bool
    may_confirm: bool
    may_history: bool
    imported: Imported | None = None
    refusal: str = ""
    pasted: str = ""
    opinions: tuple[Opinion, ...] = tuple(Opinion)
    types: tuple[str, ...] = ("pdq", "sha256", "md5", "url", "phrase")


def banks(visit: Visit) -> Response:
    """All banks."""
    return visit.page("banks.html", _list(visit))


def create(visit: Visit) -> Response:
    """A new bank; it observes."""
    terms = BankTerms("", "")
    try:
        terms = _terms(visit.form)
        made = flow.create(visit.house, visit.who.actor, visit.person, terms)
    except (Invalid, Conflict) as refusal:
        return visit.page("banks.html", _list(visit, refusal.message, terms), status=refusal.status)
    return visit.go(f"/console/banks/{made.id}", "saved")


def bank(visit: Visit) -> Response:
    """One bank."""
    return visit.page("bank.html", _one(visit))


def import_file(visit: Visit) -> Response:
    """Read a file or pasted lines into the bank; the page says what became of each line that was refused."""
    with visit.house.read() as conn:
        bank = store.BANKS.load(conn, BankId(visit.path("bank"))).name
    try:
        name, content = _given(visit.form)
        lines_are = visit.form.text("type") or None
        done = flow.import_file(visit.house, visit.who.actor, visit.person, bank, name, content, lines_are)
    except (Invalid, TooLarge) as refusal:
        return visit.page("bank.html", _one(visit, refusal=refusal.message), status=refusal.status)
    return visit.page("bank.html", _one(visit, imported=done))


def export(visit: Visit) -> Response:
    """All entries in a form that the import reads back equal."""
    with visit.house.read() as conn:
        bank = store.BANKS.load(conn, BankId(visit.path("bank")))
    written = _FORMS.get(visit.path("form"))
    if written is None:
        raise NotFound("no-such-form", "a bank is written as csv or jsonl")
    to_lines, media_type = written
    lines = to_lines(entry.given for entry in flow.export(visit.house, bank.name))
    named = f'attachment; filename="{bank.id}.{visit.path("form")}"'
    return StreamingResponse(lines, media_type=media_type, headers={"Content-Disposition": named})  # type: ignore[arg-type]


def promote(visit: Visit) -> Response:
    """Let it act, or go on after the brake."""
    work = service.resume if _stage(visit) is Stage.PAUSED else service.promote
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
    """To the entry that was changed, on the page and under the filter where it was found."""
    visit.house.index.invalidate()
    asked = {"entry": visit.path("entry")} | _chosen(visit.form.text).asked()
    return visit.go(f"/console/banks/{visit.path('bank')}", did, **asked)


def _terms(form: Form) -> BankTerms:
    """What a new bank is; refuses what is no number or no choice."""
    return BankTerms(
        name=form.text("name", NAME_CHARS_MAX),
        purpose=form.text("purpose", ENTRY_WORDS_CHARS_MAX),
        source=form.one_of("source", BankSource),
        source_name=form.text("source_name", NAME_CHARS_MAX),
        terms_of_use=form.text("terms_of_use", ENTRY_WORDS_CHARS_MAX),
        radius_bits=form.whole("radius_bits"),
        quality_min=form.whole("quality_min"),
        hourly_cap=form.whole("hourly_cap"),
    )


def _given(form: Form) -> tuple[str, bytes]:
    """Name and bytes of what is to be imported: pasted lines, or else a file."""
    lines = form.text("lines", FORM_BYTES_MAX)
    return (_PASTED, lines.encode()) if lines else form.file("file")


def _chosen(ask: Callable[[str], str]) -> Choice:
    """The filter in an address or a form; what names nothing filters nothing."""
    opinion, matching = ask("opinion_is"), ask("matching")
    return Choice(ask("type_is"), opinion, matching)


def _stage(visit: Visit) -> Stage:
    with visit.house.read() as conn:
        return store.BANKS.load(conn, BankId(visit.path("bank"))).stage


def _list(visit: Visit, refusal: str = "", given: BankTerms | None = None) -> BanksView:
    lines = flow.lines(visit.house)
    return BanksView(lines, visit.may(P.BANKS_MANAGE), refusal, given or BankTerms("", ""))


def _one(visit: Visit, imported: Imported | None = None, refusal: str = "") -> BankView:
    bank_id, now, choice = BankId(visit.path("bank")), visit.house.clock.now(), _chosen(visit.asked)
    with visit.house.read() as conn:
        line, after = views.bank(conn, bank_id, now), _after(conn, visit)
        tried = line.bank.stage in {Stage.OBSERVE, Stage.PAUSED}
        replay = views.replay(conn, bank_id, now) if tried else None
        return BankView(
            line=line,
            entries=_entries(conn, bank_id, choice, after),
            choice=choice,
            after=after,
            replay=replay,
            samples=actions_views.samples(conn, visit.house.vault, replay.samples)
            if replay and visit.may(P.CASES_READ)
            else None,
            names=names(conn, visit.house.vault),
            may_manage=visit.may(P.BANKS_MANAGE),
            may_promote=visit.may(P.BANKS_PROMOTE),
            may_import=visit.may(P.ENTRIES_MANAGE),
            may_confirm=visit.may(P.ENTRIES_CONFIRM),
            may_history=visit.may(P.HISTORY_READ),
            imported=imported,
            refusal=refusal,
            pasted=visit.form.text("lines", FORM_BYTES_MAX) if refusal else "",
        )


def _after(conn: Connection, visit: Visit) -> int:
    """The cursor that the address asks for: by number, or by the entry that is to stand first."""
    if visit.asked("entry"):
        return store.entry(conn, EntryId(visit.asked("entry"))).number - 1
    after = visit.asked("after", "0")
    if not after.isdecimal():
        raise NotFound("no-such-page", "there is no such page of entries")
    return int(after)


def _entries(conn: Connection, bank_id: BankId, choice: Choice, after: int) -> EntriesPage:
    opinion = Opinion(choice.opinion) if choice.opinion in set(Opinion) else None
    return views.entries(
        conn,
        bank_id,
        after=after,
        limit=_ENTRIES_SHOWN,
        signal_type=choice.type or None,
        opinion=opinion,
        enabled={"yes": True, "no": False}.get(choice.matching),
    )
