"""
What the pages are told of the watch itself: how apps are polled, and which lists of apps are held back.

It joins what polling and the roster know; like the composition root, nothing knows it.
"""

from monitor.fleet.app import App
from monitor.polling.polling import Polling
from monitor.roster.roster import Roster
from monitor.web.collaborators import HeldList


class Watching:
    """The web's `Watch`."""

    def __init__(self, polling: Polling, roster: Roster) -> None:
        self._polling = polling
        self._roster = roster

    def interval(self, app: App) -> int:
        """From one poll of an app to the next, ms; 0 for an app of an account that is polled no more."""
        account = self._polling.account(app.account)
        return account.interval(app) if account is not None else 0

    def held_lists(self) -> list[HeldList]:
        """The lists of apps that are held back."""
        return [
            HeldList(state.account, state.source, state.apps, state.held)
            for state in self._roster.states()
            if state.held is not None
        ]
