"""
The tables, once for every database.

Times are milliseconds since 1970, UTC.  A column named `state` or `body` with text holds JSON, except in `delivery`,
where the state is one of `DeliveryState`.  A change here needs a revision in `migrations/versions`: a test compares.
"""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

#: Compared byte by byte: an order that an upgrade of the C library may change would damage PostgreSQL's indexes.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    OPEN = "open"  #: to be sent, or being sent while `claimed_until` lies ahead
    DONE = "done"  #: the sink took it
    DEAD = "dead"  #: given up: a dead letter
    DISCARDED = "discarded"  #: dropped by hand: neither waiting nor a dead letter any more


def literal(state: DeliveryState) -> ColumnElement[str]:
    """The state as it must stand in a statement: with a bound parameter the partial indexes would not be used."""
    return literal_column(f"'{state}'")


metadata = MetaData()

#: One row: the store's random identity, and the sequence of the last event, kept when events are pruned.
meta = Table(
    "meta",
    metadata,
    Column("store_id", TEXT, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("store_id", name="meta_pk"),
)

#: One row: the key by which numbers are masked, random, the same for as long as the store lives and in its copies.
masking = Table("masking", metadata, Column("key", LargeBinary, nullable=False))

#: One row: the revision of `migrations/versions` that made these tables.  Named and shaped as Alembic expects it.
schema_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", Text, nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

account = Table(
    "account",
    metadata,
    Column("account", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("state", TEXT, nullable=False),
    PrimaryKeyConstraint("account", name="account_pk"),
)

#: A snapshot without its entries; what has a column of its own is left out of `state`.
app = Table(
    "app",
    metadata,
    Column("account", TEXT, nullable=False),
    Column("appkey", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("last_success", BigInteger),
    Column("digest", LargeBinary, nullable=False),
    Column("described", TEXT, nullable=False),  # how the roster described it: name, labels, interval
    Column("state", TEXT, nullable=False),
    PrimaryKeyConstraint("account", "appkey", name="app_pk"),
)

#: Entries, and tombstones of entries that are gone (`gone_at`).
entry = Table(
    "entry",
    metadata,
    Column("account", TEXT, nullable=False),
    Column("appkey", TEXT, nullable=False),
    Column("waba_id", TEXT, nullable=False),
    Column("number", TEXT, nullable=False),
    Column("gone_at", BigInteger),
    Column("state", TEXT, nullable=False),
    PrimaryKeyConstraint("account", "appkey", "waba_id", "number", name="entry_pk"),
    ForeignKeyConstraint(["account", "appkey"], ["app.account", "app.appkey"], name="entry_app_fk", ondelete="CASCADE"),
)
Index(
    "entry_gone",
    entry.c.gone_at,
    sqlite_where=entry.c.gone_at.is_not(None),
    postgresql_where=entry.c.gone_at.is_not(None),
)

#: How many events each identity has had, kept for ever: an id is never given to a second transition.
occurrence = Table(
    "occurrence",
    metadata,
    Column("identity", LargeBinary, nullable=False),
    Column("events", BigInteger, nullable=False),
    PrimaryKeyConstraint("identity", name="occurrence_pk"),
    sqlite_with_rowid=False,
)

event = Table(
    "event",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), nullable=False, autoincrement=False),
    Column("id", TEXT, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("account", TEXT, nullable=False),
    Column("appkey", TEXT, nullable=False),
    Column("subject", TEXT, nullable=False),
    Column("body", TEXT, nullable=False),
    PrimaryKeyConstraint("sequence", name="event_pk"),
    UniqueConstraint("id", name="event_id"),
)
Index("event_time", event.c.time)
Index("event_subject", event.c.subject, event.c.sequence)

#: The outbox: one row for each event and sink that it goes to.
delivery = Table(
    "delivery",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("sink", TEXT, nullable=False),
    Column("subject", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("claimed_until", BigInteger),
    Column("reason", TEXT, nullable=False),
    PrimaryKeyConstraint("sequence", "sink", name="delivery_pk"),
    ForeignKeyConstraint(["sequence"], ["event.sequence"], name="delivery_event_fk", ondelete="CASCADE"),
    sqlite_with_rowid=False,
)
_OPEN = delivery.c.state == literal(DeliveryState.OPEN)
_DEAD = delivery.c.state == literal(DeliveryState.DEAD)
Index("delivery_open", delivery.c.sink, delivery.c.sequence, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index(
    "delivery_subject",
    delivery.c.sink,
    delivery.c.subject,
    delivery.c.sequence,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index("delivery_dead", delivery.c.sink, sqlite_where=_DEAD, postgresql_where=_DEAD)

#: Sinks that get nothing until they are resumed.
paused_sink = Table(
    "paused_sink",
    metadata,
    Column("sink", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("sink", name="paused_sink_pk"),
)

#: What each sink for people has been told of each incident.
known_trouble = Table(
    "known_trouble",
    metadata,
    Column("sink", TEXT, nullable=False),
    Column("account", TEXT, nullable=False),
    Column("incident", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("look_at", BigInteger),
    PrimaryKeyConstraint("sink", "account", "incident", name="known_trouble_pk"),
)
_TO_LOOK_AT = known_trouble.c.look_at.is_not(None)
Index(
    "known_trouble_look_at",
    known_trouble.c.sink,
    known_trouble.c.look_at,
    sqlite_where=_TO_LOOK_AT,
    postgresql_where=_TO_LOOK_AT,
)

#: The last list of apps that each source gave.
roster = Table(
    "roster",
    metadata,
    Column("account", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("account", "source", name="roster_pk"),
)

#: Who may write what comes of an account's polls; kept for good, since its epoch must never begin anew.
lease = Table(
    "lease",
    metadata,
    Column("account", TEXT, nullable=False),
    Column("holder", TEXT, nullable=False),  # a process; empty: nobody
    Column("epoch", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),  # by the database's clock
    PrimaryKeyConstraint("account", name="lease_pk"),
)

#: The processes that share the store.
replica = Table(
    "replica",
    metadata,
    Column("holder", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("since", BigInteger, nullable=False),  # both by the database's clock
    Column("until", BigInteger, nullable=False),
    PrimaryKeyConstraint("holder", name="replica_pk"),
)

#: What a process asks of another: of the owner of an account, or where that is empty of the one of this name.
request = Table(
    "request",
    metadata,
    Column("id", TEXT, nullable=False),
    Column("account", TEXT, nullable=False),
    Column("holder", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("body", TEXT, nullable=False),
    Column("until", BigInteger, nullable=False),  # by the database's clock: then it is not to be begun any more
    Column("taken_by", TEXT, nullable=False),  # a process; empty: nobody yet
    Column("answer", TEXT),
    PrimaryKeyConstraint("id", name="request_pk"),
)
