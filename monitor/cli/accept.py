"""`number-monitor accept`: believe what is held back as suspect."""

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.completion import accounts
from monitor.cli.context import complain

if TYPE_CHECKING:
    from monitor.cli.address import Answered

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
    from urllib.parse import quote

    from monitor.cli.address import NoAnswerError, ask

    settings = context.obj.settings()
    path = f"/api/v1/accounts/{quote(account, safe='')}/accept"
    try:
        accepted = _accepted(ask(settings, "POST", path, _authorization(user)))
    except (NoAnswerError, _NotAcceptedError) as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
    typer.echo(f"account {account}: {accepted or 'no'} held-back answer{'' if accepted == 1 else 's'} believed")


class _NotAcceptedError(Exception):
    """Nothing was accepted; the message is one line."""


def _accepted(answered: "Answered") -> int:
    """How many answers are believed now, as the daemon says; whatever else listens there may say anything."""
    import msgspec

    from monitor.cli.address import shown

    class Accepted(msgspec.Struct):
        accepted: int

    class Refusal(msgspec.Struct):
        title: str
        detail: str

    try:
        if answered.status == 200:
            return msgspec.json.decode(answered.text, type=Accepted).accepted
        refusal = msgspec.json.decode(answered.text, type=Refusal)
    except (msgspec.MsgspecError, RecursionError):
        raise _NotAcceptedError(f"not accepted: {answered.strange}") from None
    raise _NotAcceptedError(f"not accepted: {shown(refusal.detail or refusal.title)}")


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
