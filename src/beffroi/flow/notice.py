"""Notice in: somebody tells us of content they consider illegal (DSA Art 16), here or by the platform's report button.

Owns: the road of a notice, and of a user's report with the copy that came along.
Promises: receipt is confirmed with a reference and a page of the notifier's own, also while the database is away; a
person decides; a report opens the reported item and nothing else, and only a public one is screened; the same report is
taken once.
Never does: act on a notice by itself, or show the notifier to anybody outside.
"""

from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.cases.service import NoticeGiven, Promised
from beffroi.content import rules as content_rules
from beffroi.content import service as content
from beffroi.content import store as content_store
from beffroi.content.model import Item, SealedMedia, Submission
from beffroi.ground.kernel.errors import Refusal
from beffroi.ground.storage import Actor, Tx
from beffroi.ground.storage.spool import Spooled

from . import screening
from .carry import Carried, carry
from .house import House

__all__ = ["NoticeGiven", "Received", "receive", "reports_read", "skip_report", "take_report"]

_PLATFORM = "platform"
_REPORTS = "reports"
"""The name under which it is remembered how far the platform's reports were read."""


@dataclass(frozen=True, slots=True)
class Received:
    """What the notifier is given: a number to keep, and the token of their page.

    `is_entered`: it is in the record; otherwise it is kept on the spool, and the page is there once it is entered.
    """

    reference: str
    token: str
    is_entered: bool = True


def receive(house: House, actor: Actor, given: NoticeGiven, platform_id: str | None = None) -> Received:
    """Take in a notice; it opens a case, or joins the one that is open for its item.

    `platform_id` is what the platform calls the item, where it could be asked.

    Raises:
        Invalid: an element of Art 16(2) is missing.

    """
    cases.check_notice(given)
    promised = cases.promise_notice(house.clock.now())
    body = {"given": asdict(given), "promised": asdict(promised), "platform_id": platform_id}
    is_entered = carry(house, actor, NOTICE, body)
    return Received(promised.reference, promised.token, is_entered)


def reports_read(house: House) -> str:
    """The cursor after the newest report of a user that was taken; empty before the first."""
    with house.read() as conn:
        found = content_store.backfill(conn, _PLATFORM, _REPORTS)
    return found[0] if found is not None else ""


def take_report(house: House, actor: Actor, given: NoticeGiven, item: Submission | None, cursor: str) -> Received:
    """Take in a user's report with the copy of what was reported; `cursor` is where the next one begins.

    Raises:
        Invalid: something in it is longer than we take.

    """
    copied = None if item is None else content_rules.examine(item)
    sealed = {} if copied is None else screening.seal_media(house, copied)
    if copied is not None and content_rules.is_screened(copied):
        answer = screening.screen(house, actor, [copied], awaited=False)[0]
        if isinstance(answer, Refusal):
            raise answer

    def work(tx: Tx) -> Received:
        reported = None if copied is None else _kept(tx, copied, sealed)
        _read_to(tx, cursor)
        return _received(tx, given, reported)

    return house.write("law", actor, work)


def _enter(tx: Tx, act: Spooled) -> None:
    given, promised = NoticeGiven(**act.body["given"]), Promised(**act.body["promised"])
    cases.receive_notice(tx, given, _located(tx, given.url, act.body["platform_id"]), promised)


def _is_entered(conn: Connection, act: Spooled) -> bool:
    return cases_store.NOTICES.get(conn, act.body["promised"]["id"]) is not None


NOTICE = Carried("notice", _enter, known=_is_entered)


def skip_report(house: House, actor: Actor, cursor: str) -> None:
    """A report that cannot be taken must not keep the later ones waiting."""
    house.write("law", actor, lambda tx: _read_to(tx, cursor))


def _received(tx: Tx, given: NoticeGiven, item: Item | None) -> Received:
    notice, token = cases.receive_notice(tx, given, item)
    return Received(notice.reference, token)


def _located(tx: Tx, url: str, platform_id: str | None) -> Item | None:
    """The item that the platform calls so, or that it told us stands at this address."""
    named = None if platform_id is None else content_store.item_by_platform_id(tx.conn, platform_id)
    return named or content_store.item_by_url(tx.conn, url)


def _kept(tx: Tx, copied: Submission, sealed: dict[str, SealedMedia]) -> Item:
    """The reported item, with its files kept: the platform may lose them before a person has looked."""
    taken = content.take_in(tx, copied, ())
    posted = content_store.posted(tx.conn, tx.vault, taken.item.id, taken.item.revision)
    unkept = {file.sha256 for file in posted.media if file.sealed is None} if posted is not None else set()
    missing = {digest: each for digest, each in sealed.items() if digest in unkept}
    if taken.is_news or missing:
        content.keep_media(tx, taken.item, "notice", missing)
    return taken.item


def _read_to(tx: Tx, cursor: str) -> None:
    before = content_store.backfill(tx.conn, _PLATFORM, _REPORTS)
    count = before[1] if before is not None else 0
    content_store.put_backfill(tx, _PLATFORM, _REPORTS, cursor, count + 1, 0)
