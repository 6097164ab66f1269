"""`number-monitor deliveries discard`: give up what waits or is dead; the events stay recorded."""

from typing import Annotated

import typer

from monitor.cli.completion import sinks


def discard(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Events, by their ids.")] = None,
    since: Annotated[str | None, typer.Option(help="Of events of this time: 30m, 24h, 7d.")] = None,
    sink: Annotated[str | None, typer.Option(help="To this sink alone.", autocompletion=sinks)] = None,
) -> None:
    """Give up what waits and what is dead; the events stay recorded."""
    from monitor.cli.chosen import change, chosen
    from monitor.store.beside import StoreBeside

    change(context, chosen(ids, since, sink), StoreBeside.discard, "given up", "it has arrived, or goes to no sink")
