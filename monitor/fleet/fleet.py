"""
The fleet: what is known of every app at this moment, the one mutable thing of the domain.

It keeps an index by number, and its counts as they change, so that what a decision asks of the rest of its account
costs the same for three apps and for a thousand.  It decides nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from monitor.fleet.answer import FailureReason
from monitor.fleet.app import App
from monitor.fleet.siblings import Counts, Place, Siblings
from monitor.fleet.snapshot import AccountState, Entry, Snapshot

AppKey = tuple[str, str]  #: (account, appkey)


class Watched(msgspec.Struct, frozen=True, gc=False):
    """An app and what is known of it."""

    app: App
    snapshot: Snapshot
    recorded: bool = True  #: False: the store does not have this snapshot
    unsettled: bool = True  #: something beside the app's own answers asks for a decision
    quiet: bool = False  #: nothing of the app's own waits for its next answer


class Fleet:
    """All apps of all accounts; an app is known by (account, appkey)."""

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}

    @property
    def accounts(self) -> tuple[str, ...]:
        """The names of all accounts met so far."""
        return tuple(self._accounts)

    def add(self, app: App, snapshot: Snapshot = Snapshot()) -> None:  # noqa: B008 - a frozen value
        """
        Begin to watch an app; its next answer is decided whatever it says.

        Args:
            app: Not watched yet.
            snapshot: what the store remembers of it, its words shared (`words.shared`).
        """
        self._account(app.account).put(Watched(app, snapshot))

    def update(self, app: App) -> None:
        """Take over a changed name, interval or labels; the store has yet to be told."""
        watched = self._known(app.key)
        self._account(app.account).put(msgspec.structs.replace(watched, app=app, recorded=False, unsettled=True))

    def remove(self, key: AppKey) -> None:
        """Forget an app; no error when it is not watched."""
        account = self._accounts.get(key[0])
        if account is not None:
            account.take(key[1])

    def knows(self, account: str) -> bool:
        """Whether anything is known of an account."""
        return account in self._accounts

    def forget(self, account: str) -> None:
        """Know nothing of an account any more; no error when nothing is known."""
        self._accounts.pop(account, None)

    def replace(self, app: App, snapshot: Snapshot, *, recorded: bool = True) -> None:
        """
        Take over what a decision made of an app; `recorded` is False until the store has it.

        Apps elsewhere in the account that hold a number whose entry changed are decided at their next poll.
        """
        self._account(app.account).put(
            Watched(app, snapshot, recorded=recorded, unsettled=False, quiet=is_quiet(snapshot))
        )

    def record(self, key: AppKey, snapshot: Snapshot) -> None:
        """The store has this snapshot of the app now; nothing happens where another one is known since."""
        watched = self.get(key)
        if watched is not None and watched.snapshot is snapshot:
            self._account(key[0]).put(msgspec.structs.replace(watched, recorded=True))

    def seen(self, key: AppKey, started: int) -> None:
        """An answer that was equal to the last one came: nothing but the moment of success moves."""
        self._account(key[0]).seen(key[1], started)

    def get(self, key: AppKey) -> Watched | None:
        """The app with what is known of it; None when it is not watched."""
        account = self._accounts.get(key[0])
        return account.apps.get(key[1]) if account is not None else None

    def settled(self, key: AppKey, at: int) -> bool:
        """
        Whether an answer equal to the last one would tell nothing and change nothing.

        Not before the app was decided once, nor while anything of it waits, its account is told unreachable or
        suspect, or the clock has been set back.
        """
        watched = self._known(key)
        if watched.unsettled or not watched.recorded or not watched.quiet:
            return False
        account = self._accounts[key[0]]
        if account.state.unreachable is not None or account.state.suspect_since is not None:
            return False
        snapshot = watched.snapshot
        if snapshot.last_success is None or snapshot.last_success > at:
            return False
        return snapshot.due_at is None or snapshot.due_at > at

    def unsettle(self, keys: Iterable[AppKey] | None = None) -> None:
        """Have the next answer of these apps decided whatever it says; None: of all, for the policy changed."""
        for key in [watched.app.key for watched in self.watched()] if keys is None else keys:
            account = self._accounts.get(key[0])
            if account is not None:
                account.unsettle(key[1])

    def count(self, account: str | None = None) -> int:
        """How many apps are watched."""
        return sum(len(self._accounts[name].apps) for name in self._names(account))

    def apps(self, account: str | None = None) -> list[App]:
        """The apps of one account, or of all."""
        return [watched.app for watched in self.watched(account)]

    def watched(self, account: str | None = None) -> Iterator[Watched]:
        """The apps of one account, or of all, with what is known of them; the fleet may change meanwhile."""
        for name in self._names(account):
            yield from list(self._accounts[name].apps.values())

    def account(self, name: str) -> AccountState:
        """What is known of the account as a whole."""
        known = self._accounts.get(name)
        return known.state if known is not None else AccountState()

    def replace_account(self, name: str, state: AccountState) -> None:
        """Take over what a decision made of the account."""
        self._account(name).state = state

    def siblings(self, app: App) -> Siblings:
        """The rest of the app's account; true until the fleet changes."""
        return _Rest(self._account(app.account), app.appkey)

    def find(self, number: str, account: str | None = None) -> Iterator[tuple[App, Entry]]:
        """Every entry of a number (normalised), in one account or in all."""
        for name in self._names(account):
            for place in self._accounts[name].places(number, without=None):
                yield place.app, place.entry

    def numbers(self) -> Iterator[str]:
        """Every number that an app lists or did list, once an account; the fleet must not change meanwhile."""
        for account in self._accounts.values():
            yield from account.numbers

    def _names(self, account: str | None) -> list[str]:
        if account is None:
            return list(self._accounts)
        return [account] if account in self._accounts else []

    def _known(self, key: AppKey) -> Watched:
        watched = self.get(key)
        if watched is None:
            raise LookupError(f"app {key[1]!r} of account {key[0]!r} is not watched")
        return watched

    def _account(self, name: str) -> "_Account":
        account = self._accounts.get(name)
        if account is None:
            account = self._accounts[name] = _Account()
        return account


