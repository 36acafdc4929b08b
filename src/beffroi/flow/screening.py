"""Content in: an upload is answered while the uploader waits.

    examine → bytes in hand → extract signals → search → one transaction → verdict

Owns: the road of a submission, and the debt of an answer that missed its deadline.
Promises: what is not public is answered and forgotten; a submission sent twice gets the same answer;
undecodable media is `unknown`, never `reject`; an answer that comes too late is owed, durably, and sent.
Never does: let one bad item spoil a batch; refusals keep their place.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

from pydantic import ConfigDict, TypeAdapter

from beffroi.content import rules as content_rules
from beffroi.content import service as content
from beffroi.content import store as content_store
from beffroi.content.model import MediaGiven, SealedMedia, Submission
from beffroi.decisions import service as decisions
from beffroi.decisions.model import ItemRevision
from beffroi.ground.kernel.errors import BeffroiError, Conflict, NotFound, Refusal, TooLarge, TooMany, Unavailable
from beffroi.ground.kernel.ids import BlobKey, SubjectId, fresh
from beffroi.ground.kernel.limits import BACKFILL_WAIT_S_MAX, LOST_RACES_MAX, MEDIA_BYTES_MAX, UPLOAD_WAITS_S_MAX
from beffroi.ground.storage import Actor, Effect, Tx
from beffroi.ground.storage.effects import EffectState, by_key
from beffroi.matching import recording as matching
from beffroi.matching.model import Found, Match, Standing
from beffroi.signals import Extracted, Posted, extract

from .house import House
from .reactions import settle
from .verdict import Reason, Verdict, outside_scope, verdict

LATE = "late-verdict"
"""The kind of effect by which an owed verdict is worked out and sent."""

_SUBMISSION = TypeAdapter(tuple[Submission], config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))
"""In a tuple, because only there the configuration counts: files are no UTF-8."""


def screen(
    house: House, actor: Actor, given: Sequence[Submission | Refusal], *, awaited: bool = True
) -> list[Verdict | Refusal]:
    """Answer a batch, in its order. Each answer is a verdict or the refusal of that one item.

    A standing rule acts by the verdict alone, so it may act only on what is `awaited`: an upload that is kept back
    or let through as we say. What is public already waits for a person.
    """
    examined = [_examined(house, one) for one in given]
    public = [one for one in examined if isinstance(one, Submission) and content_rules.is_screened(one)]
    answers = iter(_screen_public(house, actor, public, awaited=awaited))
    return [_answer(one, answers) for one in examined]


def take_upload(house: House, actor: Actor, body: bytes) -> BlobKey:
    """Keep a file, sealed, until a submission names it; returns the SHA-256 of what was sent.

    Raises:
        TooLarge: over the limit.

    """
    if len(body) > MEDIA_BYTES_MAX:
        raise TooLarge("media-too-large", f"a file has at most {MEDIA_BYTES_MAX} bytes")
    subject = SubjectId(fresh("sub", house.clock.now()))
    blob = _put(house, subject, body, "upload")
    key = BlobKey(hashlib.sha256(body).hexdigest())
    waits = timedelta(seconds=UPLOAD_WAITS_S_MAX)
    house.write("bulk", actor, lambda tx: content_store.put_upload(tx, key, SealedMedia(blob, subject), tx.now + waits))
    return key


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill has come; `cursor` is the platform's own, None before the first page."""

    name: str
    cursor: str | None
    items: int
    matched: int


def backfill_progress(house: House, key: str, name: str) -> Progress:
    """Where to go on."""
    with house.read() as conn:
        found = content_store.backfill(conn, key, name)
    return Progress(name, *(found or (None, 0, 0)))


