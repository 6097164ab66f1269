"""One attempt at a sink, and what came of it: the exceptions of `monitor.delivery.sink` read in one place."""

import asyncio
from collections.abc import Awaitable
from typing import Literal, NamedTuple

import structlog

from monitor.delivery.sink import DeliveryError, Gone, Refused, Throttled

Kind = Literal["taken", "refused", "gone", "throttled", "timeout", "unavailable"]


class Outcome(NamedTuple):
    """What became of a send; of one that failed and is tried again `kind` is the metrics' reason."""

    kind: Kind
    text: str = ""  #: why it was not taken, in one line without a secret
    after: float = 0.0  #: of throttled: seconds that the receiver wants to be left alone


async def attempt(send: Awaitable[object], limit: float | None, log: structlog.typing.FilteringBoundLogger) -> Outcome:
    """
    Wait for a send; it fails by no exception.

    Args:
        send: What the sink's `send` has returned.
        limit: Seconds that it may take; None: as long as it takes.
        log: For a fault of the sink's own code, which must not lose the message.
    """
    outcome = Outcome("taken")
    try:
        async with asyncio.timeout(limit):
            await send
    except Refused as error:
        outcome = Outcome("refused", str(error))
    except Gone as error:
        outcome = Outcome("gone", str(error))
    except Throttled as error:
        outcome = Outcome("throttled", str(error), error.after)
    except TimeoutError:
        outcome = Outcome("timeout", "no answer in time")
    except DeliveryError as error:
        outcome = Outcome("unavailable", str(error))
    except Exception as error:
        log.exception("sink broke")
        outcome = Outcome("unavailable", f"{type(error).__name__} in the sink")
    return outcome
