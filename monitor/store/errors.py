"""
What can go wrong with the store, split by who must act.

Each message is one line: what happened, to which store, what to do.  None repeats a URL, which may carry a password.
"""


class StoreError(Exception):
    """Any failure of the store."""


class StoreUnavailable(StoreError):
    """It cannot be read or written now: locked, full, read-only or gone.  The next call tries again by itself."""


class StoreInUse(StoreError):
    """Another process holds it."""


class StoreCorrupt(StoreError):
    """What is on the disk is no store, or a damaged one; only a person can help."""


class StoreForeign(StoreCorrupt):
    """A database, and whole, but another program's."""


class BackupRefused(StoreError):
    """There cannot be a backup at the place that was named."""


class CopyRefused(StoreError):
    """The store cannot be copied from there, or to there."""


class StoreMoved(StoreError):
    """It is somewhere else now, and what was left behind must not be used beside it."""


class NotMoved(StoreError):
    """The store is in use, and is to be: there is nothing to take back."""


class StoreTooNew(StoreError):
    """A newer version of the program has changed its schema; this one would damage it."""


class StoreConflict(StoreError):
    """The row's version has moved since it was read, or another decision came first: reload and decide again."""


class LeaseLost(StoreError):
    """Another process owns the account: nothing of it may be written here, nor polled."""


class UnknownEvent(StoreError):
    """There is no event of this id."""
