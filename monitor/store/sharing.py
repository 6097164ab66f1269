"""
Who is to own which account: what one process takes and gives away, from what it sees of all.

Pure: no clock, no I/O.  Every process decides for itself, once a round, from the same rows; those that see the same
decide so that no two want the same account, and where they see different things the database lets one win.

What nobody owns is taken at once, by those who own least.  What somebody owns moves slowly, since each move costs a
restart of the account's polls: one account at a time in the whole fleet, from who owns most to who owns least, and only
to a process that has lived for a while.  What is given to one whose configuration does not have it comes back: nothing
is given to that one for a long time then, since until it comes back nobody watches it.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from monitor.store.leases import NOBODY, View

SETTLED = 20_000  #: milliseconds that a process has lived before others give anything up for it
PATIENCE = 3  #: rounds that an account is nobody's before another takes it than the one whose turn it is


class Moves(msgspec.Struct, frozen=True):
    """What a process does about accounts in this round."""

    take: tuple[str, ...] = ()
    give: tuple[str, ...] = ()
    to: str = NOBODY  #: whose it is to be then


def share(
    me: str, view: View, wanted: Collection[str], waited: Mapping[str, int], unwilling: Collection[str] = ()
) -> Moves:
    """
    Decide.

    Args:
        me: Who decides; it is among the view's replicas.
        view: What it sees.
        wanted: The accounts that it is able to own: those of its configuration.
        waited: For how many rounds before this one it has seen accounts that nobody owned.
        unwilling: Processes that did not take what they were given.
    """
    living = [replica.holder for replica in view.replicas]
    held = {each.account: each.holder for each in view.owned if each.holder != NOBODY}
    counts = Counter(dict.fromkeys(living, 0))
    counts.update(held.values())
    free = sorted(account for account in wanted if account not in held)
    if free:
        mine = {account for account, whose in _turns(free, living, counts) if whose == me}
        mine.update(account for account in free if waited.get(account, 0) >= PATIENCE)
        return Moves(take=tuple(sorted(mine)))
    settled = [each.holder for each in view.replicas if each.age >= SETTLED and each.holder not in unwilling]
    most = max(living, key=lambda holder: (counts[holder], holder))
    least = min(settled, key=lambda holder: (counts[holder], holder), default=most)
    if most != me or counts[most] - counts[least] < 2:
        return Moves()
    own = sorted(account for account, holder in held.items() if holder == me and account in wanted)
    return Moves(give=tuple(sorted(own, key=lambda account: _weight(account, least))[-1:]), to=least)


def _turns(free: Sequence[str], living: Sequence[str], counts: Counter[str]) -> Iterator[tuple[str, str]]:
    """Whose turn each account is: always who has least by then, and among equals as chance once threw it."""
    after = Counter(counts)
    for account in free:
        whose = min(living, key=lambda holder: (after[holder], -_weight(account, holder)))
        after[whose] += 1
        yield account, whose


def _weight(account: str, holder: str) -> int:
    """A number that looks random, and is the same for the same two for ever."""
    digest = hashlib.blake2b(f"{account}\0{holder}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")
