"""`number-monitor store copy`: the store into another database, whole; from then on it is there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.context import complain

if TYPE_CHECKING:
    from monitor.settings.store_url import StoreUrl
    from monitor.store.transfer import Transferred

FAILED = 1


def copy(
    context: typer.Context,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="URL", help="The store; else the configuration's.")
    ] = None,
    from_file: Annotated[
        Path | None, typer.Option("--from-file", metavar="FILE", help="A file with that URL alone.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="URL", help="An empty database, or a new file.")] = None,
    to_file: Annotated[
        Path | None,
        typer.Option("--to-file", metavar="FILE", help="A file with that URL alone: for one with a password."),
    ] = None,
) -> None:
    """
    Move the store into another database: SQLite to PostgreSQL, or back.

    All of it moves: what is known, the events with their ids and their sequence, what is still to be delivered.  Stop
    number-monitor before.  Afterwards the old store is opened no more.  URLs are written as in store.url.
    """
    from monitor.clock import wall_clock
    from monitor.store.errors import StoreError
    from monitor.store.transfer import transfer
    from monitor.views.escape import terminal

    target = _url("--to", to, to_file)
    if target is None:
        raise typer.BadParameter("where to? Give --to or --to-file")
    source = _url("--from", from_, from_file) or context.obj.settings().store.url
    try:
        with _progress() as advance:
            done = transfer(source.reveal(), target.reveal(), now=wall_clock, advance=advance)
    except StoreError as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
    for line in _told(done):
        typer.echo(terminal(line))


def _url(option: str, given: str | None, file: Path | None) -> "StoreUrl | None":
    """What an option or its file says; None where neither is given."""
    from pydantic import TypeAdapter, ValidationError

    from monitor.settings.secret import Secret
    from monitor.settings.store_url import StoreUrl
    from monitor.settings.twins import content

    if given is not None and file is not None:
        raise typer.BadParameter(f"{option} and {option}-file: give one of the two")
    named = option if file is None else f"{option}-file"
    try:
        text = given if file is None else content(file)
        if text is None:
            return None
        url = TypeAdapter(StoreUrl).validate_python(text, context=Path.cwd())
    except ValidationError as error:
        said = str(error.errors(include_url=False)[0]["ctx"]["error"])
        raise typer.BadParameter(said, param_hint=named) from None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=named) from None
    if file is None and any(isinstance(part, Secret) for part in url.parts):
        complain([f"{option}: other users of this machine can see its password; {option}-file keeps it from them"])
    return url


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal; gives what is told how far it is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("copying rows"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=None)
        yield lambda done, of: progress.update(bar, completed=done, total=of)


def _told(done: "Transferred") -> Iterator[str]:
    yield (
        f"store {done.source} is in {done.target} now: {sum(done.rows.values()):,} rows "
        f"(events: {done.rows['event']:,}, deliveries still to be made: {done.waiting:,})"
    )
    if done.was_backup:
        yield "it was a backup: from now on its events have ids and a sequence of their own"
    yield "give its address in store.url or store.url_file, and start number-monitor"
