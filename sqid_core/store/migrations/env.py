"""What Alembic runs: the migrations, on the connection and in the transaction that `schema.upgrade` gives it."""

from alembic import context

from sqid_core.store.schema import VERSIONS

context.configure(connection=context.config.attributes["connection"], version_table=VERSIONS, transactional_ddl=True)
context.run_migrations()
