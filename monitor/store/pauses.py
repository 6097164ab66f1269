"""Sinks that get nothing until somebody says so: their receiver answered that it is gone for good."""

import msgspec
from sqlalchemy import Connection, delete, select

from monitor.store import outbox
from monitor.store.tables import paused_sink


class PausedSink(msgspec.Struct, frozen=True):
    """Why a sink is paused."""

    reason: str  #: one line for people
    at: int  #: since when, milliseconds since 1970


def resume(connection: Connection, name: str, now: int) -> bool:
    """Let a sink go on, and make due at once what waits for another try; False when it was not paused."""
    if not connection.execute(delete(paused_sink).where(paused_sink.c.sink == name)).rowcount:
        return False
    outbox.hasten(connection, name, now)
    return True


def paused(connection: Connection) -> dict[str, PausedSink]:
    """Every paused sink, by name."""
    rows = connection.execute(select(paused_sink.c.sink, paused_sink.c.reason, paused_sink.c.at))
    return {sink: PausedSink(reason, at) for sink, reason, at in rows}
