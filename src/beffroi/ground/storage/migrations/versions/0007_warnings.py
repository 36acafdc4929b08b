"""Warnings of a threat to life: their rows, letters, links, and the register of who is warned.

Owns: four tables.
Promises: adds only; a program that does not know them is not disturbed by them.
Never does: change; a released migration is history.
"""

import sqlalchemy as sa
from alembic import op

from beffroi.ground.storage.tables import Instant, Json

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "threat",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("ring_at", Instant(), nullable=True),
        sa.Column("second_due_at", Instant(), nullable=True),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threat")),
        sa.UniqueConstraint("ref", name=op.f("uq_threat_ref")),
        sqlite_strict=True,
    )
    op.create_index("ix_threat_case", "threat", ["case"])
    op.create_index("ix_threat_state", "threat", ["state", "opened_at"])
    for column in ("ring_at", "second_due_at"):
        op.create_index(f"ix_threat_{column}", "threat", [column])
    op.create_table(
        "threat_letter",
        sa.Column("threat", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("look_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("threat", "number", name=op.f("pk_threat_letter")),
        sqlite_strict=True,
    )
    op.create_table(
        "threat_link",
        sa.Column("threat", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("look_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("threat", "number", "recipient", name=op.f("pk_threat_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_threat_link_digest")),
        sqlite_strict=True,
    )
    for name in ("threat_letter", "threat_link"):
        for column in ("subject", "look_at"):
            op.create_index(f"ix_{name}_{column}", name, [column])
    op.create_table(
        "recipient",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
        sqlite_strict=True,
    )
