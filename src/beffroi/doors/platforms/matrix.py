"""The connector to a Matrix homeserver: Synapse, by its admin API and as its visitors see it.

Owns: what each act means on Matrix, how a removal looks from outside, how users' reports are read.
Promises: what can be undone is preferred to what cannot: a file is quarantined, and an event is redacted only where
words would stay visible; the same act twice is one deed; whatever the server does comes back as
an outcome, not as an exception.
Never does: delete a file or an account, act as a member of a room, or claim that a redacted event can come back.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, Literal

from pydantic import Field, SecretStr, field_validator

from beffroi.actions.model import Verification
from beffroi.content.model import AccountGiven, Submission, Visibility
from beffroi.ground.kernel.clock import Clock
from beffroi.ground.kernel.errors import BeffroiError
from beffroi.ground.kernel.limits import (
    MATRIX_EDITS_MAX,
    REPORTS_AT_ONCE_MAX,
    REPORTS_PAGES_MAX,
    TEXT_CHARS_MAX,
)
from beffroi.ground.net import AnswerUnreadable, Blocked, Outbound, UnknownOutcome, Unreachable

from .capabilities import (
    Act,
    ActKind,
    Capability,
    Done,
    Expect,
    Located,
    Outcome,
    PlatformAct,
    Refused,
    Retry,
    Sighting,
    Unknown,
    UserReport,
    VerdictReady,
)
from .matrix_events import files_of, link_to, place_of, words_of
from .matrix_server import (
    ADMIN,
    BAD_REQUEST,
    CLIENT,
    FORBIDDEN,
    NOBODY,
    NOT_FOUND,
    OK,
    Event,
    Failed,
    Server,
    body_of,
    good,
    mxc_path,
    objects,
    quoted,
)
from .settings import ConnectorSettings
from .sight import judge

NAME: Final = "matrix"
_CAN: Final = frozenset(
    (
        Capability.INFORM,
        Capability.LOCATE_BY_URL,
        Capability.REMOVE,
        Capability.REPORTS,
        Capability.RESTORE,
        Capability.SUSPEND,
        Capability.VERIFY,
        Capability.WARN,
    )
)
_PROFILE_FIELDS: Final = {"profile-profile_name-": "displayname", "profile-avatar-": "avatar_url"}
"""Parts of a profile are items under names that the node gives them (`flow.platform_events`)."""
_REASON: Final = "Removed by the moderation of this server."
_WARNING: Final = "The moderation of this server warns you about your account. The reasons follow in the next message."
_PUPPET_S: Final = 60
"""How long a token made for one redaction is good, should ending it fail."""
_PAGE: Final = 100
"""Reports on one page, Synapse's own default."""


