"""`number-monitor deliveries replay`: send again, under the same ids; the running daemon does it within 15 s."""

from typing import Annotated

import typer

from monitor.cli.completion import sinks


def replay(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Events, by their ids.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Of events of this time: 30m, 24h, 7d; what was delivered is sent again too.")
    ] = None,
    sink: Annotated[
        str | None,
        typer.Option(help="To this sink alone; with nothing else its dead letters.", autocompletion=sinks),
    ] = None,
) -> None:
    """Send again, under the same ids: dead letters; what is named by id or time, though it was delivered."""
    from monitor.cli.chosen import change, chosen
    from monitor.store.beside import StoreBeside

    change(context, chosen(ids, since, sink), StoreBeside.replay, "sent again", "it waits as it is, or goes to no sink")
