"""
What this process owns, as far as it can tell without asking.

The database's clock ends a lease; this one, which is our own and never jumps, ends our acting on it before, whatever
the database does or does not answer.
"""

from collections.abc import Callable, Collection, Mapping
from weakref import ref

from sqlalchemy import Connection, RootTransaction

from monitor.store import leases
from monitor.store.errors import LeaseLost
from monitor.store.leases import ACT_FOR, of

EVERYTHING = ""  #: the account that stands for all: whoever owns it is alone


class Tenure:
    """The accounts that are ours; for the event loop alone."""

    def __init__(self, holder: str, monotonic: Callable[[], float]) -> None:
        """
        Args:
            holder: Who we are: random, and never used before.
            monotonic: Seconds.
        """
        self.holder = holder
        self._monotonic = monotonic
        self._epochs: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def renewed(self, epochs: Mapping[str, int], asked: float) -> None:
        """
        These are ours, and no others.

        Args:
            epochs: By account.
            asked: When we began to ask, by `monotonic`.
        """
        self._epochs, self._until = {}, {}
        self.taken(epochs, asked)

    def taken(self, epochs: Mapping[str, int], asked: float) -> None:
        """These are ours too; the arguments are those of `renewed`."""
        self._epochs.update(epochs)
        self._until.update(dict.fromkeys(epochs, asked + ACT_FOR))

    def given(self, accounts: Collection[str]) -> None:
        """These are ours no longer."""
        for account in accounts:
            self._epochs.pop(account, None)
            self._until.pop(account, None)

    def acts_for(self, account: str) -> bool:
        """Whether it is ours, and we know that surely enough to act."""
        return self._monotonic() < self._until.get(account, float("-inf"))

    def accounts(self) -> frozenset[str]:
        """All that we act for at this moment."""
        return frozenset(account for account in self._epochs if self.acts_for(account))

    def epochs(self, accounts: Collection[str]) -> dict[str, int]:
        """
        What the transaction that writes of these accounts has to find.

        Raises:
            LeaseLost: One of them is not ours.
        """
        for account in accounts:
            if not self.acts_for(account):
                raise LeaseLost(f"{of(account)} is not this process's at this moment: nothing of it is recorded here")
        return {account: self._epochs[account] for account in accounts}


class Fence:
    """Looks once a transaction whether accounts are ours still; for the writer's thread alone."""

    def __init__(self, holder: str) -> None:
        self._holder = holder
        self._transaction: ref[RootTransaction] | None = None
        self._passed: dict[str, int] = {}

    def check(self, connection: Connection, epochs: Mapping[str, int]) -> None:
        """
        Let what follows in this transaction be written by the accounts' owner only.

        Raises:
            LeaseLost: One is another's by now.
        """
        transaction = connection.get_transaction()
        assert transaction is not None
        if self._transaction is None or self._transaction() is not transaction:
            self._transaction, self._passed = ref(transaction), {}
        unknown = {account: epoch for account, epoch in epochs.items() if self._passed.get(account) != epoch}
        if unknown:
            leases.check(connection, self._holder, unknown)
            self._passed.update(unknown)
