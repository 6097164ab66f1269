"""What somebody asks of the daemon is done here, or by the process that watches the account."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import pytest
import structlog

from monitor.daemon.orders import ASK_EVERY, DONE_WITHIN, TAKEN_WITHIN, Orders
from monitor.polling.budget import BudgetClosedError
from monitor.polling.polling import TooSoonError, UnknownAppError
from monitor.store.errors import StoreError, StoreUnavailable
from monitor.store.requests import Asked, Progress
from monitor.web import collaborators as web


class Table:
    """The rows that processes share."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.down = False


class Requests:
    """One process's way to them."""

    def __init__(self, table: Table, holder: str) -> None:
        self._table = table
        self._holder = holder

    async def ask(self, kind: str, body: str, *, within: int, account: str = "", holder: str = "") -> str:
        if self._table.down:
            raise StoreUnavailable("the store is away")
        identity = str(len(self._table.rows))
        row = {"kind": kind, "body": body, "account": account, "holder": holder, "taken": False, "answer": None}
        self._table.rows[identity] = row
        return identity

    async def progress(self, identity: str) -> Progress:
        row = self._table.rows[identity]
        return Progress(row["taken"], row["answer"])

    async def withdraw(self, identity: str) -> bool:
        return not self._table.rows[identity]["taken"]

    async def take(self, accounts: Collection[str]) -> list[Asked]:
        found = []
        for identity, row in self._table.rows.items():
            if not row["taken"] and (row["account"] in accounts or row["holder"] == self._holder):
                row["taken"] = True
                found.append(Asked(identity, row["account"], row["kind"], row["body"]))
        return found

    async def answer(self, identity: str, answer: str) -> None:
        self._table.rows[identity]["answer"] = answer


class Process:
    """One daemon, as far as orders go: what it was asked to do is in `done`."""

    def __init__(self, name: str, *accounts: str, table: Table | None = None, others: Collection[str] = ()) -> None:
        self.mine = set(accounts)
        self.done: list[str] = []
        self.error: Exception | None = None
        self.problem: str | None = None
        self.waited = 0.0
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self._others = {other: f"process 1 on {other}" for other in others}
        self.requests: Any = Requests(table, name) if table is not None else None
        polling, roster, holding = _Polling(self), _Roster(), _Holding(self)
        self.orders = Orders(
            polling=polling,  # type: ignore[arg-type]  # what is asked of each
            roster=roster,  # type: ignore[arg-type]
            holding=holding,  # type: ignore[arg-type]
            reload=self.reload,
            requests=self.requests,  # type: ignore[arg-type]  # likewise
            flush=self.flush,
            log=structlog.wrap_logger(structlog.ReturnLogger()),
            pause=self.pause,
        )

    async def reload(self) -> str | None:
        self.done.append("reload")
        return self.problem

    async def flush(self) -> None:
        self.act("flush")

    async def pause(self, seconds: float) -> None:
        self.waited += seconds
        if self.meanwhile is not None:
            await self.meanwhile()
        await asyncio.sleep(0)

    def act(self, what: str) -> None:
        if self.error is not None:
            raise self.error
        self.done.append(what)


class _Polling:
    def __init__(self, process: Process) -> None:
        self._process = process

    async def poll_now(self, account: str, appkey: str) -> object:
        self._process.act(f"poll {account} {appkey}")
        return None

    async def accept(self, account: str) -> int:
        self._process.act(f"accept {account}")
        return 2

    def account(self, name: str) -> object:
        return object() if name in self._process.mine else None


class _Roster:
    async def accept(self, account: str) -> int:
        return 1


class _Holding:
    def __init__(self, process: Process) -> None:
        self._process = process

    def is_elsewhere(self, account: str) -> bool:
        return self._process.requests is not None and account not in self._process.mine

    def accounts(self) -> Collection[str]:
        return self._process.mine

    def others(self) -> Mapping[str, str]:
        return self._process._others


@pytest.fixture
def pair() -> tuple[Process, Process]:
    """One that is asked, and watches nothing; one that watches account a, and looks while the other waits."""
    table = Table()
    asked, owner = Process("x", table=table, others=["y"]), Process("y", "a", table=table, others=["x"])

    async def look() -> None:
        await owner.orders.look(owner.requests)

    asked.meanwhile = look
    return asked, owner


