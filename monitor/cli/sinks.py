"""`number-monitor sinks`: try where events go, and let go on what was paused."""

import typer

from monitor.cli.resume import resume
from monitor.cli.try_sink import try_sink

sinks = typer.Typer(help="Try where events go; let a sink go on that was paused.", no_args_is_help=True)
sinks.command("test")(try_sink)
sinks.command()(resume)
