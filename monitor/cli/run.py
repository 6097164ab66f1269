"""`number-monitor run`: the daemon."""

import typer


def run(context: typer.Context) -> None:
    """
    Run the daemon: poll, compare, export, tell.

    Events are JSON lines on standard output, the daemon's own log is on standard error.  SIGTERM and SIGINT stop it
    within 8 s, SIGHUP reloads the configuration.
    """
    import asyncio
    import gc

    gc.disable()  # what is imported stays: `Daemon.start` lets the collector look again
    from monitor.cli.serving import serve

    settings = context.obj.settings()
    raise typer.Exit(asyncio.run(serve(settings, context.obj.load)))
