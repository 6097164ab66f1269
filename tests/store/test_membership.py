"""The rounds of processes that share a store: what each has after them."""

from collections.abc import Collection

from monitor.store.leases import NOBODY, Owned, Replica, View
from monitor.store.membership import UNWILLING_FOR, Membership
from monitor.store.sharing import PATIENCE, SETTLED

LONG = SETTLED


class Database:
    """The leases of all, as the database has them."""

    def __init__(self, **owned: str) -> None:
        self.rows = {account: (holder, 1) for account, holder in owned.items()}
        self.living: list[str] = []

    def view(self) -> View:
        return View(
            tuple(Replica(holder, holder, LONG) for holder in self.living),
            tuple(Owned(account, *row) for account, row in sorted(self.rows.items())),
        )


class Process:
    """One of those that share it."""

    def __init__(self, database: Database, holder: str, wanted: str) -> None:
        self.holder = holder
        self._database = database
        self._wanted = wanted
        self._membership = Membership(self, holder)
        self.gained: list[str] = []
        self.kept = ""
        database.living.append(holder)

    async def round(self) -> None:
        changed = await self._membership.round(self._wanted, self.kept)
        self.gained += changed.gained

    async def renew(self, name: str) -> View:
        return self._database.view()

    async def take(self, accounts: Collection[str]) -> Collection[str]:
        rows = self._database.rows
        free = [account for account in accounts if rows.get(account, (NOBODY, 0))[0] == NOBODY]
        rows.update((account, (self.holder, rows.get(account, (NOBODY, 0))[1] + 1)) for account in free)
        return free

    async def give(self, accounts: Collection[str] | None = None) -> None:
        for account in accounts or ():
            self._database.rows[account] = (NOBODY, self._database.rows[account][1])

    def acts_for(self, account: str) -> bool:
        return self._database.rows[account][0] == self.holder


async def test_what_another_had_for_a_moment_unnoticed_is_gained_anew():
    database = Database()
    process = Process(database, "x", "a")
    await process.round()

    database.rows["a"] = (NOBODY, 2)
    await process.round()

    assert (process.gained, database.rows) == (["a", "a"], {"a": ("x", 3)})


async def test_what_is_kept_is_taken_where_nobody_has_it_and_neither_shared_out_nor_given_away():
    database = Database(a="x", b="x")
    process = Process(database, "x", "a")
    process.kept = "bc"
    database.living.append("y")

    for _ in range(PATIENCE + 1):
        await process.round()

    assert {account: holder for account, (holder, _epoch) in database.rows.items()} == {"a": "x", "b": "x", "c": "x"}


async def test_a_process_that_does_not_take_what_it_is_given_is_given_nothing_more_for_long():
    database = Database(a="x", b="x", c="x", d="y")
    processes = [Process(database, "x", "abc"), Process(database, "y", "d")]

    unwatched = []
    for _ in range(UNWILLING_FOR + PATIENCE):
        for process in processes:
            await process.round()
        unwatched.append(sum(holder == NOBODY for holder, _epoch in database.rows.values()))

    assert (sum(unwatched), unwatched[-1]) == (PATIENCE + 1, 0)


async def test_one_that_takes_what_it_is_given_gets_its_share():
    database = Database(a="x", b="x", c="x", d="x")
    processes = [Process(database, "x", "abcd"), Process(database, "y", "abcd")]

    for _ in range(10):
        for process in processes:
            await process.round()

    assert sorted(holder for holder, _epoch in database.rows.values()) == ["x", "x", "y", "y"]


async def test_one_that_stood_still_when_it_was_given_something_gets_its_share_when_it_goes_on():
    database = Database(a="x", b="x", c="x", d="x")
    processes = [Process(database, "x", "abcd"), Process(database, "y", "abcd")]
    await processes[0].round()  # gives one
    for _ in range(PATIENCE):
        await processes[0].round()

    database.living.remove("y")
    await processes[0].round()  # takes it back
    database.living.append("y")
    for _ in range(10):
        for process in processes:
            await process.round()

    assert sorted(holder for holder, _epoch in database.rows.values()) == ["x", "x", "y", "y"]
