"""
What several places of a configuration must agree on: names and appkeys that are given once, a source of apps, and one
beginning of a maintenance.

Looks at the values before they are validated, so that these faults are told together with all others.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from monitor.settings.findings import Findings
from monitor.settings.maintenance import BEGINNINGS
from monitor.settings.model import Account
from monitor.settings.problems import Steps, dotted
from monitor.settings.scalars import one_of

APP_SOURCES = ("apps", "apps_file", "apps_url")


def check_agreement(values: dict[str, Any], findings: Findings) -> None:
    """Tell of names and appkeys that are there twice, accounts without apps, maintenance without one beginning."""
    accounts = list(_mappings(values.get("accounts"), ("accounts",)))
    default = Account.model_fields["name"].default
    _tell_repeated((((*at, "name"), account.get("name", default)) for at, account in accounts), findings)
    for at, account in accounts:
        _tell_repeated(_appkeys(account.get("apps"), (*at, "apps")), findings)
        if not any(source in account for source in APP_SOURCES):
            findings.add(at, "has no apps: give apps, apps_file or apps_url")
    events = values.get("events")
    if isinstance(events, dict):
        sinks = _mappings(events.get("sinks"), ("events", "sinks"))
        _tell_repeated((((*at, "name"), sink.get("name")) for at, sink in sinks), findings)
        for at, window in _mappings(events.get("maintenance"), ("events", "maintenance")):
            given = tuple(key for key in BEGINNINGS if key in window)
            if len(given) != 1:
                findings.add(at, f"gives {' and '.join(given) or 'no beginning'}; give one of {one_of(BEGINNINGS)}")


def _mappings(value: object, at: Steps) -> Iterator[tuple[Steps, dict[str, Any]]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict):
                yield (*at, index), item


def _appkeys(apps: object, at: Steps) -> Iterator[tuple[Steps, Any]]:
    if isinstance(apps, list):
        for index, app in enumerate(apps):
            yield (*at, index, "appkey"), app.get("appkey") if isinstance(app, dict) else app


def _tell_repeated(named: Iterable[tuple[Steps, Any]], findings: Findings) -> None:
    first: dict[str, Steps] = {}
    for at, name in named:
        if isinstance(name, str) and name in first:
            findings.add(at, f"{name[:60]!r} is given already at {dotted(first[name])}")
        elif isinstance(name, str):
            first[name] = at
