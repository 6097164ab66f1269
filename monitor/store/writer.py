"""
The one writer: a thread with a connection of its own.

Work is queued and done in order.  What waits in the queue together is committed together, which spares a flush of the
disk for each; still every piece of work has its own result and its own error, and one that fails leaves no trace.
When the database fails, the connection is dropped and the next piece of work opens another.  A connection that was
lost while nothing was asked is replaced unnoticed; where one breaks in the middle of a commit, the database is asked
what has become of the transaction, as what was committed must not be done twice.

The thread calls nothing but the work it is given and its two callbacks: no code of the event loop runs in it.
"""

import contextlib
import queue
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Event, Thread
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, RootTransaction
from sqlalchemy.exc import DBAPIError

from monitor.store.database import Database
from monitor.store.errors import StoreError, StoreUnavailable

T = TypeVar("T")
Work = Callable[[Connection], T]

GROUP = 64  # pieces of work in one transaction: enough for a storm, and still only milliseconds for the first in line
ASK_FOR = 6.0  # seconds that a database has to come back and say what became of a commit,
ASK_EVERY = 0.1  # asked so often


class _Unknown(StoreUnavailable):
    """A commit whose outcome nobody could tell: its work must not be done again here."""


class _Job:
    """A piece of work and whom to tell how it went."""

    def __init__(self, work: Work[Any]) -> None:
        self.work = work
        self.future: Future[Any] = Future()
        self.result: Any = None
        self.error: BaseException | None = None
        self._begun = False

    def begin(self) -> bool:
        """Whether it is to be done: nobody has begun it, and nobody has given it up."""
        begun, self._begun = self._begun, True
        return not begun and self.future.set_running_or_notify_cancel()

    def settle(self) -> None:
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Writer:
    """The thread, from `start` to `stop`."""

    def __init__(
        self,
        database: Database,
        *,
        monotonic: Callable[[], float],
        on_commit: Callable[[float], None],
        on_state: Callable[[bool], None],
    ) -> None:
        """
        Args:
            monotonic: Seconds, for the durations.
            on_commit: Is given the seconds that each transaction took.  Called in the writer's thread.
            on_state: Is given True when the database works (again), False when it stops working.  Likewise.
        """
        self._database = database
        self._engine = database.writing()
        self._monotonic = monotonic
        self._on_commit = on_commit
        self._on_state = on_state
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._urgent: deque[_Job] = deque()  # in the queue too, which wakes the thread up
        self._connection: Connection | None = None
        self._up: bool | None = None
        # A daemon thread: a process that dies without a clean stop must not hang on it.
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)

    @property
    def dialect(self) -> Dialect:
        """How the database speaks."""
        return self._engine.dialect

    @property
    def up(self) -> bool:
        """Whether the database worked when it was last needed."""
        return self._up is not False

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def has_not_answered(self) -> None:
        """Somebody has waited too long for it: it counts as down until something is done.  Called by any thread."""
        self._tell_state(up=False)

    def submit(self, work: Work[T], *, urgent: bool = False) -> Future[T]:
        """
        Queue a piece of work; its future is done when its transaction is committed or has failed.

        Args:
            urgent: It comes before all that waits.
        """
        job = _Job(work)
        if urgent:
            self._urgent.append(job)
        self._jobs.put(job)
        return job.future

    def stop(self, within: float | None = None) -> bool:
        """
        Finish what is queued, close the connection and wait for the thread.

        Args:
            within: Seconds to wait at most.

        Returns:
            Whether it has ended.
        """
        self._jobs.put(None)
        self._thread.join(within)
        return not self._thread.is_alive()

    def _run(self) -> None:
        running = True
        while running:
            group = [self._jobs.get()]
            while group[-1] is not None and len(group) < GROUP and not self._jobs.empty():
                group.append(self._jobs.get())
            running = group[-1] is not None
            while self._urgent:
                group.insert(0, self._urgent.popleft())
            jobs = [job for job in group if job is not None and job.begin()]
            if jobs:
                self._commit(jobs)
        self._disconnect()
        self._engine.dispose()

    def _commit(self, jobs: Sequence[_Job]) -> Exception | None:
        """
        Do the work in one transaction; where anything of a group fails, each piece in one of its own.

        A savepoint for each piece would spare that, and cost a storm a tenth of its time.

        Returns:
            Why the database cannot be worked with; None when it could be.
        """
        try:
            transaction = self._begin()
        except (StoreError, DBAPIError) as error:
            self._fail(jobs, error)
            return error
        started = self._monotonic()
        try:
            mark = _work(transaction, jobs, self._database)
            self._end(transaction, mark)
        except _Unknown as error:
            self._fail(jobs, error)
            return error
        except Exception as error:  # noqa: BLE001 - the top of the thread's loop: it must go on, whatever happened
            if len(jobs) == 1:
                self._fail(jobs, error)
                return None
            self._disconnect()
            self._commit_each(jobs)
            return None
        self._on_commit(self._monotonic() - started)
        self._tell_state(up=True)
        for job in jobs:
            job.settle()
        return None

    def _commit_each(self, jobs: Sequence[_Job]) -> None:
        """Each in a transaction of its own; when there is none to be had, all that are left share the reason."""
        for done, job in enumerate(jobs, 1):
            away = self._commit([job])
            if away is not None:
                self._fail(jobs[done:], away)
                return

    def _begin(self) -> RootTransaction:
        stood = self._connection is not None
        try:
            return self._begun()
        except DBAPIError as error:
            if not (stood and error.connection_invalidated):
                raise
        self._disconnect()
        return self._begun()

    def _begun(self) -> RootTransaction:
        if self._connection is None:
            self._database.check_present()
            self._connection = self._engine.connect()
            self._database.opened()
        self._database.check_present()
        return self._connection.begin()

    def _end(self, transaction: RootTransaction, mark: str | None) -> None:
        """Commit, unless it was rolled back."""
        if not transaction.is_active:
            return
        try:
            transaction.commit()
        except DBAPIError as error:
            if mark is None or not error.connection_invalidated:
                raise
            if not self._was_committed(mark, error):
                raise

    def _was_committed(self, mark: str, lost: DBAPIError) -> bool:
        """
        What became of a commit whose answer never came.

        Raises:
            _Unknown: The database does not come back in time to say.
        """
        until, pause = self._monotonic() + ASK_FOR, Event()
        while True:
            self._disconnect()
            try:
                with self._begun() as asking:
                    committed = self._database.was_committed(asking.connection, mark)
                if committed is not None:
                    return committed
            except (StoreError, DBAPIError):
                pass
            if self._monotonic() >= until:
                text = f"store {self._database} was lost during a commit: what it has recorded is seen when it is back"
                raise _Unknown(text) from lost
            pause.wait(ASK_EVERY)

    def _fail(self, jobs: Sequence[_Job], error: Exception) -> None:
        self._disconnect()
        self._tell_state(up=False)
        for job in jobs:
            job.error = self._explained(error)
            job.settle()

    def _explained(self, error: Exception) -> Exception:
        if not isinstance(error, DBAPIError):
            return error
        explained = self._database.explain(error)
        explained.__cause__ = error
        return explained

    def _tell_state(self, *, up: bool) -> None:
        if up is not self._up:
            self._up = up
            self._on_state(up)

    def _disconnect(self) -> None:
        """Close the connection, in whatever state it is."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _work(transaction: RootTransaction, jobs: Sequence[_Job], database: Database) -> str | None:
    """
    Do the work; of several, one that ends with an error ends all: its traces cannot be told from theirs.

    Returns:
        What the database knows the transaction by.
    """
    try:
        return _done(transaction, jobs, database)
    except BaseException:
        with contextlib.suppress(DBAPIError):  # the first error is the one to tell
            transaction.close()
        raise


def _done(transaction: RootTransaction, jobs: Sequence[_Job], database: Database) -> str | None:
    for job in jobs:
        _do(transaction.connection, job)
        if job.error is None:
            continue
        if len(jobs) > 1:
            raise job.error
        transaction.rollback()
        return None
    return database.mark(transaction.connection)


def _do(connection: Connection, job: _Job) -> None:
    """Do the work.  An error of the database passes through; any other is the work's own result."""
    try:
        job.result, job.error = job.work(connection), None
    except DBAPIError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the business of whoever gave the work
        job.error = error
