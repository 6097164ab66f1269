"""Who owns which account and is asked what, where processes share a store; and the key by which numbers are masked."""

import secrets

import sqlalchemy as sa
from alembic import op

from monitor.fleet.masking import KEY_BYTES
from monitor.store.tables import TEXT

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and draw the key."""
    op.create_table(
        "lease",
        sa.Column("account", TEXT, nullable=False),
        sa.Column("holder", TEXT, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", name="lease_pk"),
    )
    op.create_table(
        "replica",
        sa.Column("holder", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("holder", name="replica_pk"),
    )
    op.create_table(
        "request",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("holder", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("taken_by", TEXT, nullable=False),
        sa.Column("answer", TEXT),
        sa.PrimaryKeyConstraint("id", name="request_pk"),
    )
    masking = op.create_table("masking", sa.Column("key", sa.LargeBinary, nullable=False))
    op.execute(masking.insert().values(key=secrets.token_bytes(KEY_BYTES)))
