"""What a receiver's answer to a webhook means.

Owns: `outcome_of`, pure.
Promises: 2xx is done whatever stands in the body, for only the status is promised; 4xx is a refusal except where
HTTP itself says "later" (408, 425, 429); everything else is tried again.
Never does: take "gone" for done where the aim was to show or tell something.
"""

from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from beffroi.ground.kernel.errors import Refusal
from beffroi.ground.kernel.json import parse
from beffroi.ground.kernel.limits import RETRY_AFTER_S_MAX, WEBHOOK_ANSWER_BYTES_MAX

from .capabilities import Act, Done, Outcome, PlatformAct, Refused, Retry

_LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_WORDS: Final = frozenset({"done", "already", "gone"})


def outcome_of(act: Act, status: int, body: bytes, pause_s: int | None = None) -> Outcome:
    """The outcome of `act`, answered with `status` and `body`; `pause_s` as the receiver asked for (Retry-After)."""
    reason = f"status-{status}"
    if status in _LATER:
        return Retry(reason, pause_s)
    match status // 100:
        case 2:
            word = _word(body)
            return _gone(act) if word == "gone" else Done(word)
        case 3:
            return Refused("redirected", final=False)
        case 4:
            return _gone(act) if status == HTTPStatus.GONE else Refused(reason, final=True)
        case _:
            return Retry(reason, pause_s)


def pause_s(retry_after: str | None, now: datetime) -> int | None:
    """Seconds of a Retry-After field (RFC 9110 §10.2.3: seconds or a date), at most `RETRY_AFTER_S_MAX`."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        is_long = len(retry_after) > len(str(RETRY_AFTER_S_MAX))
        return RETRY_AFTER_S_MAX if is_long else min(int(retry_after), RETRY_AFTER_S_MAX)
    try:
        seconds = int((parsedate_to_datetime(retry_after) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):  # TypeError: a date without a zone
        return None
    return max(0, min(seconds, RETRY_AFTER_S_MAX))


def _gone(act: Act) -> Outcome:
    """Gone is what hiding wanted, and makes a late verdict moot; there is nothing to put back, label or tell about."""
    if isinstance(act, PlatformAct) and not act.kind.hides:
        return Refused("gone", final=True)
    return Done("gone")


def _word(body: bytes) -> str:
    """The receiver's own word for what it did; `done` where it says nothing, `unreadable` where it says nonsense."""
    if not body.strip():
        return "done"
    try:
        said = parse(body, size_max=WEBHOOK_ANSWER_BYTES_MAX)
    except Refusal:
        return "unreadable"
    word = said.get("outcome", "done") if isinstance(said, dict) else None
    return word if isinstance(word, str) and word in _WORDS else "unreadable"
