"""The first schema.

Owns: every table as of the first release, and the triggers that make the record append-only.
Promises: forward only.
Never does: change; a released migration is history.
"""

import sqlalchemy as sa
from alembic import op

from beffroi.ground.storage.tables import Big, Flag, Instant, Json
from beffroi.ground.storage.triggers import statements

revision = "0001"
down_revision = None

_APPEND_ONLY = (
    "event",
    "ledger_checkpoint",
    "ledger_leaf",
    "ledger_subtree",
)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sqlite_strict=True,
    )
    op.create_table(
        "account_locator",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("platform_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_account_locator")),
        sa.UniqueConstraint("platform_id", name=op.f("uq_account_locator_platform_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "account_profile",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_account_profile")),
        sqlite_strict=True,
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_api_key_issued_by", "api_key", ["issued_by"], unique=False)
    op.create_table(
        "api_key_secret",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("used_on", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_api_key_secret")),
        sqlite_strict=True,
    )
    op.create_table(
        "backfill",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", "name", name=op.f("pk_backfill")),
        sqlite_strict=True,
    )
    op.create_table(
        "bank",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("terms_of_use", sa.Text(), nullable=False),
        sa.Column("radius_bits", sa.Integer(), nullable=False),
        sa.Column("quality_min", sa.Integer(), nullable=False),
        sa.Column("hourly_cap", sa.Integer(), nullable=False),
        sa.Column("legal_category", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("resumed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank")),
        sa.UniqueConstraint("name", name=op.f("uq_bank_name")),
        sqlite_strict=True,
    )
    op.create_table(
        "bank_entry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", Big, nullable=False),
        sa.Column("seq", Big, nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("labels", Json(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("strain", sa.Integer(), nullable=False),
        sa.Column("confirmed_here", Flag(), nullable=False),
        sa.Column("enabled", Flag(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_entry")),
        sa.UniqueConstraint("bank", "digest", name=op.f("uq_bank_entry_bank_digest")),
        sa.UniqueConstraint("number", name=op.f("uq_bank_entry_number")),
        sqlite_strict=True,
    )
    op.create_index("ix_bank_entry_bank", "bank_entry", ["bank", "number"], unique=False)
    op.create_index("ix_bank_entry_digest", "bank_entry", ["digest"], unique=False)
    op.create_index(op.f("ix_bank_entry_seq"), "bank_entry", ["seq"], unique=False)
    op.create_table(
        "bank_seq",
        sa.Column("only", sa.Integer(), nullable=False),
        sa.Column("seq", Big, nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_bank_seq")),
        sqlite_strict=True,
    )
    op.create_table(
        "case",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("cluster", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("ref", name=op.f("uq_case_ref")),
        sqlite_strict=True,
    )
    op.create_index("ix_case_account", "case", ["account", "state"], unique=False)
    op.create_index("ix_case_cluster", "case", ["cluster", "state"], unique=False)
    op.create_index("ix_case_lease", "case", ["state", "lease_until"], unique=False)
    op.create_index("ix_case_queue", "case", ["state", "priority", "opened_at"], unique=False)
    op.create_table(
        "case_item",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("item", "case", "revision", name=op.f("pk_case_item")),
        sqlite_strict=True,
    )
    op.create_table(
        "case_note",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_note")),
        sqlite_strict=True,
    )
    op.create_index("ix_case_note_case", "case_note", ["case", "at"], unique=False)
    op.create_table(
        "ceremony",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_ceremony")),
        sqlite_strict=True,
    )
    op.create_index("ix_ceremony_expires_at", "ceremony", ["expires_at"], unique=False)
    op.create_table(
        "charter_reason",
        sa.Column("setting", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", Json(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("setting", "version", name=op.f("pk_charter_reason")),
        sqlite_strict=True,
    )
    op.create_table(
        "charter_setting",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charter_setting")),
        sqlite_strict=True,
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sqlite_strict=True,
    )
    op.create_index("ix_decision_case", "decision", ["case"], unique=False)
    op.create_index("ix_decision_rule", "decision", ["rule", "decided_at"], unique=False)
    op.create_index("ix_decision_until", "decision", ["act", "state", "until"], unique=False)
    op.create_table(
        "decision_item",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("item", "decision", name=op.f("pk_decision_item")),
        sqlite_strict=True,
    )
    op.create_table(
        "decision_note",
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("decision", "purpose", name=op.f("pk_decision_note")),
        sqlite_strict=True,
    )
    op.create_table(
        "effect",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("payload", Json(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("intended_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("outcome", Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effect")),
        sa.UniqueConstraint("key", name=op.f("uq_effect_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_effect_due", "effect", ["state", "due_at"], unique=False)
    op.create_table(
        "event",
        sa.Column("seq", Big, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("personal", Json(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("id", name=op.f("uq_event_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_event_aggregate", "event", ["aggregate", "aggregate_id", "seq"], unique=False)
    op.create_index("ix_event_type", "event", ["type", "seq"], unique=False)
    op.create_table(
        "exposure",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure")),
        sqlite_strict=True,
    )
    op.create_index("ix_exposure_person", "exposure", ["person", "at"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("posted_at", Instant(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.Column("media_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sqlite_strict=True,
    )
    op.create_index("ix_item_account", "item", ["account", "taken_at"], unique=False)
    op.create_table(
        "item_locator",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("platform_id", sa.Text(), nullable=False),
        sa.Column("url_digest", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_item_locator")),
        sa.UniqueConstraint("platform_id", name=op.f("uq_item_locator_platform_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_item_locator_url_digest"), "item_locator", ["url_digest"], unique=False)
    op.create_table(
        "item_match",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("confirmed_here", Flag(), nullable=False),
        sa.Column("spans", Json(), nullable=False),
        sa.Column("silenced_by", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("verdict_at", Instant(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_match")),
        sa.UniqueConstraint(
            "item", "revision", "entry", "source", name=op.f("uq_item_match_item_revision_entry_source")
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_item_match_bank", "item_match", ["bank", "standing", "at", "item"], unique=False)
    op.create_index("ix_item_match_entry", "item_match", ["entry"], unique=False)
    op.create_index("ix_item_match_verdict", "item_match", ["bank", "verdict", "verdict_at"], unique=False)
    op.create_table(
        "item_posted",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("media", Json(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.Column("keep_why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("item", "revision", name=op.f("pk_item_posted")),
        sqlite_strict=True,
    )
    op.create_index("ix_item_posted_taken_at", "item_posted", ["keep_why", "taken_at"], unique=False)
    op.create_table(
        "item_signal",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("quality", sa.Integer(), nullable=True),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("item", "revision", "type", "source", "value", name=op.f("pk_item_signal")),
        sqlite_strict=True,
    )
    op.create_index("ix_item_signal_taken_at", "item_signal", ["taken_at"], unique=False)
    op.create_index("ix_item_signal_value", "item_signal", ["type", "value"], unique=False)
    op.create_table(
        "ledger_checkpoint",
        sa.Column("size", Big, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_checkpoint")),
        sqlite_strict=True,
    )
    op.create_table(
        "ledger_leaf",
        sa.Column("position", Big, autoincrement=False, nullable=False),
        sa.Column("event_seq", Big, nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_ledger_leaf")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_ledger_leaf_event_seq",
        "ledger_leaf",
        ["event_seq"],
        unique=True,
        sqlite_where=sa.text("event_seq IS NOT NULL"),
        postgresql_where=sa.text("event_seq IS NOT NULL"),
    )
    op.create_table(
        "ledger_subtree",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", Big, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_ledger_subtree")),
        sqlite_strict=True,
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("reference", name=op.f("uq_notice_reference")),
        sqlite_strict=True,
    )
    op.create_index("ix_notice_item", "notice", ["item"], unique=False)
    op.create_table(
        "notice_words",
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("notice", name=op.f("pk_notice_words")),
        sa.UniqueConstraint("digest", name=op.f("uq_notice_words_digest")),
        sqlite_strict=True,
    )
    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("roles", Json(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_one_time_link_digest")),
        sqlite_strict=True,
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sqlite_strict=True,
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkey_credential")),
        sqlite_strict=True,
    )
    op.create_index("ix_passkey_person", "passkey", ["person"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("demo", Flag(), nullable=False),
        sa.Column("administrator", Flag(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_person_pseudonym")),
        sqlite_strict=True,
    )
    op.create_index("ix_person_administrator", "person", ["administrator", "demo"], unique=False)
    op.create_table(
        "person_credential",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=False),
        sa.Column("password_set_at", Instant(), nullable=False),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("totp_counter", sa.Integer(), nullable=False),
        sa.Column("totp_set_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_person_credential")),
        sqlite_strict=True,
    )
    op.create_table(
        "person_identity",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("lookup", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_person_identity")),
        sa.UniqueConstraint("lookup", name=op.f("uq_person_identity_lookup")),
        sqlite_strict=True,
    )
    op.create_table(
        "policy",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sqlite_strict=True,
    )
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_recovery_code")),
        sqlite_strict=True,
    )
    op.create_index("ix_recovery_code_person", "recovery_code", ["person"], unique=False)
    op.create_table(
        "representative",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("named_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_representative")),
        sqlite_strict=True,
    )
    op.create_table(
        "restriction",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction")),
        sqlite_strict=True,
    )
    op.create_index("ix_restriction_account", "restriction", ["account"], unique=False)
    op.create_index("ix_restriction_item", "restriction", ["item"], unique=False)
    op.create_index("ix_restriction_state", "restriction", ["state", "until"], unique=False)
    op.create_table(
        "restriction_cause",
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("restriction", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("decision", "restriction", name=op.f("pk_restriction_cause")),
        sqlite_strict=True,
    )
    op.create_table(
        "rule",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
        sqlite_strict=True,
    )
    op.create_index("ix_rule_state", "rule", ["state", "expires_at"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("agent", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("proved_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_session_digest")),
        sqlite_strict=True,
    )
    op.create_index("ix_session_ends_at", "session", ["ends_at"], unique=False)
    op.create_index("ix_session_person", "session", ["person"], unique=False)
    op.create_table(
        "sign_in_try",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("known_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_sign_in_try")),
        sqlite_strict=True,
    )
    op.create_index("ix_sign_in_try_last_at", "sign_in_try", ["last_at"], unique=False)
    op.create_table(
        "statement",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("code", name=op.f("uq_statement_code")),
        sqlite_strict=True,
    )
    op.create_index("ix_statement_account", "statement", ["account"], unique=False)
    op.create_index("ix_statement_decision", "statement", ["decision"], unique=False)
    op.create_table(
        "statement_link",
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("statement", name=op.f("pk_statement_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_statement_link_digest")),
        sqlite_strict=True,
    )
    op.create_table(
        "upload",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_upload")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_upload_until"), "upload", ["until"], unique=False)
    dialect = op.get_bind().dialect.name
    for table in _APPEND_ONLY:
        for statement in statements(table, dialect):
            op.execute(statement)
