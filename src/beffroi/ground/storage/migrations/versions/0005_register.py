"""The register of authorities.

Owns: the table `authority`.
Promises: forward only; a program that does not know the table is not disturbed by it.
Never does: change; a released migration is history.
"""

import sqlalchemy as sa
from alembic import op

from beffroi.ground.storage.tables import Json

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "authority",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
        sqlite_strict=True,
    )
    op.create_index("ix_authority_country", "authority", ["country", "state"])
