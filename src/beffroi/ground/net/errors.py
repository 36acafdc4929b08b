"""What can become of a call, told apart by what the caller should do.

    Blocked           not allowed; nothing was sent; trying again changes nothing
    Unreachable       nothing was sent; try again
    UnknownOutcome    sent, but no complete answer: the effect may have happened; try again with the same key
    AnswerUnreadable  answered, with `status` where the head could be read, but the body is no use
    └── AnswerTooLarge  … because it is larger than we read

Owns: these five and the rule that `reason` is a stable kebab-case code.
Promises: `where` and the message name an origin (host and port), never a path or query, which may hold secrets.
Never does: decide on a retry.
"""

from ..kernel.errors import BeffroiError, Refusal, Unavailable


class Blocked(Refusal):
    """The policy forbids this call. `where` is `host:port`, or empty where no host could be read."""

    def __init__(self, reason: str, where: str = "") -> None:
        """`reason` is the code: `address-loopback`, `port-not-allowed`, `redirect-downgrade` and so on."""
        super().__init__(reason, f"a call to {where or 'this address'} is not allowed: {_spoken(reason)}", where=where)
        self.reason = reason
        self.where = where


class Unreachable(Unavailable):
    """No connection came about, so nothing was sent: `connection-failed`, `dns-failure`, `tls-failure`."""

    def __init__(self, reason: str, where: str = "") -> None:
        """`reason` is the code."""
        super().__init__(reason, f"{where or 'the other side'} cannot be reached: {_spoken(reason)}", where=where)
        self.reason = reason
        self.where = where


class UnknownOutcome(BeffroiError):
    """Something was sent and no complete answer came back: `answer-timeout`, `answer-cut`, `answer-malformed`."""

    status = 502

    def __init__(self, reason: str, where: str = "") -> None:
        """`reason` is the code."""
        super().__init__(reason, f"{where or 'the other side'} gave no complete answer: {_spoken(reason)}", where=where)
        self.reason = reason
        self.where = where


class AnswerUnreadable(BeffroiError):
    """The other side answered, but its body cannot be read; `answer_status` is None if not even its head could."""

    status = 502

    def __init__(self, reason: str, where: str = "", answer_status: int | None = None) -> None:
        """`reason` is the code."""
        super().__init__(
            reason, f"the answer of {where or 'the other side'} cannot be read: {_spoken(reason)}", where=where
        )
        self.reason = reason
        self.where = where
        self.answer_status = answer_status


class AnswerTooLarge(AnswerUnreadable):
    """The head or the (decompressed) body is over its limit; reading stopped there."""


def _spoken(reason: str) -> str:
    return reason.replace("-", " ")
