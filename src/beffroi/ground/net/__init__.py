"""The only way out of the program.

Owns: every outgoing connection; what may be called is one `Policy`.
Promises: a connection goes to an address that was checked after the name was resolved, and to no other;
an answer is bounded in time and size; what went wrong is told apart by what the caller should do next.
Never does: retry, cache, keep cookies, read proxies from the environment, or speak anything but HTTP; and SMTP, to the
one mail server that the operator names.
"""

from .client import Answer, Outbound
from .errors import AnswerTooLarge, AnswerUnreadable, Blocked, UnknownOutcome, Unreachable
from .mail import MailRefused, MailServer, submit
from .policy import Policy

__all__ = [
    "Answer",
    "AnswerTooLarge",
    "AnswerUnreadable",
    "Blocked",
    "MailRefused",
    "MailServer",
    "Outbound",
    "Policy",
    "UnknownOutcome",
    "Unreachable",
    "submit",
]
