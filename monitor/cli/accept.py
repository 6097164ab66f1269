"""`number-monitor accept`: believe what is held back as suspect."""

from typing import Annotated

import typer

from monitor.cli.completion import accounts
from monitor.cli.context import complain

FAILED = 1
PASSWORD = "NUMBER_MONITOR_PASSWORD"  # noqa: S105  # the variable's name


def accept(
    context: typer.Context,
    account: Annotated[
        str, typer.Option(help="The account whose held-back answers are believed.", autocompletion=accounts)
    ],
    user: Annotated[
        str | None, typer.Option(help=f"A user of web.writers; the password comes from the prompt or ${PASSWORD}.")
    ] = None,
) -> None:
    """Believe what is held back as suspect in an account; asks the running daemon."""
    import json
    from urllib.parse import quote

    from monitor.cli.address import NoAnswerError, ask

    settings = context.obj.settings()
    path = f"/api/v1/accounts/{quote(account, safe='')}/accept"
    try:
        status, text = ask(settings, "POST", path, _authorization(user))
    except NoAnswerError as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
    answer = json.loads(text) if text.startswith("{") else {}
    if status != 200:
        complain([f"not accepted: {answer.get('detail') or answer.get('title') or f'HTTP {status}'}"])
        raise typer.Exit(FAILED)
    accepted = answer.get("accepted", 0)
    typer.echo(f"account {account}: {accepted or 'no'} held-back answer{'' if accepted == 1 else 's'} believed")


def _authorization(user: str | None) -> dict[str, str]:
    import base64
    import os

    if user is None:
        return {}
    password = os.environ.get(PASSWORD)
    if password is None:
        password = typer.prompt("Password", hide_input=True, err=True)
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}
