"""`number-monitor store`: what can be done with the store itself."""

import typer

from monitor.cli.backup import backup

store = typer.Typer(help="The store itself: a backup of it.", no_args_is_help=True)
for command in (backup,):
    store.command()(command)
