"""Single sign-on: whom the identity provider means.

Owns: the table `person_binding`.
Promises: forward only; a program that does not know the table is not disturbed by it.
Never does: change; a released migration is history.
"""

import sqlalchemy as sa
from alembic import op

from beffroi.ground.storage.tables import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "person_binding",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("lookup", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("bound_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_person_binding")),
        sa.UniqueConstraint("lookup", name=op.f("uq_person_binding_lookup")),
        sqlite_strict=True,
    )
