"""Handing one letter to the organisation's own mail server (RFC 5321, RFC 6409).

Owns: `MailServer`, `submit`, `MailRefused`.
Promises: one letter to one address a call; TLS with a checked name unless the server is this machine; what went wrong
is told apart by whether the letter may be on its way.
Never does: retry; look up the recipient's server, or speak to it; write an address or a letter into an error.
"""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

import certifi

from ..kernel.errors import Refusal, TooLarge
from ..kernel.limits import MAIL_ANSWER_S_MAX, MAIL_BYTES_MAX
from .errors import UnknownOutcome, Unreachable

_PERMANENT = 500
_ACCEPTED = range(200, 300)


class MailRefused(Refusal):
    """The mail server will not take it, now or later: `sender-refused`, `recipient-refused`, `letter-refused`."""

    def __init__(self, reason: str, answered: int) -> None:
        """`answered` is the code of its answer."""
        super().__init__(reason, f"the mail server refused: {reason.replace('-', ' ')} ({answered})", answered=answered)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed in. `none` is for a server on this machine alone."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    sender: str
    """The address that letters come from."""
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def where(self) -> str:
        """`host:port`."""
        return f"{self.host}:{self.port}"


def submit(server: MailServer, to: str, letter: bytes) -> None:
    """Hand in `letter` (a whole RFC 5322 message) for the address `to`.

    Raises:
        TooLarge: over the limit of our letters.
        Unreachable: it did not take the letter; try again.
        UnknownOutcome: it may have; try again with the same Message-ID.
        MailRefused: it never will.

    """
    if len(letter) > MAIL_BYTES_MAX:
        raise TooLarge("letter-too-large", f"a letter has at most {MAIL_BYTES_MAX} bytes")
    try:
        smtp = _connected(server)
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(
            "tls-failure" if isinstance(error, ssl.SSLError) else "mail-server-silent", server.where
        ) from None
    try:
        _hand_in(smtp, server, to, letter)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=certifi.where())
    domain = server.sender.rpartition("@")[2]
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, local_hostname=domain, timeout=MAIL_ANSWER_S_MAX, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, local_hostname=domain, timeout=MAIL_ANSWER_S_MAX)
    try:
        if server.security == "starttls":
            smtp.starttls(context=context)
        smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _hand_in(smtp: smtplib.SMTP, server: MailServer, to: str, letter: bytes) -> None:
    try:
        _expect(smtp.mail(server.sender)[0], "sender-refused", server)
        _expect(smtp.rcpt(to)[0], "recipient-refused", server)
    except (OSError, smtplib.SMTPException):
        raise Unreachable("mail-server-silent", server.where) from None
    try:
        answered = smtp.data(letter)[0]
    except smtplib.SMTPDataError as error:  # it did not even want the letter
        answered = error.smtp_code
    except (OSError, smtplib.SMTPException):
        raise UnknownOutcome("answer-cut", server.where) from None
    _expect(answered, "letter-refused", server)


def _expect(answered: int, reason: str, server: MailServer) -> None:
    if answered >= _PERMANENT:
        raise MailRefused(reason, answered)
    if answered not in _ACCEPTED:
        raise Unreachable(reason, server.where)
