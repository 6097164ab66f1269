"""An account's lists of apps, each read once: the configured one, the file, the address."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from monitor.daemon import conversion
from monitor.fleet.app import App
from monitor.roster.errors import RosterError
from monitor.roster.file import read_apps_file
from monitor.settings.model import Account


class Listed(NamedTuple):
    """One list."""

    source: str  #: for people: where it is; of an address no more than may be shown
    apps: tuple[App, ...] | None  #: None: not asked


def faults(files: Mapping[str, Path]) -> Iterator[str]:
    """What is wrong with the files of these places, the place before each fault."""
    for place, path in files.items():
        try:
            read_apps_file(path, "")
        except RosterError as error:
            yield from (f"{place}: {problem}" for problem in error.problems)


def known_lists(account: Account) -> tuple[Listed, ...]:
    """
    The account's lists, the address not asked.

    Raises:
        RosterError: The file has become wrong.
    """
    lists = [Listed("configured here", conversion.configured_apps(account))] if account.apps else []
    if account.apps_file is not None:
        lists.append(Listed(str(account.apps_file), tuple(read_apps_file(account.apps_file, account.name))))
    if account.apps_url is not None:
        lists.append(Listed(conversion.apps_url_of(account.apps_url).origin, None))
    return tuple(lists)


async def asked_list(account: Account) -> Listed | None:
    """
    What the account's address answers; None when there is no address.

    Raises:
        RosterError: It does not answer, or wrongly.
    """
    if account.apps_url is None:
        return None
    address = conversion.apps_url_of(account.apps_url)
    return Listed(address.origin, tuple(await address.read(account.name)))
