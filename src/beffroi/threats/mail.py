"""A letter as an e-mail: sealed to the recipient's certificate, or a note that says nothing but to call.

Owns: `message`.
Promises: what identifies anybody leaves only inside the envelope that the recipient's certificate closes; the
Message-ID is made of the idempotency key, so that a second try can be recognised.
Never does: send; know a mail server.
"""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from beffroi.ground.trust import smime

from .letter import ThreatNotification, cover, subject_line, text
from .model import Entry, Way

_BESIDE = "warning.json"


def message(
    letter: ThreatNotification, entry: Entry, way: Way, *, sender: str, key: str, link: str, at: datetime
) -> bytes:
    """The whole e-mail, headers and all. `way` is not `PAPER`; `link` is where the recipient confirms."""
    outer = EmailMessage(policy=SMTP)
    outer["From"], outer["To"], outer["Subject"] = sender, entry.email, subject_line(letter)
    outer["Date"], outer["Message-ID"] = format_datetime(at), f"<{key}@{sender.rpartition('@')[2]}>"
    outer["Importance"] = "high"
    if way is Way.NOTE:
        outer.set_content(cover(letter, link, with_letter=False))
        return outer.as_bytes()
    inner = EmailMessage(policy=SMTP)
    inner.set_content(cover(letter, link, with_letter=True) + "\n" + text(letter))
    inner.add_attachment(letter.data(), maintype="application", subtype="json", filename=_BESIDE)
    sealed = smime.seal(inner.as_bytes(), entry.certificate)
    outer.set_content(
        sealed,
        maintype="application",
        subtype="pkcs7-mime",
        filename="smime.p7m",
        params={"smime-type": "enveloped-data", "name": "smime.p7m"},
    )
    return outer.as_bytes()
