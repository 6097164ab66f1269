"""
What the pages are told of the watch itself: how apps are polled, and which lists of apps are held back.

It joins what polling and the roster know; like the composition root, nothing knows it.
"""

from collections.abc import Callable

from monitor.fleet.app import App
from monitor.fleet.fleet import Fleet
from monitor.polling.polling import Polling
from monitor.roster.roster import Roster
from monitor.settings.model import Settings
from monitor.web.collaborators import AppWatch, HeldList, PollSeen


class Watching:
    """The web's `Watch`."""

    def __init__(self, fleet: Fleet, polling: Polling, roster: Roster, *, settings: Callable[[], Settings]) -> None:
        """
        Args:
            fleet: What is known of the apps that are polled here.
            polling: Polls them.
            roster: Their lists of apps.
            settings: Those in force.
        """
        self._fleet = fleet
        self._polling = polling
        self._roster = roster
        self._settings = settings

    def interval(self, app: App) -> int:
        """From one poll of an app to the next, ms; of an account that another process polls, as it is configured."""
        account = self._polling.account(app.account)
        return account.interval(app) if account is not None else app.interval_ms or self._settings().poll.interval_ms

    def app(self, app: App) -> AppWatch | None:
        """How an app is polled, and what its account can afford."""
        account = self._polling.account(app.account)
        watched = self._fleet.get(app.key)
        if account is None or watched is None:
            return None
        apps = self._fleet.apps(app.account)
        return AppWatch(
            interval=account.interval_of(watched),
            wanted=app.interval_ms or account.rules.interval,
            next_poll=self._polling.next_poll(app.key),
            polls=[
                PollSeen(poll.at, poll.outcome, poll.held_off, poll.size, poll.milliseconds)
                for poll in account.recent(app.appkey)
            ],
            apps=len(apps),
            demand=account.rules.demand(apps),
            rate=account.rules.rate,
            held_by=account.held_by,
        )

    def held_lists(self) -> list[HeldList]:
        """The lists of apps that are held back."""
        return [
            HeldList(state.account, state.source, state.apps, state.held)
            for state in self._roster.states()
            if state.held is not None
        ]
