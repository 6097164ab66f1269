"""
What somebody may ask of the running daemon: to poll an app now, to believe what is held back, to reload.

Part of the composition root.  Where several processes share a store whoever is asked sees to it: what concerns an
account is done by the process that watches it, and a reload by all of them.  They are asked through the store, each
looks once a second, and what they answer is what is answered here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import msgspec
import structlog

from monitor.daemon.holding import Holding
from monitor.polling.budget import BudgetClosedError
from monitor.polling.polling import Polling, TooSoonError, UnknownAppError
from monitor.roster.roster import Roster
from monitor.store.errors import StoreError
from monitor.store.requests import Asked, Requests
from monitor.web import collaborators as web

LOOK_EVERY = 1.0  #: seconds between two looks at what is asked of this process,
ASK_EVERY = 0.25  #: and between two at what became of what it has asked itself
TAKEN_WITHIN = 5.0  #: seconds in which another process has to take what it is asked,
DONE_WITHIN = 60.0  #: and in which it has to answer then

POLL, ACCEPT, RELOAD = "poll", "accept", "reload"

Pause = Callable[[float], Awaitable[None]]


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a process answers another."""

    accepted: int = 0
    problem: str | None = None  #: of a reload: why the configuration before stays in force
    refused: str = ""  #: what kept it from being done: a key of `_refused`, or empty
    text: str = ""  #: why
    wait: float = 0.0  #: seconds until it may be asked again