def backfill(house: House, actor: Actor, name: str, cursor: str, given: Sequence[Submission | Refusal]) -> Progress:
    """Screen one page of old items behind everything urgent, then remember `cursor`.

    One page at a time in the whole node; a page that was cut off is sent again and changes nothing twice.

    Raises:
        TooMany: another page is being screened, or uploads are waiting; come back.

    """
    if house.writer.waiting()["bulk"] or not house.backfill_turn.acquire(timeout=BACKFILL_WAIT_S_MAX):
        raise TooMany("backfill-waits", "uploads go first; send this page again", retry_after_s=2)
    try:
        answers = screen(house, actor, given, awaited=False)
        matched = sum(isinstance(a, Verdict) and a.case is not None for a in answers)
        before = backfill_progress(house, actor.id, name)
        after = Progress(name, cursor, before.items + len(given), before.matched + matched)
        row = (actor.id, name, cursor, after.items, after.matched)
        house.write("bulk", actor, lambda tx: content_store.put_backfill(tx, *row))
        return after
    finally:
        house.backfill_turn.release()


def owe(house: House, actor: Actor, late: Submission) -> None:
    """The deadline passed before the answer: write down that we owe it, with all that is needed to find it."""
    subject = SubjectId(fresh("sub", house.clock.now()))
    blob = _put(house, subject, _SUBMISSION.dump_json((late,)), "owed")
    payload = {"blob": blob, "subject": subject, "actor": actor.id}
    digest = hashlib.sha256(f"{late.platform_id}|{late.revision}".encode()).hexdigest()

    def write(tx: Tx) -> bool:
        key = _free_key(tx, f"late-{digest[:32]}")
        if key is not None:
            tx.intend(Effect(LATE, key, payload, lane="law"), not_before=tx.now + timedelta(seconds=1))
        return key is not None

    if not house.write("law", actor, write):
        forget_owed(house, payload)


def _free_key(tx: Tx, stem: str) -> str | None:
    """A key for one more debt of this revision; None while an earlier one is still owed."""
    for number in count(1):
        earlier = by_key(tx.conn, f"{stem}-{number}")
        if earlier is None:
            return f"{stem}-{number}"
        if earlier.state is EffectState.INTENDED:
            return None
    return None


def owed(house: House, payload: Mapping[str, str]) -> Submission | None:
    """The submission behind an owed verdict; None if its sealed copy is gone."""
    try:
        sealed = house.blobs.get(BlobKey(payload["blob"]))
    except NotFound:
        return None
    plain = house.vault.open(SubjectId(payload["subject"]), sealed, "owed")
    return None if plain is None else _SUBMISSION.validate_json(plain)[0]


def forget_owed(house: House, payload: Mapping[str, str]) -> None:
    """The verdict was sent: the sealed copy is not needed any more."""
    house.vault.destroy(SubjectId(payload["subject"]), house.clock.now())
    house.blobs.drop(BlobKey(payload["blob"]))


def _examined(house: House, one: Submission | Refusal) -> Submission | Refusal:
    if isinstance(one, Refusal):
        return one
    try:
        examined = content_rules.examine(one)
        if not content_rules.is_screened(examined):
            return examined
        return replace(examined, media=tuple(replace(m, content=_bytes_of(house, m)) for m in examined.media))
    except Refusal as refusal:
        return refusal


def _bytes_of(house: House, media: MediaGiven) -> bytes | None:
    """In hand, uploaded before, or at the platform's address; None where it cannot be had."""
    if media.content is not None:
        if len(media.content) > MEDIA_BYTES_MAX:
            raise TooLarge("media-too-large", f"a file has at most {MEDIA_BYTES_MAX} bytes")
        return media.content
    if media.blob is not None:
        return _uploaded(house, media.blob)
    if media.url is None:
        return None
    try:
        answer = house.outbound.get(media.url, body_bytes_max=MEDIA_BYTES_MAX)
    except BeffroiError:
        return None  # an address that does not answer makes the verdict `unknown`, not an error
    return answer.body if answer.status == 200 else None  # noqa: PLR2004 (HTTP's own number)


def _uploaded(house: House, key: BlobKey) -> bytes:
    with house.read() as conn:
        sealed = content_store.upload(conn, key)
    if sealed is None:
        raise NotFound("no-such-blob", "no upload with this key waits; send it again")
    plain = house.vault.open(sealed.subject, house.blobs.get(sealed.blob), "upload")
    if plain is None:
        raise NotFound("no-such-blob", "this upload is gone; send it again")
    return plain


