"""The schema's versions, forward only: expand and contract, back means restore.

Owns: the way from any released schema to the newest (Alembic).
Promises: `serve` runs only on the newest schema; a migration is one transaction where the database can.
Never does: go back. The previous release runs on the new schema; a restore is the way back (DESIGN §4).
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from ..kernel.errors import Unavailable
from .engine import Database

_HERE = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('beffroi migrate'))")


@cache
def _steps(folder: Path) -> ScriptDirectory:
    """The migrations in `folder`, read once: it takes as long as opening the database."""
    return ScriptDirectory(str(folder))


def head() -> str:
    """The newest schema."""
    return _steps(_HERE).get_current_head() or ""


def known() -> set[str]:
    """Every schema there ever was."""
    return {script.revision for script in _steps(_HERE).walk_revisions()}


def current(database: Database) -> str | None:
    """The schema of this database; None where there is none yet."""
    with database.read() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def upgrade(database: Database) -> None:
    """Bring the schema to `head`. Of several processes that start at once, one does it and the others wait.

    Raises:
        Unavailable: the schema is not one of ours, or the migration failed; it is as before.

    """
    require_known(current(database))
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    with database.write() as conn:
        if not database.is_sqlite:
            conn.execute(_ONE_AT_A_TIME)
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


def require_known(schema: str | None) -> None:
    """Refuse a schema from which no way leads to `head`.

    Raises:
        Unavailable: it is a later program's.

    """
    if schema is not None and schema not in known():
        raise Unavailable("schema-not-known", f"schema {schema} is not known to this program, which has {head()}")


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
