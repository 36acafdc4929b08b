"""The handlers of the JSON API: translate in, call the flow, translate out.

Owns: nothing; ten lines each.
Promises: a screening caller waits no longer than its deadline.
Never does: decide, or open a transaction.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import Depends, Path
from starlette.requests import Request

from beffroi import __version__
from beffroi.content.model import Submission
from beffroi.decisions import store as decisions_store
from beffroi.flow import notice as notice_flow
from beffroi.flow import platform_events, screening
from beffroi.flow.health import measure
from beffroi.flow.house import House
from beffroi.flow.verdict import Verdict, too_late
from beffroi.ground.kernel.errors import NotFound, Refusal, TooMany, Unavailable
from beffroi.ground.kernel.limits import SCREENING_WAITS_MAX
from beffroi.parties import charter
from beffroi.parties import store as parties
from beffroi.staff.permissions import Permission as P
from beffroi.staff.permissions import Principal

from ..platforms import named
from ..web.access import house_of
from . import problems, wire

HouseIn = Annotated[House, Depends(house_of)]
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,100}$")]


def caller(request: Request) -> Principal:
    """Who was let through."""
    principal: Principal = request.state.principal
    return principal


def pool_of(request: Request) -> ThreadPoolExecutor:
    """The threads that examine uploads."""
    pool: ThreadPoolExecutor = request.app.state.screening
    return pool


Caller = Annotated[Principal, Depends(caller)]
Pool = Annotated[ThreadPoolExecutor, Depends(pool_of)]


def health(house: HouseIn, who: Caller) -> wire.HealthOut:
    """Whether an alarm is raised, and, for a key that may read it, which; figures stand on the console's page."""
    measured = measure(house)
    if measured.stored is None:
        raise Unavailable(
            "database-silent", "the database does not answer: nothing can be recorded, so nothing is done"
        )
    alarms = measured.alarms
    status: Literal["ok", "red"] = "red" if alarms else "ok"
    return wire.HealthOut(status=status, alarms=alarms if who.may(P.HEALTH_READ) else None, version=__version__)


def screen(given: wire.ScreenIn, house: HouseIn, who: Caller, pool: Pool) -> wire.VerdictOut:
    """Answer one upload inside the caller's deadline, or say `unknown` and send the verdict later."""
    one = wire.submission(given.item)
    [answer] = _in_time(house, who, pool, [one], given.deadline_ms)
    if isinstance(answer, Refusal):
        raise answer
    return wire.verdict_out(answer, house.settings.public_url)


def screen_batch(given: wire.BatchIn, house: HouseIn, who: Caller, pool: Pool) -> wire.BatchOut:
    """Answer up to 256 uploads in their order; a refused one keeps its place."""
    answers = _in_time(house, who, pool, [_read(item) for item in given.items], given.deadline_ms)
    return wire.BatchOut(results=tuple(_out(answer, house) for answer in answers))


def backfill_status(name: Name, house: HouseIn, who: Caller) -> wire.BackfillOut:
    """Where a backfill stands; go on from `cursor`."""
    return wire.BackfillOut(**asdict(screening.backfill_progress(house, who.id, name)))


def backfill(name: Name, given: wire.BackfillIn, house: HouseIn, who: Caller) -> wire.BackfillOut:
    """Screen one page of old items, behind everything that is urgent; sending it again does no harm."""
    items = [_read(item) for item in given.items]
    return wire.BackfillOut(**asdict(screening.backfill(house, who.actor, name, given.cursor, items)))


def upload(request: Request, house: HouseIn, who: Caller) -> wire.BlobOut:
    """Take a file that a submission will name by its SHA-256 within the hour."""
    body: bytes = request.state.body
    return wire.BlobOut(blob=screening.take_upload(house, who.actor, body), size_bytes=len(body))


def platform_event(given: wire.EventIn, house: HouseIn, who: Caller) -> wire.AcceptedOut:
    """Something happened on the platform that is no post."""
    if given.type == "item.deleted":
        platform_events.item_deleted(house, who.actor, given.item or "")
    elif given.type == "item.located":
        platform_events.item_located(house, who.actor, given.item or "", given.url or "")
    else:
        account = given.account
        avatar = wire.media(account.avatar) if account is not None and account.avatar is not None else None
        platform_events.account_changed(house, who.actor, wire.account_or_refuse(account), avatar)
    return wire.AcceptedOut()


def notice(given: wire.NoticeIn, request: Request, house: HouseIn, who: Caller) -> wire.NoticeOut:
    """A user's notice, handed on by the platform (DSA Art 16)."""
    platform_id = named(request.app.state.connector, given.url)
    received = notice_flow.receive(house, who.actor, notice_flow.NoticeGiven(**given.model_dump()), platform_id)
    url = f"{house.settings.public_url}/report/{received.token}"
    return wire.NoticeOut(reference=received.reference, status_url=url)


def charter_settings(house: HouseIn) -> wire.CharterOut:
    """What an unanswered upload means, per kind of content."""
    with house.read() as conn:
        return wire.CharterOut(fail={kind: charter.get(conn, f"fail.{kind}") for kind in ("text", "media")})


def policies(house: HouseIn) -> wire.PoliciesOut:
    """The published policies, machine-readable (DSA Art 14)."""
    with house.read() as conn:
        found = decisions_store.all_policies(conn)
    return wire.PoliciesOut(policies=tuple(wire.policy_out(policy) for policy in found))


def organisation(house: HouseIn) -> wire.OrganisationOut:
    """The contact point (TCO Art 15(1), DSA Arts 11 and 12)."""
    with house.read() as conn:
        found = parties.organisation(conn)
    if found is None:
        raise NotFound("not-established", "this node does not know whose it is yet")
    return wire.organisation_out(found.particulars)


def _in_time(
    house: House, who: Principal, pool: ThreadPoolExecutor, given: list[Submission | Refusal], deadline_ms: int
) -> list[Verdict | Refusal]:
    if pool._work_queue.qsize() > SCREENING_WAITS_MAX:  # noqa: SLF001 (the pool has no public count)
        raise TooMany("screening-busy", "more uploads wait than we can examine", retry_after_s=1)
    job: Future[list[Verdict | Refusal]] = pool.submit(screening.screen, house, who.actor, given)
    try:
        return job.result(timeout=deadline_ms / 1000)
    except LateError:
        job.cancel()
    return [one if isinstance(one, Refusal) else _owed(house, who, one) for one in given]


def _owed(house: House, who: Principal, late: Submission) -> Verdict:
    screening.owe(house, who.actor, late)
    return too_late(late.revision)


def _read(item: wire.ItemIn) -> Submission | Refusal:
    try:
        return wire.submission(item)
    except Refusal as refusal:
        return refusal


def _out(answer: Verdict | Refusal, house: House) -> wire.VerdictOut | wire.RefusedOut:
    if isinstance(answer, Refusal):
        body: dict[str, Any] = problems.of_error(answer)
        return wire.RefusedOut(problem=wire.ProblemOut(**body))
    return wire.verdict_out(answer, house.settings.public_url)
