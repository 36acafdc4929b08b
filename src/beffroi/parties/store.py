"""The tables of `parties`.

Owns: organisation, representative (sealed), charter_setting, charter_reason, authority.
Promises: the representative is sealed under a key of their own; every reason ever given for a setting stays.
Never does: be written by anybody else.
"""

import json
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, Connection, Index, Integer, Text, delete, select

from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.records import Keeping, Retention
from beffroi.ground.storage import Instant, Json, Octets, Rows, Tx, Vault, table

from . import register_rules, rules
from .model import (
    Authority,
    AuthorityEnded,
    AuthorityPinned,
    AuthorityProposed,
    AuthorityState,
    CharterChanged,
    CharterSetting,
    Organisation,
    OrganisationAmended,
    OrganisationEstablished,
    Representative,
)

organisation_table = table(
    "organisation",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Json, nullable=False),
)
representative_table = table(
    "representative",
    Column("subject", Text, primary_key=True),
    Column("sealed", Octets, nullable=False),
    Column("named_at", Instant, nullable=False),
)
charter_setting = table(
    "charter_setting",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Json, nullable=False),
)
charter_reason = table(
    "charter_reason",
    Column("setting", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("value", Json, nullable=False),
    Column("person", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
authority_table = table(
    "authority",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("country", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("body", Json, nullable=False),
    Index("ix_authority_country", "country", "state"),
)

_ORGANISATION = TypeAdapter(Organisation)
_CHARTER = TypeAdapter(CharterSetting)
_AUTHORITY = TypeAdapter(Authority)


def _to_row(thing: Any, adapter: TypeAdapter[Any]) -> dict[str, Any]:
    return {"id": thing.id, "body": adapter.dump_python(thing, mode="json")}


ORGANISATIONS: Rows[Organisation] = Rows(
    organisation_table,
    "organisation",
    (OrganisationEstablished, OrganisationAmended),
    rules.apply_organisation,
    lambda organisation: _to_row(organisation, _ORGANISATION),
    lambda row: _ORGANISATION.validate_python(row["body"]),
)
CHARTER: Rows[CharterSetting] = Rows(
    charter_setting,
    "charter",
    (CharterChanged,),
    rules.apply_charter,
    lambda setting: _to_row(setting, _CHARTER),
    lambda row: _CHARTER.validate_python(row["body"]),
)
AUTHORITIES: Rows[Authority] = Rows(
    authority_table,
    "authority",
    (AuthorityProposed, AuthorityPinned, AuthorityEnded),
    register_rules.apply,
    lambda one: _to_row(one, _AUTHORITY) | {"country": one.terms.country, "state": one.state},
    lambda row: _AUTHORITY.validate_python(row["body"]),
)


def authorities(conn: Connection, country: str | None = None) -> list[Authority]:
    """All bodies of the register, or those of one State, in the order in which they came; ended ones too."""
    query = select(authority_table).order_by(authority_table.c.id)
    return AUTHORITIES.find(conn, query if country is None else query.where(authority_table.c.country == country))


def pinned(conn: Connection, country: str | None = None) -> list[Authority]:
    """Those that are pinned; whether a pin still holds is a question of time (`register_rules.is_in_force`)."""
    query = select(authority_table).where(authority_table.c.state == AuthorityState.PINNED)
    query = query if country is None else query.where(authority_table.c.country == country)
    return AUTHORITIES.find(conn, query.order_by(authority_table.c.id))


def organisation(conn: Connection) -> Organisation | None:
    """The node's organisation, if it was established."""
    found = ORGANISATIONS.find(conn, select(organisation_table).limit(1))
    return found[0] if found else None


def put_representative(tx: Tx, subject: SubjectId, representative: Representative) -> bytes:
    """Seal and store a representative; returns the plain bytes for the event's commitment."""
    plain = json.dumps(asdict(representative), ensure_ascii=False, sort_keys=True).encode()
    sealed = tx.vault.seal(subject, plain, "legal representative")
    tx.add(representative_table, {"subject": subject, "sealed": sealed, "named_at": tx.now})
    return plain


def representative(conn: Connection, vault: Vault, subject: SubjectId) -> Representative | None:
    """The representative; None once erased."""
    query = select(representative_table.c.sealed).where(representative_table.c.subject == subject)
    sealed = conn.execute(query).scalar()
    plain = None if sealed is None else vault.open(subject, sealed, "legal representative")
    return None if plain is None else Representative(**json.loads(plain))


def put_reason(tx: Tx, setting: CharterSetting, reason: str) -> None:
    """Keep the reason of this version of a setting."""
    body = _CHARTER.dump_python(setting, mode="json")
    row = {"setting": setting.id, "version": setting.version, "value": body["value"], "person": setting.person}
    tx.add(charter_reason, row | {"reason": reason, "at": setting.changed_at})


def reasons(conn: Connection, setting: str | None = None) -> list[dict[str, Any]]:
    """Every change of one setting, or of all, newest first."""
    query = select(charter_reason).order_by(charter_reason.c.at.desc(), charter_reason.c.version.desc())
    if setting is not None:
        query = query.where(charter_reason.c.setting == setting)
    return [dict(row) for row in conn.execute(query).mappings()]


def _clear(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(representative_table).where(representative_table.c.subject == subject))


_RECORD = Retention("as long as the node's record; published")

RECORDS = (
    Keeping(organisation_table, "the published contact points (TCO Art 15, DSA Arts 11 and 12)", _RECORD),
    Keeping(
        representative_table,
        "the published legal representative (TCO Art 17, DSA Art 13)",
        Retention("until they are erased; their successors have keys of their own", until_erased=True),
        sealed=("sealed",),
        clear=_clear,
    ),
    Keeping(charter_setting, "who decided which charter setting", _RECORD),
    Keeping(charter_reason, "the reason that the public page shows", _RECORD),
    Keeping(
        authority_table,
        "which bodies may order, scrutinise, oversee and be warned (TCO Arts 12 and 14(5), DSA Art 18)",
        Retention("as long as the node's record; addresses of offices, from public lists"),
    ),
)
