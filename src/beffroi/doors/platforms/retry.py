"""When an outside effect is tried again.

Owns: the schedule of Standard Webhooks ("deliverability"), pure.
Promises: ten tries over some three days; then a person is shown the failure.
Never does: draw the jitter; the caller brings it, so that this stays repeatable.
"""

from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
PAUSES_S: Final = (0, 5, 5 * _MINUTE, 30 * _MINUTE, *(hours * _HOUR for hours in (2, 5, 10, 14, 20, 24)))
"""Before the first try, before the second, and so on."""
_JITTER_SHARE: Final = 0.2
"""At full jitter a pause is a fifth longer, so that a returning receiver is not met by everybody at once."""


def next_try(attempt: int, jitter: float = 0.0) -> float | None:
    """Seconds to wait after `attempt` tries have failed, or None when there will be no other.

    `jitter` lies within 0 and 1 and only lengthens the pause.
    """
    if attempt < 0 or not 0 <= jitter <= 1:
        raise ValueError(f"attempt {attempt} or jitter {jitter} is out of range")
    if attempt >= len(PAUSES_S):
        return None
    return PAUSES_S[attempt] * (1 + _JITTER_SHARE * jitter)
