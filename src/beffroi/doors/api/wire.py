"""The shapes on the wire: pydantic models from which the OpenAPI document and its schemas are made.

Owns: requests and answers of the JSON API, and their translation into the words of the capabilities.
Promises: strict types, unknown fields refused, sizes bounded here as in `kernel.limits`.
Never does: anything but translate.
"""

import base64
import binascii
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from beffroi.content.model import AccountGiven, ItemKind, MediaGiven, Origin, Submission, Visibility
from beffroi.decisions.model import Policy
from beffroi.flow.verdict import Verdict
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.ids import BlobKey
from beffroi.ground.kernel.limits import (
    BATCH_UNITS_MAX,
    DEADLINE_MS_DEFAULT,
    DEADLINE_MS_MAX,
    EMAIL_CHARS_MAX,
    MEDIA_PER_ITEM_MAX,
    NAME_CHARS_MAX,
    NOTICE_CHARS_MAX,
    PLATFORM_ID_CHARS_MAX,
    TEXT_CHARS_MAX,
    URL_CHARS_MAX,
)
from beffroi.parties.model import Particulars

PlatformId = Annotated[str, StringConstraints(min_length=1, max_length=PLATFORM_ID_CHARS_MAX)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=URL_CHARS_MAX)]
PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
"""Words that stand in events: no control characters, which PostgreSQL would not take in JSON."""
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class Wire(BaseModel):
    """Base of all shapes."""

    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


class MediaIn(Wire):
    """A file: uploaded before (`blob`), at an address of the platform (`url`), or inline (`data`, base64)."""

    platform_id: Annotated[str, StringConstraints(max_length=PLATFORM_ID_CHARS_MAX)] = ""
    media_type: Annotated[str, StringConstraints(max_length=100)] = ""
    url: Url | None = None
    blob: Sha256 | None = None
    data: str | None = Field(default=None, json_schema_extra={"contentEncoding": "base64"})


class AccountIn(Wire):
    """The account that posted."""

    platform_id: PlatformId
    name: Annotated[str, StringConstraints(max_length=NAME_CHARS_MAX)] = ""
    url: Url | None = None
    bio: Annotated[str, StringConstraints(max_length=TEXT_CHARS_MAX)] = ""
    avatar: MediaIn | None = None


