"""What the site keeps: one SQLite file, and the questions the pages ask of it.

Owns: the tables of people and posts and the rows read from them (`outbox`, `restrictions`, `hooks` keep their own).
Promises: a change and the message about it to the node are one transaction: both are there or neither.
Never does: decide who may see what; that is `sight`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

BUSY_S_MAX = 5.0
"""How long a request waits for another one to finish writing before it is told that nothing can be saved."""
SCHEMA = Path(__file__).with_name("schema.sql")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who posts. `version` grows with every change of name or bio."""

    id: int
    name: str
    bio: str
    version: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a post, without its bytes."""

    id: int
    media_type: str
    alt: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post with its author. `state` is what publishing made of this version; restrictions are kept apart.

    waiting   asked the node, no answer yet, kept back     the node acts next
    public    published
    held      the node's verdict was hold                  published after `held_until`, or by item.restore
    refused   the node's verdict was reject                the author may object by the statement's page
    deleted   by its author; the text and pictures are gone
    """

    id: int
    text: str
    language: str
    version: int
    posted_at: str
    edited_at: str | None
    state: str
    held_until: str | None
    reason: str | None
    statement_url: str | None
    cleared_version: int
    author: User
    pictures: tuple[Picture, ...]


class Store:
    """The file. Every use opens its own connection: SQLite is happiest when threads share nothing."""

    def __init__(self, folder: Path) -> None:
        """Create `folder` and the tables where they are missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "agora.db"
        with self._open() as db:
            if db.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
                raise sqlite3.OperationalError("SQLite refused the write-ahead log")
            db.executescript(SCHEMA.read_text())

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One consistent view."""
        with self._open() as db:
            db.execute("BEGIN")
            yield db
            db.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end of the block, undone by any exception."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=BUSY_S_MAX, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA synchronous = FULL")
            yield db


def now() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


def stamp(at: datetime) -> str:
    """The one form in which instants are stored; it sorts as text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def instant(text: str | None) -> str | None:
    """An instant from the node in our own form, or None.

    Raises:
        ValueError: it is not RFC 3339 with an offset.

    """
    if text is None:
        return None
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"an instant without an offset: {text}")
    return stamp(at)


# ── people ──


def user(db: sqlite3.Connection, user_id: int) -> User | None:
    """The user, or None."""
    row = db.execute("SELECT id, name, bio, version FROM users WHERE id = ?", (user_id,)).fetchone()
    return User(*row) if row else None


def users(db: sqlite3.Connection) -> list[User]:
    """Everybody, in order of arrival."""
    return [User(*row) for row in db.execute("SELECT id, name, bio, version FROM users ORDER BY id")]


def add_user(db: sqlite3.Connection, name: str, bio: str = "") -> User:
    """A new user. Raises `sqlite3.IntegrityError` when the name is taken."""
    at = stamp(now())
    added = db.execute("INSERT INTO users (name, bio, joined_at) VALUES (?, ?, ?)", (name, bio, at)).lastrowid
    found = user(db, added or 0)
    assert found
    return found


def change_profile(db: sqlite3.Connection, user_id: int, name: str, bio: str) -> None:
    """A new name or bio is a new version. Raises `sqlite3.IntegrityError` when the name is taken."""
    db.execute("UPDATE users SET name = ?, bio = ?, version = version + 1 WHERE id = ?", (name, bio, user_id))


# ── posts ──

_POST = """SELECT id, author, text, language, version, posted_at, edited_at, state, held_until, reason, statement_url,
                  cleared_version FROM posts"""


def post(db: sqlite3.Connection, post_id: int) -> Post | None:
    """The post, or None."""
    row = db.execute(f"{_POST} WHERE id = ?", (post_id,)).fetchone()
    return _post(db, row) if row else None


def posts(db: sqlite3.Connection, *, author: int | None = None, limit: int = 100) -> list[Post]:
    """The newest first, whoever may see them; ask `sight` before showing one."""
    rows = db.execute(
        f"{_POST} WHERE state != 'deleted' AND (?1 IS NULL OR author = ?1) ORDER BY id DESC LIMIT ?2",
        (author, limit),
    ).fetchall()
    return [_post(db, row) for row in rows]


def add_post(db: sqlite3.Connection, author: int, text: str, language: str, state: str, at: str = "") -> int:
    """The new post's id."""
    return (
        db.execute(
            "INSERT INTO posts (author, text, language, state, posted_at) VALUES (?, ?, ?, ?, ?)",
            (author, text, language, state, at or stamp(now())),
        ).lastrowid
        or 0
    )


