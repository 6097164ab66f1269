"""This process among those that share a store: a round every few seconds, in which it renews, takes and gives."""

from collections.abc import Collection
from typing import Protocol

import msgspec

from monitor.store.leases import NOBODY, View
from monitor.store.sharing import Moves, share

UNWILLING_FOR = 720  #: rounds, an hour, in which nothing is given to a process that did not take what it was given


class Shared(Protocol):
    """Where the leases are: `monitor.store.store.Store`.  All raise StoreError."""

    holder: str

    async def renew(self, name: str) -> View:
        """Say that this process lives, and renew what it owns."""

    async def take(self, accounts: Collection[str]) -> Collection[str]:
        """Take what nobody owns; which ones were."""

    async def give(self, accounts: Collection[str] | None = None) -> None:
        """Let others have these, or all."""

    def acts_for(self, account: str) -> bool:
        """Whether this process may act for it at this moment."""


class Round(msgspec.Struct, frozen=True):
    """What a round has changed."""

    gained: tuple[str, ...]  #: to be restored, shown and polled from now on; it may have been ours before, too
    lost: tuple[str, ...]  #: to be polled and shown no longer
    view: View


class Membership:
    """What was ours in the last round, and how long the others wait for an owner."""

    def __init__(self, store: Shared, name: str) -> None:
        """
        Args:
            name: Of this process, for people: the machine's, the pod's.
        """
        self._store = store
        self._name = name
        self._mine: frozenset[str] = frozenset()
        self._waited: dict[str, int] = {}
        self._meant: dict[str, str] = {}  # what was given, until somebody has it: for whom it was meant
        self._unwilling: dict[str, int] = {}  # for how many rounds yet

    async def round(self, wanted: Collection[str], kept: Collection[str] = ()) -> Round:
        """
        Renew, take what is nobody's and our turn, give what another is to have; to be called each `RENEW_EVERY`.

        Args:
            wanted: The accounts of the configuration.  What is ours and not among them is given away,
            kept: but for these; they are taken where nobody owns them, and not shared out.

        Raises:
            StoreError: Nothing has changed, and nothing was renewed: `lost` tells what that means.
        """
        view = await self._store.renew(self._name)
        held = view.epochs(self._store.holder).keys()
        moves = share(self._store.holder, view, {*wanted, *(set(kept) - held)}, self._waited, self._unwilling)
        given = {*moves.give, *(held - {*wanted, *kept})}
        if given:
            await self._store.give(given)
        taken = await self._store.take(moves.take) if moves.take else ()
        owned = {each.account for each in view.owned if each.holder != NOBODY}
        self._waited = {
            account: self._waited.get(account, 0) + 1 for account in {*wanted, *kept} if account not in owned | {*taken}
        }
        self._learn(moves, taken, view)
        return self._changed(frozenset((held - given) | {*taken}), frozenset(taken), view)

    def lapsed(self) -> tuple[str, ...]:
        """What was ours and has not been renewed for too long: another may own it soon.  To be asked each second."""
        acting = frozenset(account for account in self._mine if self._store.acts_for(account))
        lost = tuple(sorted(self._mine - acting))
        self._mine = acting
        return lost

    async def leave(self) -> None:
        """Give everything: the process ends."""
        self._mine = frozenset()
        await self._store.give()

    def _learn(self, moves: Moves, taken: Collection[str], view: View) -> None:
        """Who lives and did not take what was meant for it: another has it by now, or this process again."""
        living = {replica.holder for replica in view.replicas}
        self._unwilling = {holder: rounds - 1 for holder, rounds in self._unwilling.items() if rounds > 1}
        holders = {each.account: each.holder for each in view.owned} | dict.fromkeys(taken, self._store.holder)
        for account, meant in list(self._meant.items()):
            if holders.get(account, NOBODY) != NOBODY:
                del self._meant[account]
                if holders[account] != meant and meant in living:  # one that stood still may well be willing
                    self._unwilling[meant] = UNWILLING_FOR
        self._meant |= dict.fromkeys(moves.give, moves.to)

    def _changed(self, mine: frozenset[str], taken: frozenset[str], view: View) -> Round:
        # What was taken was not ours a moment ago, though we may not have noticed: it is to be restored.
        before, self._mine = self._mine - taken, mine
        return Round(tuple(sorted(mine - before)), tuple(sorted(before - mine)), view)