class MatrixSettings(ConnectorSettings):
    """One homeserver."""

    connector = NAME

    url: str = Field(min_length=1, description="the homeserver's client address, https://matrix.example.org")
    token: SecretStr = Field(min_length=1, description="access token of an account that is a server administrator")
    visitor_token: SecretStr | None = Field(
        default=None, description="of an account without rights, to look as visitors do where guests may not"
    )
    suspend_by: Literal["suspend", "lock"] = Field(
        default="suspend", description="suspend: reads on, cannot post; lock: cannot use the account at all"
    )

    @field_validator("url")
    @classmethod
    def _is_plain(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url.rstrip("/")


def build(settings: Mapping[str, Any], outbound: Outbound, clock: Clock) -> "Matrix":
    """The connector with `settings` (see `MatrixSettings`)."""
    return Matrix(MatrixSettings.read(settings), outbound, clock)


class Matrix:
    """One homeserver."""

    name = NAME
    capabilities = _CAN

    def __init__(self, settings: MatrixSettings, outbound: Outbound, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._server = Server(settings.url, settings.token.get_secret_value(), outbound)
        self._guest: str | None = None
        self._guard = threading.Lock()

    # ── acts ──

    def perform(self, act: Act) -> Outcome:
        """Do what `act` says, once."""
        if isinstance(act, VerdictReady):
            return Done("too-late")  # the module has moved on; without HOLD no rule acts any more, and a person decides
        deed = _DEEDS.get(act.kind)
        if deed is None:
            return Refused("not-declared", final=True)
        try:
            return deed(self, act)
        except Failed as failed:
            return failed.outcome
        except Blocked as blocked:
            return Refused(blocked.reason, final=False)
        except Unreachable as failure:
            return Retry(failure.reason)
        except (UnknownOutcome, AnswerUnreadable) as failure:
            return Unknown(failure.reason)

    def hide(self, act: PlatformAct) -> Outcome:
        """Quarantine the files of an item; redact its event where words would stay."""
        field = _profile_field(act)
        event = self._server.event(_event_id(act)) if field is None else None
        files = dict.fromkeys((*act.media, *(event.files if event else ())))
        quarantined = [mxc for mxc in files if self._quarantine(mxc, "quarantine")]
        if field is not None:
            return self._set_profile(act, field, "")
        if event is None:
            return Done("done" if quarantined else "gone")
        if quarantined and not event.has_words:
            return Done("done")
        return self._redact(event, act.key)

    def restore(self, act: PlatformAct) -> Outcome:
        """Free what was quarantined; say so where an event was redacted."""
        field = _profile_field(act)
        if field == "displayname":
            return Refused("a-name-is-set-again-by-its-owner", final=True)
        event = self._server.event(_event_id(act)) if field is None else None
        for mxc in dict.fromkeys((*act.media, *(event.files if event else ()))):
            self._quarantine(mxc, "unquarantine")
        if field is not None:
            return self._set_profile(act, field, next(iter(act.media), ""))
        if event is None:
            return Done("never-sent")  # it was refused at the door; its author may send it again
        if self._server.is_redacted(event):
            return Refused("a-redaction-cannot-be-undone", final=True)
        return Done("done")

    def suspend(self, act: PlatformAct) -> Outcome:
        """Suspend or lock an account, as set."""
        return self._set_suspended(act, is_suspended=True)

    def reinstate(self, act: PlatformAct) -> Outcome:
        """Undo that; a warning left nothing behind that could be undone."""
        return Done("done") if act.lifts is ActKind.ACCOUNT_WARN else self._set_suspended(act, is_suspended=False)

    def warn(self, act: PlatformAct) -> Outcome:
        """Tell a user that they are warned."""
        return self._tell(act, _WARNING)

    def inform(self, act: PlatformAct) -> Outcome:
        """Hand a user the link to a statement."""
        link = act.statement
        if link is None:
            return Refused("nothing-to-tell", final=True)
        return self._tell(act, f"{link.title}\n{link.summary}\n{link.url}")

    def _set_suspended(self, act: PlatformAct, *, is_suspended: bool) -> Outcome:
        user = quoted(act.account or "")
        if self._settings.suspend_by == "lock":
            self._server.expect("PUT", f"{ADMIN}/v2/users/{user}", {"locked": is_suspended})
        else:
            self._server.expect("PUT", f"{ADMIN}/v1/suspend/{user}", {"suspend": is_suspended})
        return Done("done")

    def _tell(self, act: PlatformAct, words: str) -> Outcome:
        """By a server notice; Synapse knows the same transaction again."""
        body = {"user_id": act.account, "content": {"msgtype": "m.text", "body": words}}
        answer = self._server.ask("PUT", f"{ADMIN}/v1/send_server_notice/{quoted(act.key)}", body)
        if answer.status == BAD_REQUEST:  # `server_notices` is not set, which can be mended; or another server's user
            return Refused("no-server-notices", final="not enabled" not in str(body_of(answer).get("error")))
        good(answer)
        return Done("done")

    def _set_profile(self, act: PlatformAct, field: str, value: str) -> Outcome:
        self._server.expect("PUT", f"{ADMIN}/v2/users/{quoted(act.account or '')}", {field: value})
        return Done("done")

    def _quarantine(self, mxc: str, what: str) -> bool:
        """Quarantine or free a file, and with it every file of the same bytes; whether the server has it."""
        if files_of({"url": mxc}) != (mxc,):
            return False
        answer = self._server.ask("POST", f"{ADMIN}/v1/media/{what}/{mxc_path(mxc)}", {})
        if answer.status == NOT_FOUND:
            return False
        good(answer)
        return True

    def _redact(self, event: Event, key: str) -> Outcome:
        """As the node's own account where it may; else in the sender's name, as Synapse's own redaction job does."""
        if self._redacted(event, key, None):
            return Done("done")
        token = self._puppet(event.sender)
        if token is None:
            return Refused("no-power-in-this-room", final=False)
        try:
            return Done("done") if self._redacted(event, key, token) else Refused("not-allowed-here", final=False)
        finally:
            self._server.ask("POST", f"{CLIENT}/v3/logout", {}, token)

    def _redacted(self, event: Event, key: str, token: str | None) -> bool:
        """Redact an event after its edits, which would stay readable by themselves; False where it is not allowed."""
        for number, event_id in enumerate((*self._edits(event, token), event.id)):
            path = f"{CLIENT}/v3/rooms/{quoted(event.room)}/redact/{quoted(event_id)}/{quoted(f'{key}-{number}')}"
            answer = self._server.ask("PUT", path, {"reason": _REASON}, token)
            if answer.status in FORBIDDEN:
                return False
            good(answer)
        return True

    def _edits(self, event: Event, token: str | None) -> tuple[str, ...]:
        path = f"{CLIENT}/v1/rooms/{quoted(event.room)}/relations/{quoted(event.id)}/m.replace"
        answer = self._server.ask("GET", f"{path}?limit={MATRIX_EDITS_MAX}", token=token)
        found = body_of(answer).get("chunk") if answer.status == OK else None
        return tuple(sorted(str(each["event_id"]) for each in objects(found) if "event_id" in each))

    def _puppet(self, user: str) -> str | None:
        """A token in the name of a local user, for one redaction."""
        until = self._clock.now() + timedelta(seconds=_PUPPET_S)
        body = {"valid_until_ms": int(until.timestamp() * 1000)}
        token = body_of(self._server.ask("POST", f"{ADMIN}/v1/users/{quoted(user)}/login", body)).get("access_token")
        return token if isinstance(token, str) else None

    # ── looking ──

    def verify(self, url: str, expect: Expect, territories: tuple[str, ...] = ()) -> Sighting:
        """Look at an event and its files as a logged-out visitor, or as an account without rights."""
        place = place_of(url)
        if place is None:
            return _unseen("not-a-matrix-link")
        try:
            event = self._server.event(place.event)
            if event is None:
                return judge(NOT_FOUND, expect, moved=False)
            token = self._visitor()
            if token is None:
                return _unseen("no-visitor")
            shown = [self._server.shows_file(mxc, token) for mxc in event.files]
            if event.has_words:
                shown.append(self._server.shows_words(event, token))
        except (BeffroiError, Failed):
            return _unseen("server-did-not-answer")
        if not shown or None in shown:
            return _unseen("not-open-to-visitors")
        is_seen = any(shown) if expect is Expect.NOT_VISIBLE else all(shown)
        return judge(OK if is_seen else NOT_FOUND, expect, moved=False)

    def _visitor(self) -> str | None:
        """The token of somebody without rights: the one that was set, or a guest's, made once."""
        if self._settings.visitor_token is not None:
            return self._settings.visitor_token.get_secret_value()
        with self._guard:
            if self._guest is None:
                answer = self._server.ask("POST", f"{CLIENT}/v3/register?kind=guest", {}, NOBODY)
                token = body_of(answer).get("access_token")
                self._guest = token if isinstance(token, str) else None
            return self._guest

    def locate(self, url: str) -> Located | None:
        """The event behind a matrix.to or matrix: link, or the file behind an mxc: address."""
        try:
            if files_of({"url": url}) == (url,):
                is_there = self._server.ask("GET", f"{ADMIN}/v1/media/{mxc_path(url)}").status == OK
                return Located(url) if is_there else None
            place = place_of(url)
            event = None if place is None else self._server.event(place.event)
        except (BeffroiError, Failed):
            return None
        return None if event is None else Located(event.id)

    # ── reports ──

    def reports(self, after: str) -> tuple[UserReport, ...]:
        """What users reported, the oldest unread first, each with a copy before the server prunes it."""
        try:
            unread = self._unread(int(after) if after.isdecimal() else 0)
            return tuple(self._report(number, unread[number]) for number in sorted(unread)[:REPORTS_AT_ONCE_MAX])
        except Failed as failed:
            raise UnknownOutcome(getattr(failed.outcome, "reason", "answer-malformed")) from None

    def _unread(self, seen: int) -> dict[int, Mapping[str, Any]]:
        """Reports by number; Synapse pages by place and not by number, so they are read from the newest down."""
        unread: dict[int, Mapping[str, Any]] = {}
        for page in range(REPORTS_PAGES_MAX):
            said = self._server.expect("GET", f"{ADMIN}/v1/event_reports?dir=b&limit={_PAGE}&from={page * _PAGE}")
            rows = {int(row.get("id") or 0): row for row in objects(said.get("event_reports"))}
            unread |= {number: row for number, row in rows.items() if number > seen}
            if len(rows) < _PAGE or min(rows) <= seen:
                break
        return unread

    def _report(self, number: int, row: Mapping[str, Any]) -> UserReport:
        event = self._server.event(str(row.get("event_id")))
        return UserReport(
            cursor=str(number),
            reporter=str(row.get("user_id") or ""),
            reason=str(row.get("reason") or ""),
            url=link_to(str(row.get("room_id")), str(row.get("event_id"))),
            item=None if event is None else self._copy(event),
        )

    def _copy(self, event: Event) -> Submission:
        return Submission(
            platform_id=event.id,
            account=AccountGiven(event.sender),
            visibility=Visibility.PUBLIC if self._server.is_open(event.room) else Visibility.PRIVATE,
            text="\n".join(words_of(event.content))[:TEXT_CHARS_MAX],
            url=link_to(event.room, event.id),
            thread=event.room,
            posted_at=event.sent_at,
            media=tuple(self._server.file(mxc) for mxc in event.files),
        )


_DEEDS: Final[Mapping[ActKind, Callable[[Matrix, PlatformAct], Outcome]]] = {
    ActKind.ITEM_REMOVE: Matrix.hide,
    ActKind.ITEM_RESTORE: Matrix.restore,
    ActKind.ACCOUNT_WARN: Matrix.warn,
    ActKind.ACCOUNT_SUSPEND: Matrix.suspend,
    ActKind.ACCOUNT_RESTORE: Matrix.reinstate,
    ActKind.USER_INFORM: Matrix.inform,
}


def _event_id(act: PlatformAct) -> str:
    """The event that shows the item: by its address, else the item's own name."""
    place = place_of(act.url) if act.url else None
    if place is not None:
        return place.event
    return act.item.platform_id if act.item is not None else ""


def _profile_field(act: PlatformAct) -> str | None:
    name = act.item.platform_id if act.item is not None else ""
    return next((field for stem, field in _PROFILE_FIELDS.items() if name.startswith(stem)), None)


def _unseen(reason: str) -> Sighting:
    return Sighting(Verification.NOT_VERIFIABLE, reason)
