"""What sinks for people know."""

import sqlalchemy as sa
from alembic import op

from monitor.store.tables import TEXT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "known_trouble",
        sa.Column("sink", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("incident", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("look_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("sink", "account", "incident", name="known_trouble_pk"),
    )
    known = sa.text("look_at IS NOT NULL")
    op.create_index(
        "known_trouble_look_at", "known_trouble", ["sink", "look_at"], sqlite_where=known, postgresql_where=known
    )
