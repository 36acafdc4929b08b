"""Requests to the node, kept until they are answered.

Owns: the table `outbox`.
Promises: what is put here in a transaction is sent at least once, in order within a subject, across restarts;
once a request is settled its text is gone from here.
Never does: open a socket; that is `sender` by way of `node`.
"""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .store import now, stamp

KEPT_MAX = 200
"""Settled requests shown on the integration page; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class Message:
    """One request to the node. `body` is None once its post was deleted: then there is nothing left to ask."""

    id: int
    kind: str
    subject: str
    version: int
    state: str
    attempts: int
    queued_at: str
    next_at: str
    settled_at: str | None
    body: dict[str, Any] | None
    answer: dict[str, Any] | None


def put(
    db: sqlite3.Connection, kind: str, subject: str, version: int, body: dict[str, Any], *, lease_s: float = 0
) -> int:
    """Queue a request; its id. `lease_s`: who puts it will send it at once, so the sender waits that long."""
    at = now()
    added = db.execute(
        "INSERT INTO outbox (kind, subject, version, body, queued_at, next_at) VALUES (?, ?, ?, ?, ?, ?)",
        (kind, subject, version, json.dumps(body), stamp(at), stamp(at + timedelta(seconds=lease_s))),
    )
    db.execute(
        "DELETE FROM outbox WHERE state != 'queued' AND id <= (SELECT max(id) FROM outbox) - ?",
        (KEPT_MAX,),
    )
    return added.lastrowid or 0


def due(db: sqlite3.Connection, at: datetime) -> Message | None:
    """The oldest request whose time has come and that no older one about the same subject waits before."""
    rows = _select(db, "outbox_heads WHERE next_at <= ? ORDER BY id LIMIT 1", stamp(at))
    return rows[0] if rows else None


def message(db: sqlite3.Connection, message_id: int) -> Message | None:
    """The request, or None."""
    rows = _select(db, "outbox WHERE id = ?", message_id)
    return rows[0] if rows else None


def is_head(db: sqlite3.Connection, message_id: int) -> bool:
    """Whether it waits, and nothing older about the same subject does."""
    return db.execute("SELECT 1 FROM outbox_heads WHERE id = ?", (message_id,)).fetchone() is not None


def queued(db: sqlite3.Connection) -> list[Message]:
    """Everything that waits, in order."""
    return _select(db, "outbox WHERE state = 'queued' ORDER BY id")


def settled(db: sqlite3.Connection, limit: int = 20) -> list[Message]:
    """The last answers, the newest first."""
    return _select(db, "outbox WHERE state != 'queued' ORDER BY settled_at DESC, id DESC LIMIT ?", limit)


def settle(db: sqlite3.Connection, asked: Message, state: str, answer: dict[str, Any]) -> None:
    """It is `answered`, `refused` or `dropped`: keep the answer, not the content."""
    db.execute(
        "UPDATE outbox SET state = ?, answer = ?, settled_at = ?, body = ?, attempts = attempts + 1 WHERE id = ?",
        (state, json.dumps(answer), stamp(now()), json.dumps(without_content(asked.body)), asked.id),
    )


def postpone(db: sqlite3.Connection, asked: Message, wait_s: float, why: str) -> None:
    """No answer: try again in `wait_s` seconds."""
    db.execute(
        "UPDATE outbox SET attempts = attempts + 1, next_at = ?, answer = ? WHERE id = ? AND state = 'queued'",
        (stamp(now() + timedelta(seconds=wait_s)), json.dumps({"no answer": why}), asked.id),
    )


def release(db: sqlite3.Connection, message_id: int) -> None:
    """Its lease ends: the sender may take it in its turn."""
    db.execute("UPDATE outbox SET next_at = ? WHERE id = ? AND state = 'queued'", (stamp(now()), message_id))


def forget(db: sqlite3.Connection, subject: str) -> None:
    """The post is deleted: what waits about its content is emptied, and will be dropped in its turn."""
    db.execute("UPDATE outbox SET body = 'null' WHERE subject = ? AND kind = 'screen' AND state = 'queued'", (subject,))


def next_due_at(db: sqlite3.Connection) -> str | None:
    """When the next request wants to be sent, or None when nothing waits."""
    row: tuple[str | None] = db.execute("SELECT min(next_at) FROM outbox_heads").fetchone()
    return row[0]


def without_content(body: object) -> object:
    """The same JSON with what people wrote replaced by its length: a log needs no content."""
    if isinstance(body, dict):
        return {
            key: f"({len(value)} characters)" if key in {"text", "bio"} and isinstance(value, str) else value
            for key, value in ((key, without_content(value)) for key, value in body.items())
        }
    return [without_content(value) for value in body] if isinstance(body, list) else body


def _select(db: sqlite3.Connection, source: str, *values: object) -> list[Message]:
    columns = "id, kind, subject, version, state, attempts, queued_at, next_at, settled_at, body, answer"
    rows = db.execute(f"SELECT {columns} FROM {source}", values)  # noqa: S608 - `source` is written in this file
    return [
        Message(**{**row, "body": json.loads(row["body"]), "answer": json.loads(row["answer"] or "null")})
        for row in rows
    ]
