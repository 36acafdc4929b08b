"""Removal orders.

Owns: the tables `removal_order`, `order_item`, `order_words`.
Promises: forward only; a program that does not know the tables is not disturbed by them.
Never does: change; a released migration is history.
"""

import sqlalchemy as sa
from alembic import op

from beffroi.ground.storage.tables import Instant, Json, Octets

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "removal_order",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("authentication", sa.Text(), nullable=False),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("validity", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removal_order")),
        sa.UniqueConstraint("ref", name=op.f("uq_removal_order_ref")),
        sqlite_strict=True,
    )
    op.create_index("ix_removal_order_due_at", "removal_order", ["due_at"])
    op.create_index("ix_removal_order_handling", "removal_order", ["handling", "received_at"])
    op.create_index("ix_removal_order_received_at", "removal_order", ["received_at"])
    op.create_table(
        "order_item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("order", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_item")),
        sqlite_strict=True,
    )
    op.create_index("ix_order_item_order", "order_item", ["order", "number"])
    op.create_index("ix_order_item_item", "order_item", ["item"])
    op.create_index("ix_order_item_decision", "order_item", ["decision"])
    op.create_table(
        "order_words",
        sa.Column("order", sa.Text(), nullable=False),
        sa.Column("digest", Octets(), nullable=False),
        sa.Column("reference_digest", Octets(), nullable=False),
        sa.Column("sealed", Octets(), nullable=False),
        sa.Column("look_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("order", name=op.f("pk_order_words")),
        sa.UniqueConstraint("digest", name=op.f("uq_order_words_digest")),
        sqlite_strict=True,
    )
    op.create_index("ix_order_words_reference_digest", "order_words", ["reference_digest"])
    op.create_index("ix_order_words_look_at", "order_words", ["look_at"])