def is_quiet(snapshot: Snapshot) -> bool:
    """Whether nothing of the app waits for its next answer: no streak, no suspicion, no entry in doubt."""
    if not snapshot.baselined or snapshot.failures or snapshot.suspicion is not None or snapshot.accept:
        return False
    return not any(entry.ambiguous or entry.marks.in_doubt for entry in snapshot.entries.values())


class _Account:
    """The apps of one account, with what would be slow to count anew."""

    def __init__(self) -> None:
        self.state = AccountState()
        self.apps: dict[str, Watched] = {}
        self.failing: Counter[FailureReason] = Counter()
        self.suspect = 0
        self.last_answer: int | None = None
        self._by_number = _Index()  # tombstones too: a number that shows up elsewhere has moved
        self._by_waba = _Index()
        self._wabas: dict[str, tuple[str, ...]] = {}  # of each app: few, so that its entries are found by key

    def put(self, watched: Watched) -> None:
        """Watch the app, instead of what was known of it."""
        appkey = watched.app.appkey
        before = self.apps.get(appkey)
        self._count(before, -1)
        self._count(watched, 1)
        self.apps[appkey] = watched
        old = before.snapshot if before is not None else Snapshot()
        new = watched.snapshot
        answered = _answered(new)
        if answered is not None and answered != _answered(old):
            restored = before is None and self.last_answer is not None
            self.last_answer = max(answered, self.last_answer or 0) if restored else answered
        if old.entries is new.entries and old.gone is new.gone:
            return
        self._reindex(appkey, old, new)
        if before is not None:  # an app just added is decided before what it holds means anything to others
            self._unsettle_others(appkey, old, new)

    def take(self, appkey: str) -> None:
        """Watch the app no longer."""
        watched = self.apps.get(appkey)
        if watched is None:
            return
        self._count(watched, -1)
        self._reindex(appkey, watched.snapshot, Snapshot())
        self._unsettle_others(appkey, watched.snapshot, Snapshot())
        del self.apps[appkey]
        self._wabas.pop(appkey, None)

    def seen(self, appkey: str, started: int) -> None:
        watched = self.apps[appkey]
        snapshot = msgspec.structs.replace(watched.snapshot, last_success=started)
        self.apps[appkey] = msgspec.structs.replace(watched, snapshot=snapshot)
        self.last_answer = started

    def unsettle(self, appkey: str) -> None:
        watched = self.apps.get(appkey)
        if watched is not None and not watched.unsettled:
            self.apps[appkey] = msgspec.structs.replace(watched, unsettled=True)

    def places(self, number: str, without: str | None) -> Iterator[Place]:
        """The number's entries, but for one app's."""
        for watched in self._holders(self._by_number.holders(number), without):
            for waba_id in self._wabas[watched.app.appkey]:
                entry = watched.snapshot.entries.get((waba_id, number))
                if entry is not None:
                    yield Place(watched.app, entry)

    @property
    def numbers(self) -> Iterable[str]:
        """Every number that an app lists, or did list."""
        return self._by_number.values

    def is_only_in(self, appkey: str, number: str) -> bool:
        """Whether no other app lists the number, nor ever did: so it is with nearly all."""
        return self._by_number.is_only(appkey, number)

    def waba_places(self, waba_id: str, without: str) -> Iterator[Place]:
        """The WABA's entries, but for one app's."""
        for watched in self._holders(self._by_waba.holders(waba_id), without):
            for key, entry in watched.snapshot.entries.items():
                if key[0] == waba_id:
                    yield Place(watched.app, entry)

    def _holders(self, appkeys: tuple[str, ...], without: str | None) -> Iterator[Watched]:
        return (self.apps[appkey] for appkey in appkeys if appkey != without)

    def _count(self, watched: Watched | None, step: int) -> None:
        if watched is None:
            return
        if watched.snapshot.failure is not None:
            self.failing[watched.snapshot.failure.reason] += step
        self.suspect += step * watched.snapshot.suspect

    def _reindex(self, appkey: str, old: Snapshot, new: Snapshot) -> None:
        if old.entries.keys() == new.entries.keys() and old.gone.keys() == new.gone.keys():
            return
        wabas = {key[0] for key in new.entries}
        self._by_number.update(appkey, _numbers(old), _numbers(new))
        self._by_waba.update(appkey, set(self._wabas.get(appkey, ())), wabas)
        self._wabas[appkey] = tuple(sorted(wabas))

    def _unsettle_others(self, appkey: str, old: Snapshot, new: Snapshot) -> None:
        """Have every other entry of a number whose entry changed decided, the app's own under another WABA too."""
        wabas = self._wabas.get(appkey, ())
        for key in old.entries.keys() | new.entries.keys():
            alone = len(wabas) < 2 and self._by_number.is_only(appkey, key[1])
            if alone or old.entries.get(key) is new.entries.get(key):
                continue
            for holder in self._by_number.holders(key[1]):
                if holder != appkey or any((waba, key[1]) in new.entries for waba in wabas if waba != key[0]):
                    self.unsettle(holder)


