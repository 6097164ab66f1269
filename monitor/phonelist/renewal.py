"""
A client that is replaced when it serves no more.

Calls that time out one after the other, without one between that was answered or refused, are a silent vendor, or a
pool of connections that hangs; from here the two look alike, and a fresh client helps against the second.  Calls that
are under way are never cancelled: the old client is closed when its last one has ended.
"""

from collections.abc import Callable
from typing import Protocol

import structlog

from monitor.phonelist.client import Reply
from monitor.phonelist.errors import CallBroke, PhoneListError, TimedOut

SILENT = 5  #: calls in a row that only timed out, then the client is replaced; doubled while that does not help,
MOST_SILENT = 80  #: up to this


class Client(Protocol):
    """What is replaced (`monitor.phonelist.client.PhoneList`)."""

    async def ask(self, appkey: str, known: bytes = b"") -> Reply:
        """One attempt; raises PhoneListError."""
        ...

    async def aclose(self) -> None:
        """Close its connections."""
        ...


class _Held:
    """A client and how many calls it has under way."""

    __slots__ = ("calls", "client", "retired")

    def __init__(self, client: Client) -> None:
        self.client = client
        self.calls = 0
        self.retired = False


class RenewedPhoneList:
    """One account's way to ask, whichever client that is at the moment."""

    def __init__(
        self, open_client: Callable[[], Client], *, account: str, log: structlog.typing.FilteringBoundLogger
    ) -> None:
        """
        Args:
            open_client: Makes a client that shares nothing with the one before.
            account: Its name, for the log.
            log: Told of the first replacement in a row.
        """
        self._open = open_client
        self._log = log.bind(account=account)
        self._held = _Held(open_client())
        self._silent = 0  # calls in a row that only timed out
        self._patience = SILENT

    async def ask(self, appkey: str, known: bytes = b"") -> Reply:
        """
        Ask once, as `PhoneList.ask` does.

        Raises:
            PhoneListError: As there.
        """
        held = self._held
        held.calls += 1
        try:
            reply = await held.client.ask(appkey, known)
        except (TimedOut, CallBroke):
            if not held.retired:
                self._heard_nothing()
            raise
        except PhoneListError:
            self._heard()
            raise
        finally:
            held.calls -= 1
            if held.retired and not held.calls:
                await held.client.aclose()
        self._heard()
        return reply

    async def aclose(self) -> None:
        """Close the client, whatever is under way."""
        await self._held.client.aclose()

    def _heard(self) -> None:
        """Somebody answered or refused: the client serves."""
        self._silent, self._patience = 0, SILENT

    def _heard_nothing(self) -> None:
        self._silent += 1
        if self._silent < self._patience:
            return
        if self._patience == SILENT:
            self._log.warning("calls only time out: the HTTP client is replaced", calls=self._silent)
        self._silent, self._patience = 0, min(2 * self._patience, MOST_SILENT)
        self._held.retired = True
        self._held = _Held(self._open())
