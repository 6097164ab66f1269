"""`number-monitor sinks`: where events go: let one go on that was paused."""

import typer

from monitor.cli.resume import resume

sinks = typer.Typer(help="Let a sink go on that was paused.", no_args_is_help=True)


@sinks.callback()
def sinks_of_the_configuration() -> None:
    """Let a sink go on that was paused."""


sinks.command()(resume)
