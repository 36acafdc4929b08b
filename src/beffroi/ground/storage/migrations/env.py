"""Alembic's entry: runs the migrations on the connection that `migrate.upgrade` hands over.

Owns: nothing.
Promises: no URL of its own; the caller's transaction is the only one.
Never does: generate SQL offline.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
