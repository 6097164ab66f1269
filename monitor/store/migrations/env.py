"""Alembic's entry: runs the revisions on the connection that `monitor.store.schema` holds, inside its transaction."""

from alembic import context

from monitor.store.tables import metadata, schema_version

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=schema_version.name,
)
with context.begin_transaction():
    context.run_migrations()
