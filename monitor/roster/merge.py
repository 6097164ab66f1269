"""Make one list out of an account's sources.  Pure."""

from collections.abc import Iterable

from monitor.fleet.app import App


def merge(*sources: Iterable[App]) -> tuple[App, ...]:
    """Every appkey once, as the first source that lists it describes it: configured, then file, then URL."""
    apps: dict[str, App] = {}
    for source in sources:
        for app in source:
            apps.setdefault(app.appkey, app)
    return tuple(apps.values())
