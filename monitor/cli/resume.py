"""`number-monitor sinks resume`: a sink whose receiver was gone is sent to again; the running daemon sees it soon."""

from typing import Annotated

import typer

from monitor.cli.completion import sinks
from monitor.cli.context import complain

FAILED = 1


def resume(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the sink.", autocompletion=sinks)],
) -> None:
    """Send again to a sink that was paused because its receiver answered that it is gone (HTTP 410)."""
    import asyncio

    from monitor.store.errors import StoreError

    settings = context.obj.settings()
    try:
        resumed = asyncio.run(_resumed(settings.store.url.reveal(), name))
    except StoreError as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
    if not resumed:
        complain([f"no sink {name!r} is paused: nothing to resume"])
        raise typer.Exit(FAILED)
    typer.echo(f"sink {name} is sent to again, with all that waits for it")


async def _resumed(url: str, name: str) -> bool:
    from monitor.clock import wall_clock
    from monitor.store.store import Store

    store = await Store.open_beside(url, now=wall_clock)
    try:
        return await store.resume(name)
    finally:
        await store.close()
