-- Agora's tables. Instants are text in UTC with microseconds, so they sort.

-- the site
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    bio TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL DEFAULT 1,
    told_version INTEGER NOT NULL DEFAULT 0,     -- the last version put into the outbox
    joined_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES users) STRICT;
CREATE TABLE IF NOT EXISTS posts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    author INTEGER NOT NULL REFERENCES users,
    text TEXT NOT NULL,
    language TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    asked_version INTEGER NOT NULL DEFAULT 0,    -- the last version put into the outbox
    cleared_version INTEGER NOT NULL DEFAULT 0,  -- the last version a person at the node restored
    posted_at TEXT NOT NULL,
    edited_at TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'public', 'held', 'refused', 'deleted')),
    held_until TEXT,
    reason TEXT,
    statement_url TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS posts_by_author ON posts (author);
CREATE TABLE IF NOT EXISTS pictures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    post INTEGER NOT NULL REFERENCES posts,
    media_type TEXT NOT NULL,
    content BLOB NOT NULL,
    alt TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS pictures_by_post ON pictures (post);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- to the node: requests that wait, and those that were answered
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('screen', 'event')),
    subject TEXT NOT NULL,                       -- 'p-17' or 'u-3': the order within a subject is kept
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'answered', 'refused', 'dropped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    queued_at TEXT NOT NULL,
    next_at TEXT NOT NULL,
    settled_at TEXT,
    answer TEXT                                  -- the node's JSON, or why the last attempt failed
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_queued ON outbox (subject, id) WHERE state = 'queued';
CREATE VIEW IF NOT EXISTS outbox_heads AS        -- the oldest that waits, of each subject: only these may be sent
    SELECT * FROM outbox o WHERE state = 'queued' AND NOT EXISTS (
        SELECT 1 FROM outbox e WHERE e.subject = o.subject AND e.state = 'queued' AND e.id < o.id);

-- from the node: restrictions in force or ended, notices to users, webhooks already obeyed
CREATE TABLE IF NOT EXISTS restrictions (
    id TEXT PRIMARY KEY,                         -- the node's 'rst_…'
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER,
    until TEXT,
    territories TEXT,                            -- JSON list, or NULL for everywhere
    label TEXT,
    statement_url TEXT,
    said_at TEXT NOT NULL,                       -- the node's own timestamp: a late message never undoes a newer one
    live INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS restrictions_by_subject ON restrictions (subject) WHERE live;
CREATE TABLE IF NOT EXISTS notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user INTEGER NOT NULL REFERENCES users,
    post INTEGER,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    language TEXT NOT NULL,
    url TEXT NOT NULL,
    at TEXT NOT NULL,
    read INTEGER NOT NULL DEFAULT 0,
    UNIQUE (user, url)
) STRICT;
CREATE TABLE IF NOT EXISTS hooks (
    id TEXT PRIMARY KEY,                         -- webhook-id
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    at TEXT NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL
) STRICT;
