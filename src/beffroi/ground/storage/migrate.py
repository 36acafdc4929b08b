"""The schema's versions, forward only: expand and contract, back means restore.

Owns: the way from any released schema to the newest (Alembic).
Promises: `serve` runs only on the newest schema; a migration is one transaction where the database can.
Never does: go back. The previous release runs on the new schema; a restore is the way back (DESIGN §4).
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ..kernel.errors import Unavailable
from .engine import Database

_HERE = Path(__file__).parent / "migrations"


def head() -> str:
    """The newest schema."""
    found = ScriptDirectory(str(_HERE)).get_current_head()
    return found or ""


def current(database: Database) -> str | None:
    """The schema of this database; None where there is none yet."""
    with database.writer.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def upgrade(database: Database) -> None:
    """Bring the schema to `head`."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    with database.writer.connect() as conn, conn.begin():
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


def require_head(database: Database) -> None:
    """Make a new database; refuse an older one.

    Raises:
        Unavailable: the schema is older or newer than this program.

    """
    found = current(database)
    if found is None:
        upgrade(database)
    elif found != head():
        raise Unavailable(
            "schema-not-at-head", f"the database is at schema {found}, this program needs {head()}: beffroi migrate"
        )