def edit_post(db: sqlite3.Connection, post_id: int, text: str, state: str) -> None:
    """The next version; what was said about the one before does not bind it."""
    db.execute(
        "UPDATE posts SET text = ?, state = ?, version = version + 1, edited_at = ?,"
        " held_until = NULL, reason = NULL, statement_url = NULL WHERE id = ?",
        (text, state, stamp(now()), post_id),
    )


def delete_post(db: sqlite3.Connection, post_id: int) -> None:
    """Deleted means gone: the row stays so that the address can say so, the content does not."""
    db.execute("UPDATE posts SET state = 'deleted', text = '', reason = NULL WHERE id = ?", (post_id,))
    db.execute("DELETE FROM pictures WHERE post = ?", (post_id,))


def set_state(
    db: sqlite3.Connection,
    at: Post,
    state: str,
    *,
    held_until: str | None = None,
    reason: str | None = None,
    statement_url: str | None = None,
) -> None:
    """Move exactly this version of the post to `state`; a newer version stays as it is."""
    db.execute(
        "UPDATE posts SET state = ?, held_until = ?, reason = ?, statement_url = ? WHERE id = ? AND version = ?",
        (state, held_until, reason, statement_url, at.id, at.version),
    )


def add_picture(db: sqlite3.Connection, post_id: int, media_type: str, content: bytes, alt: str) -> None:
    """Attach a picture."""
    db.execute(
        "INSERT INTO pictures (post, media_type, content, alt) VALUES (?, ?, ?, ?)",
        (post_id, media_type, content, alt),
    )


def picture(db: sqlite3.Connection, picture_id: int) -> tuple[int, str, bytes] | None:
    """`(post, media type, bytes)`, or None."""
    row: tuple[int, str, bytes] | None = db.execute(
        "SELECT post, media_type, content FROM pictures WHERE id = ?", (picture_id,)
    ).fetchone()
    return row


def _post(db: sqlite3.Connection, row: sqlite3.Row) -> Post:
    rows = db.execute("SELECT id, media_type, alt FROM pictures WHERE post = ? ORDER BY id", (row["id"],))
    pictures = tuple(Picture(*each) for each in rows)
    return Post(**{**row, "author": user(db, row["author"]), "pictures": pictures})


# ── sessions and remembered facts ──


def open_session(db: sqlite3.Connection, token: str, user_id: int) -> None:
    """Remember who holds `token`."""
    db.execute("INSERT INTO sessions (token, user) VALUES (?, ?)", (token, user_id))


def close_session(db: sqlite3.Connection, token: str) -> None:
    """Forget `token`."""
    db.execute("DELETE FROM sessions WHERE token = ?", (token,))


def session_user(db: sqlite3.Connection, token: str) -> User | None:
    """Who holds `token`, or None."""
    row = db.execute("SELECT user FROM sessions WHERE token = ?", (token,)).fetchone()
    return user(db, row[0]) if row else None


def fact(db: sqlite3.Connection, name: str) -> str | None:
    """A remembered value: the publishing mode, the node's charter."""
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def set_fact(db: sqlite3.Connection, name: str, value: str) -> None:
    """Remember `value`."""
    db.execute("INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value))
