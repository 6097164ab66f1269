"""
The command line: which commands there are, what they share, and how an error reaches a person.

One file a command; each imports what it needs when it is called, so that `healthcheck` and `--version` are quick.
Errors are one line on standard error, never a traceback.  Exit codes: 0 fine, 1 failed, 2 wrong usage or configuration;
`poll` answers as monitoring plugins do and says 3 for wrong usage.
"""

import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from monitor.cli.accept import accept
from monitor.cli.check import check
from monitor.cli.context import Context
from monitor.cli.deliveries import deliveries
from monitor.cli.demo import demo
from monitor.cli.events import events
from monitor.cli.examples import illustrate
from monitor.cli.healthcheck import healthcheck
from monitor.cli.init import init
from monitor.cli.numbers import numbers
from monitor.cli.poll import poll
from monitor.cli.run import run as run_daemon
from monitor.cli.simulate import simulate
from monitor.cli.sinks import sinks
from monitor.cli.store import store
from monitor.cli.version import version

TRACEBACK = "NUMBER_MONITOR_TRACEBACK"  #: set: a fault of our own shows its traceback
UNKNOWN_TO_A_PLUGIN = 3  #: monitoring plugins say so for wrong usage and configuration

program = typer.Typer(
    name="number-monitor",
    help="Watches the WhatsApp numbers of an NXCloud integrator: Prometheus gauges, and events when a number degrades.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (init, run_daemon, check, poll, numbers, events, accept, demo, simulate, healthcheck):
    program.command(name="run" if command is run_daemon else None)(command)
program.add_typer(deliveries, name="deliveries")
program.add_typer(sinks, name="sinks")
program.add_typer(store, name="store")
illustrate(program)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version())
        raise typer.Exit


@program.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            help="The configuration; else $NUMBER_MONITOR_CONFIG, number-monitor.yml here or in /etc/number-monitor.",
        ),
    ] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error; else as configured.")] = None,
    log_format: Annotated[str | None, typer.Option(help="json or console; else as configured.")] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Version, Python, platform.")
    ] = False,
) -> None:
    """Watches the WhatsApp numbers of an NXCloud integrator: Prometheus gauges, and events when a number degrades."""
    context.obj = Context(config=config, log_level=log_level, log_format=log_format)


def run() -> None:
    """Run the command line and exit."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some takes 20 ms, and we use none
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a character that this terminal has not is no reason to end
    try:
        code = program(standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        context = getattr(error, "ctx", None)
        where = context.command_path if context is not None else "number-monitor"
        if message := error.format_message():  # without arguments the help has been printed, and that is all
            typer.echo(f"{where}: {message} (try '{where} --help')", err=True)
        sys.exit(UNKNOWN_TO_A_PLUGIN if where.endswith(" poll") else error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except BrokenPipeError:
        # whoever read our output has seen enough; keep the interpreter from complaining when it closes stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # the very top: a person gets one line, whatever broke
        if os.environ.get(TRACEBACK):
            raise
        said = f"{type(error).__name__}: {error}".replace("\n", " ")
        typer.echo(
            f"number-monitor: a fault of its own: {said} (please report it; {TRACEBACK}=1 shows where)", err=True
        )
        sys.exit(_failed())
    sys.exit(code if isinstance(code, int) else 0)


def _failed() -> int:
    return UNKNOWN_TO_A_PLUGIN if "poll" in sys.argv[1:] else 1
