"""What the node is asked about a post, and what its answer does to the post.

Owns: the two publishing modes, the shape of a request, and the meaning of every verdict and of silence.
Promises: an answer binds only the version that was asked about; what a person at the node restored is not
taken away again by an older machine verdict.
Never does: wait for the node. It writes into the outbox and reads answers; `sender` carries them.
"""

import json
import sqlite3
from typing import Any

from . import outbox, store
from .node import Answer, Fail
from .options import MODES
from .store import Post, User

ASK_DEADLINE_MS = 2000
"""hold-then-publish: how long an author waits for the verdict before silence counts."""


def mode(db: sqlite3.Connection) -> str:
    """The publishing mode, `publish-then-check` unless the settings page says otherwise."""
    return store.fact(db, "mode") or MODES[0]


def first_state(db: sqlite3.Connection, *, asks_node: bool) -> str:
    """The state in which a new post or version starts."""
    return "waiting" if asks_node and mode(db) == "hold-then-publish" else "public"


def ask(db: sqlite3.Connection, post: Post, site_url: str, *, event: str = "posted", lease_s: float = 0) -> int:
    """Queue the question whether this version of `post` may stand; the message's id."""
    db.execute("UPDATE posts SET asked_version = version WHERE id = ?", (post.id,))
    body = {"event": event, "item": item(post, site_url)}
    return outbox.put(db, "screen", f"p-{post.id}", post.version, body, lease_s=lease_s)


def item(post: Post, site_url: str) -> dict[str, Any]:
    """The post as the node's API wants it. Pictures are named; `sender` hands their bytes over just before."""
    return {
        "platform_id": f"p-{post.id}",
        "kind": "post",
        "url": f"{site_url}/p/{post.id}",
        "visibility": "public",
        "account": account(post.author, site_url),
        "posted_at": post.posted_at,
        "language": post.language,
        "text": post.text,
        "parent": None,
        "thread": None,
        "version": post.version,
        "media": [{"platform_id": f"m-{each.id}", "media_type": each.media_type} for each in post.pictures],
    }


def account(user: User, site_url: str) -> dict[str, Any]:
    """Who posted it."""
    return {"platform_id": f"u-{user.id}", "name": user.name, "url": f"{site_url}/u/{user.id}"}


def tell_account(db: sqlite3.Connection, user: User, site_url: str) -> None:
    """Queue the news that an account is there, or has a new name or bio."""
    db.execute("UPDATE users SET told_version = version WHERE id = ?", (user.id,))
    kind = "account.created" if user.version == 1 else "account.changed"
    body = {"type": kind, "account": {**account(user, site_url), "bio": user.bio, "avatar": None}}
    outbox.put(db, "event", f"u-{user.id}", user.version, body)


def tell_deleted(db: sqlite3.Connection, post: Post) -> None:
    """Queue the news that an author deleted a post; what was still to be asked about it is not asked any more."""
    outbox.forget(db, f"p-{post.id}")
    outbox.put(db, "event", f"p-{post.id}", post.version, {"type": "item.deleted", "item": f"p-{post.id}"})


def backfill(db: sqlite3.Connection, site_url: str) -> None:
    """Queue what was posted while no node was connected, the oldest first."""
    for (user_id,) in db.execute("SELECT id FROM users WHERE told_version < version ORDER BY id").fetchall():
        if user := store.user(db, user_id):
            tell_account(db, user, site_url)
    unasked = "SELECT id FROM posts WHERE asked_version < version AND state != 'deleted' ORDER BY id"
    for (post_id,) in db.execute(unasked).fetchall():
        if post := store.post(db, post_id):
            ask(db, post, site_url)


def obey(db: sqlite3.Connection, post_id: int, version: int, answer: Answer) -> bool:
    """Do what a verdict says. False when it comes too late: the post is deleted, edited, or restored by a person."""
    post = store.post(db, post_id)
    if post is None or post.state == "deleted" or post.version != version:
        return False
    if answer.verdict == "allow":
        store.set_state(db, post, "public")
    elif answer.verdict == "unknown":
        no_verdict(db, post_id, version)
        if post.cleared_version < version and post.state == "public" and is_closed(post, charter(db)):
            store.set_state(db, post, "waiting")
    elif post.cleared_version >= version:
        return False
    elif answer.verdict == "hold":
        store.set_state(
            db, post, "held", held_until=answer.until, reason=answer.reason, statement_url=answer.statement_url
        )
    else:
        store.set_state(db, post, "refused", reason=answer.reason, statement_url=answer.statement_url)
    return True


def no_verdict(db: sqlite3.Connection, post_id: int, version: int) -> None:
    """The node is late, undecided or silent: the charter says what that means for this kind of content.

    Fail-open publishes what waits; fail-closed goes on waiting. What is public already stays so until the node
    speaks: only an explicit `unknown` takes it back, and only where the charter says closed (see `obey`).
    """
    post = store.post(db, post_id)
    if post and post.version == version and post.state == "waiting" and not is_closed(post, charter(db)):
        store.set_state(db, post, "public")


def is_closed(post: Post, fail: dict[str, Fail]) -> bool:
    """Whether a post without a verdict stays back: one of its parts is of a kind that fails closed."""
    return (bool(post.text) and fail["text"] == "closed") or (bool(post.pictures) and fail["media"] == "closed")


def charter(db: sqlite3.Connection) -> dict[str, Fail]:
    """The node's fail-open or -closed settings as last read from it; open until it has ever answered."""
    remembered = store.fact(db, "charter")
    return json.loads(remembered) if remembered else {"text": "open", "media": "open"}
