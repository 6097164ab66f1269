"""What `deliveries replay` and `discard` have in common: which deliveries are meant, and changing them in the store."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import typer

from monitor.cli.context import complain
from monitor.cli.known import UnknownSinkError, check_sink
from monitor.clock import wall_clock
from monitor.settings.model import Settings
from monitor.store.beside import StoreBeside
from monitor.store.deliveries import Chosen
from monitor.store.errors import StoreError
from monitor.store.store import Store
from monitor.views.moment import moment

FAILED = 1


def chosen(ids: Sequence[str] | None, since: str | None, sink: str | None) -> Chosen:
    """
    Which deliveries are meant.

    Raises:
        typer.BadParameter: Nothing was given, which would mean all there are; or a time that cannot be read.
    """
    if not ids and since is None and sink is None:
        raise typer.BadParameter("name the events by ID, or give --since or --sink")
    try:
        return Chosen(tuple(ids or ()), None if since is None else moment(since, wall_clock()), sink)
    except ValueError as error:
        raise typer.BadParameter(f"since: {error}") from None


def change(
    context: typer.Context, which: Chosen, act: Callable[[StoreBeside, Chosen], Awaitable[int]], done: str, else_: str
) -> None:
    """
    Change them, also while the daemon runs, and say how many; or say why not, and end with 1.

    Args:
        done: What was done to them: `sent again`.
        else_: Why nothing may have been done to an event that was named.
    """
    settings = context.obj.settings()
    try:
        count = asyncio.run(_changed(settings, which, act))
    except (StoreError, UnknownSinkError) as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
    if which.ids and not count:
        complain([f"nothing is {done}: {else_}"])
        raise typer.Exit(FAILED)
    typer.echo(f"{count} {'delivery is' if count == 1 else 'deliveries are'} {done}")


async def _changed(settings: Settings, which: Chosen, act: Callable[[StoreBeside, Chosen], Awaitable[int]]) -> int:
    if which.sink is not None:
        reader = await Store.open_readonly(settings.store.url.reveal())
        try:
            await check_sink(reader, settings, which.sink)
        finally:
            await reader.close()
    store = await Store.open_beside(settings.store.url.reveal(), now=wall_clock)
    try:
        return await act(store, which)
    finally:
        await store.close()
