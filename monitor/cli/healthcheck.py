"""`number-monitor healthcheck`: for a container's HEALTHCHECK."""

import typer

from monitor.cli.context import complain

FAILED = 1
HEALTHY = "healthy"  # what the daemon says then


def healthcheck(context: typer.Context) -> None:
    """
    Ask `/-/healthy` of the configured address; 0 when the daemon watches, 1 when it does not.

    Where the address wants a client's certificate, the daemon that says so is taken for alive; a Unix socket in
    web.listen tells more.
    """
    from monitor.cli.address import CertificateWantedError, NoAnswerError, ask, shown

    settings = context.obj.settings()
    try:
        answered = ask(settings, "GET", "/-/healthy")
    except CertificateWantedError as error:
        typer.echo(f"alive: {error}")
        return
    except NoAnswerError as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
    words = answered.text.strip()
    if (answered.status, words) == (200, HEALTHY):
        return
    is_ours = answered.status == 503 and words.startswith(f"not {HEALTHY}: ")
    complain([shown(words) if is_ours else f"not {HEALTHY}: {answered.strange}"])
    raise typer.Exit(FAILED)