def _screen_public(house: House, actor: Actor, given: list[Submission], *, awaited: bool) -> list[Verdict | Refusal]:
    if not given:
        return []
    signs = extract(
        house.decoder, [Posted(one.text or None, tuple(m.content or b"" for m in one.media)) for one in given]
    )
    found = house.index.current().search(signs)
    units = [_Unit(house, *unit, awaited=awaited) for unit in zip(given, signs, found, strict=True)]
    jobs = [house.writer.submit("bulk", actor, unit) for unit in units]
    answers = [_settled(house, actor, unit, job) for unit, job in zip(units, jobs, strict=True)]
    house.changes.tell()
    return answers


def _settled(house: House, actor: Actor, unit: "_Unit", job: Future[Verdict]) -> Verdict | Refusal:
    """The unit's verdict; it is done anew where another process wrote the same account or item a moment before."""
    for _ in range(LOST_RACES_MAX):
        try:
            return job.result()
        except Conflict as lost:
            if lost.code not in _LOST_RACE:
                return lost
            job = house.writer.submit("bulk", actor, unit)
        except Refusal as refusal:
            return refusal
    return Conflict("busy-item", "others write about this item at this moment; send it again")


def _answer(one: Submission | Refusal, answers: Iterator[Verdict | Refusal]) -> Verdict | Refusal:
    if isinstance(one, Refusal):
        return one
    return next(answers) if content_rules.is_screened(one) else outside_scope(one.revision)


_LOST_RACE = {"already-there", "stale-version"}


class _Unit:
    """One submission's transaction: item, matches and, by reaction, case; a standing rule; then the verdict."""

    def __init__(
        self, house: House, given: Submission, signs: Extracted, found: tuple[Found, ...], *, awaited: bool
    ) -> None:
        self._given, self._signs, self._found, self._awaited = given, signs, found, awaited
        # Media is kept only where something acts on it; it is sealed and on the disk before the transaction.
        acts = any(f.standing is Standing.ACTING for f in found)
        self._kept = seal_media(house, given) if acts else None

    def __call__(self, tx: Tx) -> Verdict:
        rows = [content.SignalRow(s.type, s.source, s.value, s.quality) for s in self._signs.signals]
        taken = content.take_in(tx, self._given, rows)
        if taken.is_news:
            if self._kept is not None:
                content.keep_media(tx, taken.item, "match", self._kept)
            matches = matching.record(tx, taken.item.id, self._given.revision, self._found)
            if self._awaited:
                _apply_rules(tx, ItemRevision(taken.item.id, self._given.revision), matches)
            settle(tx)  # here and not only after us: the verdict tells what the reactions did
        undecodable = tuple(
            Reason("undecodable", {"why": u.reason, "source": u.source}) for u in self._signs.undecodable
        )
        return verdict(tx.conn, tx.vault, taken.item, self._given.revision, undecodable)


def _apply_rules(tx: Tx, revision: ItemRevision, matches: Sequence[Match]) -> None:
    hits = [decisions.Hit(m.bank, m.distance, m.confirmed_here) for m in matches if m.standing is Standing.ACTING]
    if hits:
        decisions.apply_rules(tx, revision, hits)


def seal_media(house: House, given: Submission) -> dict[str, SealedMedia]:
    """Seal and store the files of a submission; by SHA-256 of the plain bytes."""
    subject = SubjectId(fresh("sub", house.clock.now()))
    return {
        content.digest(m): SealedMedia(_put(house, subject, m.content, "media"), subject)
        for m in given.media
        if m.content
    }


def _put(house: House, subject: SubjectId, plain: bytes, purpose: str) -> BlobKey:
    """Seal and store.

    Raises:
        Unavailable: the disk took nothing.

    """
    try:
        return house.blobs.put(house.vault.seal(subject, plain, purpose))
    except OSError as error:
        raise Unavailable("record-not-written", "the disk took no more bytes; nothing was done") from error
