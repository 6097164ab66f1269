"""The first tables."""

import sqlalchemy as sa
from alembic import op

from monitor.store.tables import TEXT

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables of an empty database."""
    op.create_table(
        "meta",
        sa.Column("store_id", TEXT, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("store_id", name="meta_pk"),
    )
    op.create_table(
        "account",
        sa.Column("account", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("account", name="account_pk"),
    )
    op.create_table(
        "app",
        sa.Column("account", TEXT, nullable=False),
        sa.Column("appkey", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("last_success", sa.BigInteger),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("described", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("account", "appkey", name="app_pk"),
    )
    op.create_table(
        "entry",
        sa.Column("account", TEXT, nullable=False),
        sa.Column("appkey", TEXT, nullable=False),
        sa.Column("waba_id", TEXT, nullable=False),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("gone_at", sa.BigInteger),
        sa.Column("state", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("account", "appkey", "waba_id", "number", name="entry_pk"),
        sa.ForeignKeyConstraint(
            ["account", "appkey"], ["app.account", "app.appkey"], name="entry_app_fk", ondelete="CASCADE"
        ),
    )
    gone = sa.text("gone_at IS NOT NULL")
    op.create_index("entry_gone", "entry", ["gone_at"], sqlite_where=gone, postgresql_where=gone)
    op.create_table(
        "occurrence",
        sa.Column("identity", sa.LargeBinary, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("identity", name="occurrence_pk"),
        sqlite_with_rowid=False,
    )
    _create_event()
    _create_delivery()
    op.create_table(
        "paused_sink",
        sa.Column("sink", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("sink", name="paused_sink_pk"),
    )
    op.create_table(
        "roster",
        sa.Column("account", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("account", "source", name="roster_pk"),
    )


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("sequence", _ROW_NUMBER, nullable=False, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("appkey", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="event_pk"),
        sa.UniqueConstraint("id", name="event_id"),
    )
    op.create_index("event_time", "event", ["time"])
    op.create_index("event_subject", "event", ["subject", "sequence"])


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("sequence", _ROW_NUMBER, nullable=False),
        sa.Column("sink", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("claimed_until", sa.BigInteger),
        sa.Column("reason", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("sequence", "sink", name="delivery_pk"),
        sa.ForeignKeyConstraint(["sequence"], ["event.sequence"], name="delivery_event_fk", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    is_open, is_dead = sa.text("state = 'open'"), sa.text("state = 'dead'")
    op.create_index("delivery_open", "delivery", ["sink", "sequence"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index(
        "delivery_subject",
        "delivery",
        ["sink", "subject", "sequence"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("delivery_dead", "delivery", ["sink"], sqlite_where=is_dead, postgresql_where=is_dead)
