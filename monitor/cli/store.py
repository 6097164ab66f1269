"""`number-monitor store`: what can be done with the store itself."""

import typer

from monitor.cli.backup import backup
from monitor.cli.copy import copy
from monitor.cli.keep import keep

store = typer.Typer(help="The store itself: a backup of it, another place for it.", no_args_is_help=True)
for command in (backup, copy, keep):
    store.command()(command)
