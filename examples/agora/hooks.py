"""What the node tells us, obeyed once.

Owns: `POST /hooks/beffroi` and the table `hooks`.
Promises: nothing is believed without a valid signature over the raw bytes; a webhook that comes again gets the
same answer again and changes nothing; the deed and its record are one transaction.
Never does: argue. What cannot be done is answered 410 (no such item) or 409 (another version), and stays undone.
"""

import json
import logging
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from . import restrictions, screening, store
from .node import Silent, answer_from, link
from .restrictions import Restriction
from .store import Store, instant, now, stamp

log = logging.getLogger("agora.hooks")


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a webhook. 2xx and 4xx are final; the node repeats only what failed with 5xx or no answer."""

    status: int
    body: dict[str, str]


DONE = Reply(200, {"outcome": "done"})
ALREADY = Reply(200, {"outcome": "already"})
GONE = Reply(410, {"outcome": "gone"})
OTHER_VERSION = Reply(409, {"reason": "version"})
"""The author has edited the post since; the node was sent the new version and judges that one."""


def receive(keep: Store, secret: str, headers: dict[str, str], raw: bytes) -> Reply:
    """Verify, recognise, obey, remember.

    `headers` in lower case. The time stamp may be five minutes off either way (Standard Webhooks).
    """
    try:
        Webhook(secret).verify(raw, headers, json_parse=False)
    except (WebhookVerificationError, ValueError) as error:  # ValueError: bytes or base64 that are none
        log.warning("a webhook was not believed: %s", error)
        return Reply(401, {"reason": "signature"})
    with keep.write() as db:
        key = headers["webhook-id"]
        known = db.execute("SELECT status, answer FROM hooks WHERE id = ?", (key,)).fetchone()
        if known:
            return Reply(known[0], json.loads(known[1]))
        kind, subject, reply = _read_and_obey(db, raw)
        db.execute(
            "INSERT INTO hooks VALUES (?, ?, ?, ?, ?, ?)",
            (key, kind, subject, stamp(now()), reply.status, json.dumps(reply.body)),
        )
        return reply


def _read_and_obey(db: sqlite3.Connection, raw: bytes) -> tuple[str, str, Reply]:
    """`(type, subject, reply)`; malformed messages change nothing and are answered 422."""
    kind = subject = "?"
    db.execute("SAVEPOINT deed")
    try:
        message = json.loads(raw)
        kind, about = str(message["type"]), message["data"]
        subject = str((about.get("item") or about.get("account"))["platform_id"])
        deed = DEEDS.get(kind)
        reply = deed(db, Told(kind, subject, instant(message["timestamp"]) or "", about)) if deed else _unknown()
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, Silent) as error:
        db.execute("ROLLBACK TO deed")
        reply = Reply(422, {"reason": "malformed", "detail": f"{type(error).__name__}: {error}"})
    return kind, subject, reply


@dataclass(frozen=True, slots=True)
class Told:
    """A verified message. `said_at` is the node's own time stamp: it orders messages that overtook each other."""

    kind: str
    subject: str
    said_at: str
    about: dict[str, Any]

    @property
    def version(self) -> int:
        """The version of the item that the message speaks of."""
        return int(self.about["item"]["version"])

    @property
    def restriction_id(self) -> str:
        """The node's id of the restriction; one without a name is the only one of its subject."""
        given = self.about["restriction"]
        if given is not None and not isinstance(given, str):
            raise TypeError("a restriction is named by a string")
        return given or f"of {self.subject}"

    def restriction(self) -> Restriction:
        """The restriction in the message."""
        territories = self.about.get("territories")
        label = self.about.get("label")
        return Restriction(
            id=self.restriction_id,
            kind=self.kind.rpartition(".")[2],
            until=instant(self.about.get("until")),
            territories=tuple(str(each).upper() for each in territories) if territories else None,
            label=str(label["text"]) if label else None,
            statement_url=link((self.about.get("statement") or {}).get("url")),
        )


# ── one function per kind of message ──


def _verdict_ready(db: sqlite3.Connection, told: Told) -> Reply:
    """The answer that did not come in time. For a version that is no more, there is nothing to do."""
    post = _post(db, told)
    if post is None:
        return GONE
    is_obeyed = screening.obey(db, post.id, told.version, answer_from(told.about))
    return DONE if is_obeyed else ALREADY


def _restrict_item(db: sqlite3.Connection, told: Told) -> Reply:
    """Remove, disable, hold, restrict or label: exactly the version the decision was about."""
    restriction = told.restriction()
    if restriction.kind == "restrict" and not restriction.territories:
        return Reply(422, {"reason": "territories"})
    if user := _user(db, told):  # a name or bio is shown on the profile page: the page is the item
        is_new = restrictions.impose(db, f"u-{user.id}", restriction, said_at=told.said_at)
        return DONE if is_new else ALREADY
    post = _post(db, told)
    if post is None:
        return GONE
    if post.version != told.version:
        return OTHER_VERSION
    is_new = restrictions.impose(db, told.subject, restriction, said_at=told.said_at, version=told.version)
    _inform(db, told, post.author.id, post.id)
    return DONE if is_new else ALREADY


