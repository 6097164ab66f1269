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
    import os
    import sys

    gc.disable()  # what is imported stays: `Daemon.start` lets the collector look again
    from monitor.cli.serving import serve

    settings = context.obj.settings()
    with asyncio.Runner() as runner:
        code = runner.run(serve(settings, context.obj.load))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # all is closed; a thread that still waits for a name server or a disk must not hold up the end
