"""What can go wrong, told apart by what the caller should do.

    BeffroiError
    ├── Refusal            the caller asked for what is not allowed or not possible: tell them why (4xx)
    │   ├── Invalid        the input is malformed; `where` points at the field                (422)
    │   ├── NotFound       there is no such thing, or not for this actor                      (404)
    │   ├── NotAllowed     the actor lacks the permission                                     (403)
    │   ├── Unauthenticated  nobody, or nobody we know                                        (401)
    │   ├── Conflict       somebody was faster, or the state has moved on                     (409)
    │   ├── TooLarge       over a limit of `limits`                                           (413)
    │   └── TooMany        come back later; `retry_after_s`                                   (429)
    ├── Unavailable        we cannot do it now and nothing was done: retry                    (503)
    └── InvariantViolated  we do not know our own state: stop, restart, recover              (500, exits)

Owns: the exception tree and the stable `code` of every refusal, which is the tail of its problem type.
Promises: the text of an error holds no personal data and no secret.
Never does: formatting for HTTP; that is `doors.api.problems`.
"""


class BeffroiError(Exception):
    """Everything this program raises on purpose."""

    status = 500

    def __init__(self, code: str, message: str, **facts: object) -> None:
        """`code` is stable and in kebab case; `message` is a sentence; `facts` hold no personal data."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts = facts


class Refusal(BeffroiError):
    """What was asked is not allowed or not possible; nothing was done."""

    status = 400


class Invalid(Refusal):
    """Malformed input. `where` is a JSON pointer or field name."""

    status = 422

    def __init__(self, code: str, message: str, *, where: str = "", **facts: object) -> None:
        """See `BeffroiError`; `where` says which part of the input."""
        super().__init__(code, message, where=where, **facts)
        self.where = where


class NotFound(Refusal):
    """No such thing, or not for this actor (both answers look alike)."""

    status = 404


class NotAllowed(Refusal):
    """The actor lacks the permission."""

    status = 403


class Unauthenticated(Refusal):
    """No or no valid credentials."""

    status = 401


class Conflict(Refusal):
    """The state has moved on: somebody else was faster, or the command does not fit the state."""

    status = 409


class TooLarge(Refusal):
    """Over a limit of `limits`."""

    status = 413


class TooMany(Refusal):
    """Come back after `retry_after_s` seconds."""

    status = 429

    def __init__(self, code: str, message: str, *, retry_after_s: int = 1, **facts: object) -> None:
        """See `BeffroiError`."""
        super().__init__(code, message, **facts)
        self.retry_after_s = retry_after_s


class Unavailable(BeffroiError):
    """Not possible now, nothing was done; the same call may succeed later."""

    status = 503


class InvariantViolated(BeffroiError):
    """Our own state contradicts itself; the process stops and recovers by its normal start."""


def ensure(holds: object, code: str, message: str) -> None:
    """Raise `InvariantViolated` unless `holds`; unlike `assert`, it stays under `-O`."""
    if not holds:
        raise InvariantViolated(code, message)