def _restore_item(db: sqlite3.Connection, told: Told) -> Reply:
    """The restriction ends, and with it what a machine verdict did to this version or an older one."""
    user, post = _user(db, told), _post(db, told)
    if user is None and post is None:
        return GONE
    subject = f"u-{user.id}" if user else told.subject
    is_lifted = restrictions.lift(db, subject, told.restriction_id, said_at=told.said_at)
    if post:
        db.execute("UPDATE posts SET cleared_version = max(cleared_version, ?) WHERE id = ?", (told.version, post.id))
        if post.state in {"waiting", "held", "refused"} and post.version <= told.version:
            store.set_state(db, post, "public")
            is_lifted = True
        _inform(db, told, post.author.id, post.id)
    return DONE if is_lifted else ALREADY


def _restrict_account(db: sqlite3.Connection, told: Told) -> Reply:
    """A warning is a notice; a suspension keeps the person from posting and hides the profile."""
    user = _user(db, told)
    if user is None:
        return GONE
    is_new = restrictions.impose(db, told.subject, told.restriction(), said_at=told.said_at)
    _inform(db, told, user.id, None)
    return DONE if is_new else ALREADY


def _restore_account(db: sqlite3.Connection, told: Told) -> Reply:
    user = _user(db, told)
    if user is None:
        return GONE
    is_lifted = restrictions.lift(db, told.subject, told.restriction_id, said_at=told.said_at)
    _inform(db, told, user.id, None)
    return DONE if is_lifted else ALREADY


def _inform_user(db: sqlite3.Connection, told: Told) -> Reply:
    """Put the statement where its addressee sees it."""
    user = store.user(db, _number(told.about["account"]["platform_id"], "u"))
    if user is None:
        return GONE
    item = told.about.get("item") or {}
    post_id = _number(item.get("platform_id"), "p") or None
    if not link(told.about["statement"]["url"]):
        return Reply(422, {"reason": "statement"})
    return DONE if _inform(db, told, user.id, post_id) else ALREADY


DEEDS: dict[str, Callable[[sqlite3.Connection, Told], Reply]] = {
    "verdict.ready": _verdict_ready,
    "item.hold": _restrict_item,
    "item.remove": _restrict_item,
    "item.disable": _restrict_item,
    "item.restrict": _restrict_item,
    "item.label": _restrict_item,
    "item.restore": _restore_item,
    "account.warn": _restrict_account,
    "account.suspend": _restrict_account,
    "account.restore": _restore_account,
    "user.inform": _inform_user,
}


def last(db: sqlite3.Connection, limit: int = 20) -> list[tuple[str, str, str, str, int, str]]:
    """`(webhook-id, type, subject, at, status, answer)` of the last webhooks, the newest first."""
    return db.execute("SELECT * FROM hooks ORDER BY at DESC LIMIT ?", (limit,)).fetchall()


def _unknown() -> Reply:
    return Reply(422, {"reason": "unknown type"})


def _post(db: sqlite3.Connection, told: Told) -> store.Post | None:
    post = store.post(db, _number(told.subject, "p"))
    return None if post is None or post.state == "deleted" else post


def _user(db: sqlite3.Connection, told: Told) -> store.User | None:
    """The account, named by our own id; or the one whose profile the subject is a part of.

    The node makes items of names and bios reported by `account.created` and `account.changed`. It names them
    after the account: `profile-profile_bio-` and the start of the SHA-256 of our id.
    """
    part = re.fullmatch(r"profile-[a-z_]+-([0-9a-f]{16})", told.subject)
    if part is None:
        return store.user(db, _number(told.subject, "u"))
    owners = (user for user in store.users(db) if sha256(f"u-{user.id}".encode()).hexdigest().startswith(part[1]))
    return next(owners, None)


def _number(platform_id: object, letter: str) -> int:
    """17 of `p-17` where `letter` is p; 0, which nothing has, of anything else."""
    found = re.fullmatch(rf"{letter}-(\d{{1,18}})", str(platform_id))
    return int(found[1]) if found else 0


def _inform(db: sqlite3.Connection, told: Told, user_id: int, post_id: int | None) -> bool:
    """Show the statement in a message, if it has one, to the user. False when there is none or it is there already."""
    statement = told.about.get("statement")
    if not statement or not (url := link(statement["url"])):
        return False
    words = {key: str(statement.get(key) or "") for key in ("title", "summary", "language")}
    return restrictions.inform(db, user_id, post_id, {**words, "url": url}, stamp(now()))