def _answered(snapshot: Snapshot) -> int | None:
    """Start of the app's last answer, believed or not."""
    return snapshot.last_answer if snapshot.last_answer is not None else snapshot.last_success


def _numbers(snapshot: Snapshot) -> set[str]:
    return {key[1] for key in snapshot.entries} | {key[1] for key in snapshot.gone}


class _Index:
    """Which apps hold a number or a WABA.  One holder is the rule, and is kept without a container of its own."""

    def __init__(self) -> None:
        self._holders: dict[str, str | tuple[str, ...]] = {}

    def holders(self, value: str) -> tuple[str, ...]:
        held = self._holders.get(value, ())
        return (held,) if isinstance(held, str) else held

    @property
    def values(self) -> Iterable[str]:
        return self._holders.keys()

    def is_only(self, appkey: str, value: str) -> bool:
        return self._holders.get(value, appkey) == appkey

    def update(self, appkey: str, before: set[str], after: set[str]) -> None:
        for value in before - after:
            self._set(value, tuple(other for other in self.holders(value) if other != appkey))
        for value in after - before:
            if self._holders.setdefault(value, appkey) != appkey:
                self._set(value, (*self.holders(value), appkey))

    def _set(self, value: str, holders: tuple[str, ...]) -> None:
        if not holders:
            del self._holders[value]
        else:
            self._holders[value] = holders[0] if len(holders) == 1 else holders


class _Rest:
    """An account as one of its apps sees it."""

    def __init__(self, account: _Account, appkey: str) -> None:
        self._account = account
        self._appkey = appkey

    @property
    def state(self) -> AccountState:
        return self._account.state

    @property
    def last_answer(self) -> int | None:
        return self._account.last_answer

    @property
    def others(self) -> Counts:
        own = self._account.apps.get(self._appkey)
        if own is None:
            return Counts(len(self._account.apps), self._failing(), self._account.suspect)
        failure = own.snapshot.failure
        return Counts(
            len(self._account.apps) - 1,
            self._failing(failure.reason if failure is not None else None),
            self._account.suspect - own.snapshot.suspect,
        )

    def elsewhere(self, number: str) -> Iterable[Place]:
        if self._account.is_only_in(self._appkey, number):
            return ()
        return self._account.places(number, without=self._appkey)

    def of_waba(self, waba_id: str) -> Iterator[Place]:
        return self._account.waba_places(waba_id, without=self._appkey)

    def _failing(self, own: FailureReason | None = None) -> Mapping[FailureReason, int]:
        counts = {reason: count - (reason is own) for reason, count in self._account.failing.items()}
        return MappingProxyType({reason: count for reason, count in counts.items() if count})
