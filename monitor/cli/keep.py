"""`number-monitor store keep`: a store that was moved goes on, since its copy is lost."""

import typer

from monitor.cli.context import complain

FAILED = 1


def keep(context: typer.Context) -> None:
    """
    Let a store go on that was moved by `store copy`: because the copy is lost.

    If the copy still runs, both tell what changes from now on.  The events of this one get ids and a sequence of their
    own, as after a backup was put back.
    """
    from monitor.store import transfer
    from monitor.store.errors import StoreError
    from monitor.views.escape import terminal

    settings = context.obj.settings()
    try:
        kept = transfer.keep(settings.store.url.reveal())
    except StoreError as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
    typer.echo(terminal(f"store {kept} goes on: its events have ids and a sequence of their own now"))