async def test_what_is_watched_here_is_done_here():
    process = Process("x", "a")

    await process.orders.poll_now("a", "shop")
    accepted = await process.orders.accept("a", "ops")
    reloaded = await process.orders.reload()

    assert (process.done, accepted, reloaded) == (["poll a shop", "accept a", "reload"], 3, None)


async def test_what_another_watches_is_done_by_it_and_answered_as_it_does(pair):
    asked, owner = pair

    await asked.orders.poll_now("a", "shop")
    accepted = await asked.orders.accept("a", "ops")

    assert (asked.done, owner.done, accepted) == ([], ["poll a shop", "flush", "accept a"], 3)


@pytest.mark.parametrize(
    ("error", "refusal", "sentence"),
    [
        pytest.param(UnknownAppError("no app"), web.UnknownTargetError, "^no app$", id="no such app"),
        pytest.param(TooSoonError(3.0), web.TooSoonError, "try again in 3 s$", id="too soon"),
        pytest.param(BudgetClosedError(), web.StoppingError, "^the daemon is stopping$", id="stopping"),
        pytest.param(StoreUnavailable("disk full"), StoreError, "^disk full$", id="its store"),
        pytest.param(RuntimeError("secret"), StoreError, "^something broke while it was done; the log says what$"),
    ],
)
async def test_what_the_owner_refuses_is_refused_in_its_words(pair, error, refusal, sentence):
    asked, owner = pair
    owner.error = error

    with pytest.raises(refusal, match=sentence):
        await asked.orders.poll_now("a", "shop")


async def _poll(orders: Orders) -> object:
    return await orders.poll_now("a", "shop")


async def _accept(orders: Orders) -> object:
    return await orders.accept("a", "ops")


@pytest.mark.parametrize("order", [_poll, _accept])
async def test_what_changes_hands_while_it_is_asked_for_is_not_said_to_be_unknown(pair, order):
    asked, owner = pair
    act = owner.act

    def lose(what: str) -> None:
        owner.mine.clear()
        act(what)

    owner.act, owner.error = lose, UnknownAppError("no app")

    with pytest.raises(web.OwnerSilentError, match="answers at this moment"):
        await order(asked.orders)


async def test_accepting_for_an_account_that_is_configured_no_more_says_so():
    process = Process("x", "a")
    process.error = UnknownAppError("no account")

    with pytest.raises(web.UnknownTargetError, match="no account 'a' in the configuration"):
        await process.orders.accept("a", "ops")


async def test_an_owner_that_takes_nothing_is_not_waited_for(pair):
    asked, _ = pair
    asked.meanwhile = None

    with pytest.raises(web.OwnerSilentError, match="no process that watches account 'a' answers at this moment"):
        await asked.orders.accept("a", "ops")

    assert asked.waited == pytest.approx(TAKEN_WITHIN)


async def test_an_owner_that_takes_and_never_answers_is_not_waited_for_either(pair):
    asked, owner = pair

    async def take() -> None:
        await owner.requests.take(["a"])

    asked.meanwhile = take

    with pytest.raises(web.OwnerSilentError):
        await asked.orders.poll_now("a", "shop")

    assert asked.waited == pytest.approx(DONE_WITHIN, abs=ASK_EVERY)


async def test_what_cannot_be_asked_says_why(pair):
    asked, _ = pair
    asked.requests._table.down = True

    with pytest.raises(StoreUnavailable):
        await asked.orders.accept("a", "ops")


async def test_a_reload_is_done_by_all_and_says_who_did_not(pair):
    asked, owner = pair
    assert (await asked.orders.reload(), asked.done, owner.done) == (None, ["reload"], ["reload"])

    owner.problem = "accounts: missing\npoll: missing"
    assert await asked.orders.reload() == "process 1 on y: accounts: missing\nprocess 1 on y: poll: missing"

    asked.meanwhile, asked.problem = None, "web: missing"
    assert await asked.orders.reload() == "web: missing\nprocess 1 on y: no answer"

    asked.requests._table.down = True
    assert await asked.orders.reload() == "web: missing\nprocess 1 on y could not be asked: the store is away"


async def test_the_task_looks_again_and_again_until_it_is_stopped(pair):
    asked, owner = pair
    asked.meanwhile = None
    owner.orders.start()

    await asked.orders.poll_now("a", "shop")
    await owner.orders.stop()

    assert owner.done == ["poll a shop", "flush"]