class Orders:
    """The web's `Poller`, `Accepter` and `Reloader`."""

    def __init__(
        self,
        *,
        polling: Polling,
        roster: Roster,
        holding: Holding,
        reload: Callable[[], Awaitable[str | None]],
        requests: Requests | None,
        flush: Callable[[], Awaitable[None]],
        log: structlog.typing.FilteringBoundLogger,
        pause: Pause = asyncio.sleep,
    ) -> None:
        """
        Args:
            polling: Polls what is watched here.
            roster: Its lists of apps.
            holding: Which accounts are.
            reload: Takes over the configuration on disk, or returns why not.
            requests: To and from the other processes; None where there can be none.
            flush: Writes down when which app answered, so that the others see it.
            log: What was done on whose word, and what broke.
            pause: Waits so many seconds.
        """
        self._polling = polling
        self._roster = roster
        self._holding = holding
        self._reload = reload
        self._requests = requests
        self._flush = flush
        self._log = log
        self._pause = pause
        self._looking: asyncio.Task[None] | None = None
        self._carried: set[asyncio.Task[None]] = set()

    async def poll_now(self, account: str, appkey: str) -> object:
        """Poll an app; raises what `web.Poller` does."""
        if self._requests is not None and self._holding.is_elsewhere(account):
            return await self._of_owner(self._requests, account, POLL, {"appkey": appkey})
        return await self._poll(account, appkey)

    async def accept(self, account: str, user: str) -> int:
        """Believe what is held back in an account; raises what `web.Accepter` does."""
        if self._requests is not None and self._holding.is_elsewhere(account):
            return (await self._of_owner(self._requests, account, ACCEPT, {"user": user})).accepted
        return await self._accept(account, user)

    async def reload(self) -> str | None:
        """Take over the configuration as it is on disk now, at every process; why one did not, a line a fault."""
        if self._requests is None:
            return await self._reload()
        others = self._holding.others()
        asked = (self._reloaded(self._requests, holder, name) for holder, name in sorted(others.items()))
        problems = await asyncio.gather(self._reload(), *asked)
        return "\n".join(problem for problem in problems if problem is not None) or None

    def start(self) -> None:
        """Look at what other processes ask."""
        if self._requests is not None:
            self._looking = asyncio.create_task(self._look(self._requests))

    async def stop(self) -> None:
        """Take nothing more; what is being done is answered if it is done in time."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def look(self, requests: Requests) -> None:
        """Take what is asked of this process, and begin to carry it out; raises StoreError."""
        for asked in await requests.take(self._holding.accounts()):
            task = asyncio.create_task(self._carry_out(requests, asked))
            self._carried.add(task)
            task.add_done_callback(self._carried.discard)

    async def _poll(self, account: str, appkey: str) -> object:
        try:
            return await self._polling.poll_now(account, appkey)
        except UnknownAppError as error:
            raise self._unknown(account, str(error)) from None
        except TooSoonError as error:
            raise web.TooSoonError(error.wait) from None
        except BudgetClosedError:
            if self._holding.is_elsewhere(account):
                raise _silent(account) from None
            raise web.StoppingError("the daemon is stopping") from None

    async def _accept(self, account: str, user: str) -> int:
        unknown = f"no account {account!r} in the configuration"
        if self._polling.account(account) is None:
            raise self._unknown(account, unknown)
        try:
            accepted = await self._roster.accept(account) + await self._polling.accept(account)
        except UnknownAppError:
            raise self._unknown(account, unknown) from None
        self._log.warning("held-back answers accepted", account=account, user=user, accepted=accepted)
        return accepted

    def _unknown(self, account: str, text: str) -> Exception:
        """There is no such thing; or it has changed hands just now, and is another's to know."""
        return _silent(account) if self._holding.is_elsewhere(account) else web.UnknownTargetError(text)

    async def _of_owner(self, requests: Requests, account: str, kind: str, body: Mapping[str, str]) -> Reply:
        reply = await self._answered(requests, kind, body, account=account)
        if reply is None:
            raise _silent(account)
        if reply.refused:
            raise _refused(reply)
        return reply

    async def _reloaded(self, requests: Requests, holder: str, name: str) -> str | None:
        try:
            reply = await self._answered(requests, RELOAD, {}, holder=holder)
        except StoreError as error:
            return f"{name} could not be asked: {error}"
        problem = "no answer" if reply is None else reply.problem
        return None if problem is None else "\n".join(f"{name}: {line}" for line in problem.splitlines())

    async def _answered(
        self, requests: Requests, kind: str, body: Mapping[str, str], *, account: str = "", holder: str = ""
    ) -> Reply | None:
        """What another process answers; None where none does in time."""
        text = msgspec.json.encode(body).decode()
        asked = await requests.ask(kind, text, within=round(TAKEN_WITHIN * 1000), account=account, holder=holder)
        waited = 0.0
        while True:
            await self._pause(ASK_EVERY)
            waited += ASK_EVERY
            progress = await requests.progress(asked)
            if progress.answer is not None:
                return msgspec.json.decode(progress.answer, type=Reply)
            if progress.taken and waited >= DONE_WITHIN:
                return None
            if not progress.taken and waited >= TAKEN_WITHIN and await requests.withdraw(asked):
                return None

    async def _look(self, requests: Requests) -> None:
        while True:
            with suppress(StoreError):  # whoever writes next says so
                await self.look(requests)
            await self._pause(LOOK_EVERY)

    async def _carry_out(self, requests: Requests, asked: Asked) -> None:
        try:
            reply = await self._done(asked)
        except (web.UnknownTargetError, web.TooSoonError, web.StoppingError, web.OwnerSilentError, StoreError) as error:
            wait = error.wait if isinstance(error, web.TooSoonError) else 0.0
            reply = Reply(refused=type(error).__name__, text=str(error), wait=wait)
        except Exception as error:  # noqa: BLE001  # the top of a request: whoever waits for it is told
            self._log.exception("what another process asked for broke", asked=asked.kind, account=asked.account)
            reply = Reply(refused=type(error).__name__, text="something broke while it was done; the log says what")
        try:
            await requests.answer(asked.id, msgspec.json.encode(reply).decode())
        except StoreError as error:
            self._log.warning("answer to another process lost", asked=asked.kind, reason=str(error))

    async def _done(self, asked: Asked) -> Reply:
        body = msgspec.json.decode(asked.body, type=dict[str, str])
        if asked.kind == POLL:
            await self._poll(asked.account, body["appkey"])
            await self._flush()
            return Reply()
        if asked.kind == ACCEPT:
            return Reply(accepted=await self._accept(asked.account, body["user"]))
        return Reply(problem=await self._reload())


def _silent(account: str) -> web.OwnerSilentError:
    return web.OwnerSilentError(
        f"no process that watches account {account!r} answers at this moment: try again in half a minute"
    )


def _refused(reply: Reply) -> Exception:
    """The error that the other process answered with."""
    if reply.refused == web.TooSoonError.__name__:
        return web.TooSoonError(reply.wait)
    kinds: Mapping[str, type[Exception]] = {
        kind.__name__: kind for kind in (web.UnknownTargetError, web.StoppingError, web.OwnerSilentError)
    }
    return kinds.get(reply.refused, StoreError)(reply.text)
