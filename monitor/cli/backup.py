"""`number-monitor store backup`: all that the store holds at this moment, in one file; the daemon may run meanwhile."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.context import complain

FAILED = 1


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="To make.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Also where there is such a file.")] = False,
) -> None:
    """Copy the store into a file, which can be put in its place; the daemon may run meanwhile."""
    from monitor.store.backup import back_up
    from monitor.store.errors import StoreError
    from monitor.views.escape import terminal

    settings = context.obj.settings()
    try:
        size = back_up(settings.store.url.reveal(), file, overwrite=overwrite)
    except StoreError as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
    typer.echo(terminal(f"the store is copied into {file} ({size / 1_000_000:.1f} MB)"))
