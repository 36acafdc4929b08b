"""The emergency spool: which of its acts are in the record.

Owns: the table `spooled_act`.
Promises: forward only; a program that does not know the table is not disturbed by it.
Never does: change; a released migration is history.
"""

import sqlalchemy as sa
from alembic import op

from beffroi.ground.storage.tables import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "spooled_act",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("spooled_at", Instant(), nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_spooled_act")),
        sqlite_strict=True,
    )
