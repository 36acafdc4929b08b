"""What pages show of the organisation.

Owns: reads for the contact page, the transparency page and `/health`.
Promises: read-only.
Never does: write.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from beffroi.ground.storage import Vault

from . import rules, store
from .model import Organisation, Representative


@dataclass(frozen=True, slots=True)
class Imprint:
    """Everything the law wants published, and codes of what is missing."""

    organisation: Organisation | None
    representative: Representative | None
    gaps: tuple[str, ...]


def organisation(conn: Connection) -> Organisation | None:
    """The node's organisation; None before it was established."""
    return store.organisation(conn)


def imprint(conn: Connection, vault: Vault) -> Imprint:
    """The organisation with its representative."""
    found = store.organisation(conn)
    subject = None if found is None else found.representative
    named = None if subject is None else store.representative(conn, vault, subject)
    return Imprint(found, named, rules.gaps(found))