class ItemIn(Wire):
    """Something posted. `version` counts the platform's edits from 1."""

    platform_id: PlatformId
    account: AccountIn
    kind: ItemKind = ItemKind.POST
    visibility: Visibility = Visibility.PUBLIC
    origin: Origin = Origin.LOCAL
    version: Annotated[int, Field(ge=1, le=2**31)] = 1
    text: Annotated[str, StringConstraints(max_length=TEXT_CHARS_MAX)] = ""
    language: (
        Annotated[str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")] | None
    ) = None
    url: Url | None = None
    parent: PlatformId | None = None
    thread: PlatformId | None = None
    posted_at: AwareDatetime | None = None
    media: Annotated[tuple[MediaIn, ...], Field(max_length=MEDIA_PER_ITEM_MAX)] = ()


class ScreenIn(Wire):
    """One item to screen. `unknown` is answered when `deadline_ms` passes first; the verdict follows by webhook."""

    event: Literal["posted", "edited"] = "posted"
    deadline_ms: Annotated[int, Field(ge=1, le=DEADLINE_MS_MAX)] = DEADLINE_MS_DEFAULT
    item: ItemIn


class BatchIn(Wire):
    """Up to 256 items; answers keep the order."""

    deadline_ms: Annotated[int, Field(ge=1, le=DEADLINE_MS_MAX)] = DEADLINE_MS_MAX
    items: Annotated[tuple[ItemIn, ...], Field(min_length=1, max_length=BATCH_UNITS_MAX)]


class ReasonOut(Wire):
    """Why."""

    model_config = ConfigDict(extra="allow", frozen=True)

    code: str
    message: str
    bank: str | None = None
    type: str | None = None
    distance: int | None = None


class RuleOut(Wire):
    """The standing rule behind a hold or a refused upload."""

    id: str
    name: str


class VerdictOut(Wire):
    """The answer about one version of one item."""

    verdict: Literal["allow", "hold", "reject", "unknown"]
    item: str | None
    version: int
    reasons: tuple[ReasonOut, ...]
    rule: RuleOut | None
    until: datetime | None
    statement_url: str | None
    case: str | None


class ProblemOut(Wire):
    """RFC 9457."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str
    title: str
    status: int
    detail: str
    code: str


class RefusedOut(Wire):
    """The refusal of one item of a batch."""

    problem: ProblemOut


class BatchOut(Wire):
    """Answers in the order of the items."""

    results: tuple[VerdictOut | RefusedOut, ...]


class EventIn(Wire):
    """Something happened on the platform that is no post."""

    type: Literal["item.deleted", "item.located", "account.created", "account.changed"]
    item: PlatformId | None = None
    url: Url | None = None
    account: AccountIn | None = None


class NoticeIn(Wire):
    """A notice under DSA Art 16(2)."""

    url: Url
    explanation: Annotated[str, StringConstraints(min_length=1, max_length=NOTICE_CHARS_MAX)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=NAME_CHARS_MAX)]
    email: Annotated[str, StringConstraints(min_length=3, max_length=EMAIL_CHARS_MAX, pattern=r"^[^@\s]+@[^@\s]+$")]
    good_faith: bool


class NoticeOut(Wire):
    """Confirmation of receipt (DSA Art 16(4)); the page tells what was decided (Art 16(5))."""

    reference: str
    status_url: str


class BlobOut(Wire):
    """An upload that waits for the item that names it."""

    blob: str
    size_bytes: int


class AcceptedOut(Wire):
    """Taken in."""

    accepted: bool = True


class HealthOut(Wire):
    """How the node is."""

    status: Literal["ok", "red"]
    """`red`: an alarm is raised. The node may answer all the same; uploads and orders are for it still."""
    alarms: tuple[str, ...] | None = None
    """Which ones, for a key that may read them (`health:read`)."""
    version: str


class CharterOut(Wire):
    """What an unanswered upload means, per kind of content."""

    fail: dict[str, Literal["open", "closed"]]


class BackfillIn(Wire):
    """One page of old items; `cursor` is the platform's own, and where to go on from."""

    cursor: Annotated[str, StringConstraints(max_length=500)]
    items: Annotated[tuple[ItemIn, ...], Field(min_length=1, max_length=BATCH_UNITS_MAX)]


class BackfillOut(Wire):
    """How far a backfill has come."""

    name: str
    cursor: str | None
    items: int
    matched: int


def submission(given: ItemIn) -> Submission:
    """The item in the words of `content`.

    Raises:
        Invalid: inline data is not base64.

    """
    return Submission(
        platform_id=given.platform_id,
        account=account(given.account),
        kind=given.kind,
        visibility=given.visibility,
        origin=given.origin,
        revision=given.version,
        text=given.text,
        language=given.language,
        url=given.url,
        parent=given.parent,
        thread=given.thread,
        posted_at=given.posted_at.astimezone(UTC) if given.posted_at else None,
        media=tuple(media(m) for m in given.media),
    )


def account(given: AccountIn) -> AccountGiven:
    """The account in the words of `content`."""
    return AccountGiven(given.platform_id, given.name, given.url, given.bio)


def media(given: MediaIn) -> MediaGiven:
    """A file in the words of `content`; exactly one of `url`, `blob`, `data`."""
    if sum(x is not None for x in (given.url, given.blob, given.data)) != 1:
        raise Invalid("media-one-of", "a file comes by exactly one of url, blob, data", where="media")
    try:
        content = None if given.data is None else base64.b64decode(given.data, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("not-base64", "inline data is not base64", where="media.data") from None
    blob = None if given.blob is None else BlobKey(given.blob)
    return MediaGiven(given.platform_id, given.media_type, content, blob, given.url)


_MESSAGES = {
    "near-copy": "a near copy of an entry in a list of known content",
    "listed": "matches an entry in a list of known content",
    "not-public": "not public, so neither screened nor stored",
    "deadline": "no answer inside the deadline; it follows by webhook",
    "undecodable": "a file could not be examined",
}


def verdict_out(answer: Verdict, base_url: str) -> VerdictOut:
    """The verdict on the wire."""
    reasons = tuple(
        ReasonOut.model_validate({"code": r.code, "message": _MESSAGES[r.code], **r.facts}) for r in answer.reasons
    )
    return VerdictOut(
        verdict=answer.word.value,
        item=answer.item,
        version=answer.revision,
        reasons=reasons,
        rule=None if answer.rule is None else RuleOut(id=answer.rule[0], name=answer.rule[1]),
        until=answer.until,
        statement_url=None if answer.token is None else f"{base_url}/s/{answer.token}",
        case=answer.case,
    )


class ClauseOut(Wire):
    """One clause of a policy; texts by language."""

    number: str
    title: dict[str, str]
    text: dict[str, str]
    legal_category: str
    severity: int
    four_eyes: bool


class PolicyOut(Wire):
    """A published policy (DSA Art 14(1): machine-readable)."""

    id: str
    name: str
    version: int
    published_at: datetime
    clauses: tuple[ClauseOut, ...]


class PoliciesOut(Wire):
    """All policies in force."""

    policies: tuple[PolicyOut, ...]


class ContactOut(Wire):
    """Where the organisation is reached."""

    email: str
    postal: str
    phone: str
    hours: str


class OrganisationOut(Wire):
    """What the platform must publish of itself (TCO Art 15(1), DSA Arts 11 and 12)."""

    name: str
    country: str
    languages: tuple[str, ...]
    contact: ContactOut
    complaints: ContactOut | None


def account_or_refuse(given: AccountIn | None) -> AccountGiven:
    """The account of an account event.

    Raises:
        Invalid: there is none.

    """
    if given is None:
        raise Invalid("missing", "an account event names the account", where="account")
    return account(given)


def policy_out(policy: Policy) -> PolicyOut:
    """A policy on the wire."""
    clauses = tuple(ClauseOut(**asdict(clause)) for clause in policy.clauses)
    return PolicyOut(
        id=policy.id, name=policy.name, version=policy.number, published_at=policy.published_at, clauses=clauses
    )


def organisation_out(particulars: Particulars) -> OrganisationOut:
    """The imprint on the wire."""
    complaints = particulars.complaints
    return OrganisationOut(
        name=particulars.name,
        country=particulars.country,
        languages=particulars.languages,
        contact=ContactOut(**asdict(particulars.contact)),
        complaints=None if complaints is None else ContactOut(**asdict(complaints)),
    )


class BankIn(Wire):
    """A new bank; it observes until somebody promotes it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=NAME_CHARS_MAX)]
    purpose: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    source: Literal["own", "partner", "exchange", "public_body", "order"] = "own"
    radius_bits: Annotated[int, Field(ge=0, le=47)] = 31
    hourly_cap: Annotated[int, Field(ge=1, le=100_000)] = 100


class BankOut(Wire):
    """A bank with its numbers."""

    name: str
    stage: str
    purpose: str
    source: str
    radius_bits: int
    hourly_cap: int
    entries: int
    enabled: int
    confirmed: int
    overturned: int


class BanksOut(Wire):
    """All banks."""

    banks: tuple[BankOut, ...]


class DispatchOut(Wire):
    """One letter's way to one recipient."""

    letter: int
    kind: str
    recipient: str
    way: str
    state: str
    signed_at: str
    sent_at: str | None
    called_at: str | None
    confirmed_at: str | None
    receipt: str | None


class ThreatOut(Wire):
    """The facts of a warning; no word of its letters."""

    id: str
    ref: str
    case: str
    state: str
    opened_at: str
    bases: tuple[str, ...]
    danger: str | None
    window: str | None
    level: str | None
    states: tuple[str, ...]
    sent: tuple[str, ...]
    held_back: tuple[str, ...]
    dispatches: tuple[DispatchOut, ...]
    rings: int
    ring_at: str | None
    second_due_at: str | None
    seconded_at: str | None
    agrees: bool | None
    outcome: str | None
    closed_at: str | None


class ThreatsOut(Wire):
    """Warnings, newest first."""

    threats: tuple[ThreatOut, ...]


class RefusedLine(Wire):
    """A line that became no entry."""

    line: int
    code: str
    reason: str


class ImportedOut(Wire):
    """What became of a file."""

    added: int
    known: int
    refused: tuple[RefusedLine, ...]


class EntryOut(Wire):
    """An entry."""

    type: str
    value: str
    opinion: str
    labels: tuple[str, ...]
    note: str
    description: str
    strain: int


class EntriesOut(Wire):
    """A page of entries; `next_after` is the cursor of the next one."""

    entries: tuple[EntryOut, ...]
    next_after: int | None


class ReplayOut(Wire):
    """What a bank would have done."""

    bank: str
    days: int
    items: int
    cases: int
