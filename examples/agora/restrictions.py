"""What the node has restricted, and what it has said to users: kept as told, ended as told.

Owns: the tables `restrictions` and `notices`.
Promises: messages that arrive late or out of order leave the state that the newest one ordered.
Never does: change a post; a restriction lies on top of it and is lifted off again.
"""

import json
import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Restriction:
    """One restriction of an item or account, by the node's id (`rst_…`)."""

    id: str
    kind: str
    """remove, disable, hold, restrict, label; for accounts warn, suspend."""
    until: str | None
    territories: tuple[str, ...] | None
    """ISO 3166-1 codes where it applies; None means everywhere."""
    label: str | None
    statement_url: str | None

    def in_force(self, at: str) -> bool:
        """Whether it has not passed by itself at the instant `at`."""
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of the node to a user of ours."""

    id: int
    post: int | None
    title: str
    summary: str
    language: str
    url: str
    at: str
    read: bool


def impose(
    db: sqlite3.Connection, subject: str, restriction: Restriction, *, said_at: str, version: int | None = None
) -> bool:
    """Put `restriction` on `subject` (`p-17`, `u-3`). False when a newer message about it came first, or the same."""
    known = db.execute("SELECT said_at, live, kind FROM restrictions WHERE id = ?", (restriction.id,)).fetchone()
    if known:
        last_said_at, live, kind = known
        is_overtaken = last_said_at > said_at or (last_said_at == said_at and not live)
        is_repeated = last_said_at == said_at and kind == restriction.kind
        if is_overtaken or is_repeated:
            return False
    territories = json.dumps(restriction.territories) if restriction.territories else None
    db.execute(
        "INSERT OR REPLACE INTO restrictions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        (
            restriction.id,
            subject,
            restriction.kind,
            version,
            restriction.until,
            territories,
            restriction.label,
            restriction.statement_url,
            said_at,
        ),
    )
    return True


def lift(db: sqlite3.Connection, subject: str, restriction_id: str, *, said_at: str) -> bool:
    """End a restriction. An unknown one is noted as ended, so that its order, still on the way, changes nothing.

    False when there was nothing in force under that id.
    """
    known = db.execute("SELECT live, said_at FROM restrictions WHERE id = ?", (restriction_id,)).fetchone()
    if known is None:
        db.execute(
            "INSERT INTO restrictions (id, subject, kind, said_at, live) VALUES (?, ?, 'ended', ?, 0)",
            (restriction_id, subject, said_at),
        )
        return False
    live, last_said_at = known
    if said_at < last_said_at:
        return False
    db.execute("UPDATE restrictions SET live = 0, said_at = ? WHERE id = ?", (said_at, restriction_id))
    return bool(live)


def on(db: sqlite3.Connection, subject: str, at: str) -> list[Restriction]:
    """What is in force on `subject` at the instant `at`."""
    rows = db.execute(
        "SELECT id, kind, until, territories, label, statement_url FROM restrictions WHERE subject = ? AND live",
        (subject,),
    )
    found = [
        Restriction(rst, kind, until, tuple(json.loads(territories)) if territories else None, label, url)
        for rst, kind, until, territories, label, url in rows
    ]
    return [restriction for restriction in found if restriction.in_force(at)]


def inform(db: sqlite3.Connection, user: int, post: int | None, statement: dict[str, str], at: str) -> bool:
    """Put a notice into the user's box. False when the same statement is already there."""
    added = db.execute(
        "INSERT INTO notices (user, post, title, summary, language, url, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (user, post, statement["title"], statement["summary"], statement["language"], statement["url"], at),
    )
    return added.rowcount == 1


def notices(db: sqlite3.Connection, user: int) -> list[Notice]:
    """The user's notices, the newest first."""
    rows = db.execute(
        "SELECT id, post, title, summary, language, url, at, read FROM notices WHERE user = ? ORDER BY id DESC", (user,)
    )
    return [Notice(**{**row, "read": bool(row["read"])}) for row in rows]


def mark_read(db: sqlite3.Connection, user: int, notice: int) -> None:
    """The user has read it; it stays on the account page."""
    db.execute("UPDATE notices SET read = 1 WHERE id = ? AND user = ?", (notice, user))
