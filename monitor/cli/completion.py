"""
What the shell offers for a value: the names that the configuration has, and the types of events.

Where there is no configuration, or a wrong one, nothing is offered: a person in the middle of a line wants no error.
"""

import os
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from monitor.settings.model import Settings


def accounts(context: typer.Context, incomplete: str) -> list[str]:
    """The accounts' names."""
    settings = _settings(context)
    return _fitting([account.name for account in settings.accounts] if settings else [], incomplete)


def appkeys(context: typer.Context, incomplete: str) -> list[str]:
    """The appkeys that stand in the configuration itself."""
    settings = _settings(context)
    known = settings.accounts if settings else ()
    return _fitting([app.appkey for account in known for app in account.apps], incomplete)


def sinks(context: typer.Context, incomplete: str) -> list[str]:
    """The sinks' names, and the one that is always there."""
    from monitor.delivery.sinks.log import STDOUT

    settings = _settings(context)
    return _fitting([STDOUT, *(sink.name for sink in settings.events.sinks)] if settings else [], incomplete)


def types(incomplete: str) -> list[str]:
    """The types of events."""
    from monitor.fleet.event import EVENT_TYPES

    return _fitting(list(EVENT_TYPES), incomplete)


def _fitting(words: list[str], incomplete: str) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]


def _settings(context: typer.Context) -> "Settings | None":
    """The configuration that the line so far would use."""
    from monitor.settings.load import find, load
    from monitor.settings.problems import SettingsError

    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        return load(find(context.find_root().params.get("config"), os.environ), os.environ)
    except SettingsError:
        return None
