"""What is kept has an end that a sweep finds by an index.

Owns: `look_at` where rows are kept while something needs them, indexes by age, holds, wishes, blobs on their way out.
Promises: adds only; the first release runs on it. What was kept before is asked about at the next sweep.
Never does: change; a released migration is history.
"""

import sqlalchemy as sa
from alembic import op

from beffroi.ground.storage.tables import Flag, Instant

revision = "0002"
down_revision = "0001"

_ASKED = (
    "account_locator",
    "case_note",
    "decision_note",
    "item_locator",
    "item_posted",
    "notice_words",
    "person_identity",
    "statement_link",
)
_BY_SUBJECT = (
    ("case_note", "subject"),
    ("decision_note", "subject"),
    ("notice_words", "subject"),
    ("statement_link", "account"),
    ("item_posted", "account"),
    ("exposure", "at"),
)


def upgrade() -> None:
    """Add columns, indexes and three tables."""
    for name in _ASKED:
        op.add_column(name, sa.Column("look_at", Instant(), nullable=True))
        op.create_index(f"ix_{name}_look_at", name, ["look_at"])
    for name, column in _BY_SUBJECT:
        op.create_index(f"ix_{name}_{column}", name, [column])
    op.add_column("item_signal", sa.Column("kept", Flag(), nullable=True))
    op.drop_index("ix_item_signal_taken_at", "item_signal")
    op.create_index("ix_item_signal_taken_at", "item_signal", ["kept", "taken_at"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_at", Instant(), nullable=False),
        sa.Column("released_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
        sqlite_strict=True,
    )
    op.create_index("ix_legal_hold_subject", "legal_hold", ["subject", "until"])
    op.create_table(
        "erasure_wish",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("look_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_erasure_wish")),
        sqlite_strict=True,
    )
    op.create_index("ix_erasure_wish_look_at", "erasure_wish", ["look_at"])
    op.create_table(
        "doomed_blob",
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("blob", name=op.f("pk_doomed_blob")),
        sqlite_strict=True,
    )
    _ask_about_what_was_kept()


def _ask_about_what_was_kept() -> None:
    """Rows of the first release: the kept ones and their signals, and everything else that is asked about."""
    op.execute("UPDATE item_posted SET look_at = 0 WHERE keep_why IS NOT NULL")
    op.execute(
        "UPDATE item_signal SET kept = 1 WHERE EXISTS (SELECT 1 FROM item_posted WHERE keep_why IS NOT NULL "
        "AND item_posted.item = item_signal.item AND item_posted.revision = item_signal.revision)"
    )
    for name in ("account_locator", "case_note", "decision_note", "notice_words", "statement_link"):
        op.execute(f"UPDATE {name} SET look_at = 0")  # noqa: S608 (names of ours)
    op.execute("UPDATE person_identity SET look_at = 0 WHERE lookup = person")  # they left
