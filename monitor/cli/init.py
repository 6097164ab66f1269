"""
`number-monitor init`: from an account at the vendor to a configuration that works.

Asks at a terminal for what the options do not say, makes one signed call with it, and writes only then.  A secret is
never taken from the command line, where other users of the machine could see it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, NoReturn, TypeVar

import typer

from monitor.cli.context import WRONG_CONFIGURATION, complain

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.cli.answers import Answers
    from monitor.cli.beginning import Beginning
    from monitor.cli.live import Verdict
    from monitor.cli.plan import Plan
    from monitor.settings.secret import Secret

T = TypeVar("T")

FAILED, INTERRUPTED = 1, 130
SECRET_FILE = "nxcloud.secret"  # noqa: S105  # its name, beside the configuration
SECRET = "NUMBER_MONITOR_ACCESS_SECRET"  # noqa: S105  # the variable's name
KEY = "NUMBER_MONITOR_ACCESS_KEY"
STDIN = "-"
MOST = 64 << 10  # characters read of a secret
AFTER_A_REFUSAL = {
    "a": "answer again",
    "t": "try once more: what is wrong is mended",
    "w": "write the configuration as it is",
    "q": "write nothing, and end",
}


class _Given(NamedTuple):
    """What the options and the environment say."""

    access_key: str | None
    secret: "Secret | None"
    secret_file: Path | None  #: a file of the user's, which stays where it is
    appkeys: tuple[str, ...]
    account: str
    base_url: str | None


def init(
    context: typer.Context,
    access_key: Annotated[str | None, typer.Option(help=f"The account's accessKey; else ${KEY}.")] = None,
    access_secret_file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="A file with the accessSecret alone, which stays where it is; - reads the secret from standard input. "
            f"Else ${SECRET}.",
        ),
    ] = None,
    appkey: Annotated[list[str] | None, typer.Option(help="An app to watch; for each one more.")] = None,
    account: Annotated[str, typer.Option(help="What the account is to be called.")] = "main",
    base_url: Annotated[str | None, typer.Option(help="Where the vendor is, if not where it always is.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Write without asking the vendor.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there already.")] = False,
) -> None:
    """
    Write a first configuration: ask for key, secret and apps, try them with one call.

    It is written where the other commands look for it: --config, $NUMBER_MONITOR_CONFIG, ./number-monitor.yml; the
    secret into a file of its own beside it, for you alone.  At a terminal what no option says is asked for.
    """
    import os
    import signal
    import sys

    from monitor.cli.beginning import Beginning, NotWrittenError
    from monitor.settings.load import CONFIG_VARIABLE, SEARCHED

    is_asked = sys.stdin.isatty() and sys.stderr.isatty()
    for number in (signal.SIGTERM, signal.SIGHUP) if is_asked else ():
        signal.signal(number, signal.default_int_handler)  # a closed window leaves no more behind than Ctrl-C
    path = context.obj.config or Path(os.environ.get(CONFIG_VARIABLE) or SEARCHED[0])
    given = _given(access_key, access_secret_file, appkey or (), account, base_url)
    _end_if_incomplete(given, is_asked=is_asked)
    beginning = Beginning(path, path.parent / SECRET_FILE if given.secret_file is None else None)
    try:
        with beginning.begun(replace=force or (is_asked and _may_replace(beginning))):
            verdicts = _settled(beginning, given, is_offline=offline, is_asked=is_asked)
            beginning.put()
    except NotWrittenError as error:
        _end([str(error)], FAILED)
    except EOFError:
        _end(["the input ended before everything was answered; nothing was written"], FAILED)
    except KeyboardInterrupt:
        _end(["", "nothing was written"], INTERRUPTED)
    _introduce(beginning, verdicts, "" if path == SEARCHED[0] else f"--config {path} ")


def _end(messages: list[str], code: int) -> NoReturn:
    complain(messages)
    raise typer.Exit(code) from None


def _given(
    access_key: str | None,
    secret_file: str | None,
    appkeys: "list[str] | tuple[()]",
    account: str,
    base_url: str | None,
) -> _Given:
    import os
    import sys

    from monitor.cli import answers

    secret = None
    key = access_key or os.environ.get(KEY)
    if secret_file == STDIN and not sys.stdin.isatty():  # at a terminal it is asked for, unseen
        secret = _checked("--access-secret-file", answers.secret, sys.stdin.read(MOST).strip())
    elif not secret_file and os.environ.get(SECRET):
        secret = _checked(f"${SECRET}", answers.secret, os.environ[SECRET])
    return _Given(
        access_key=_checked("--access-key" if access_key else f"${KEY}", answers.access_key, key) if key else None,
        secret=secret,
        secret_file=Path(secret_file).absolute() if secret_file and secret_file != STDIN else None,
        appkeys=tuple(one for option in appkeys for one in _checked("--appkey", answers.appkeys, option)),
        account=_checked("--account", answers.account, account),
        base_url=_checked("--base-url", answers.base_url, base_url) if base_url else None,
    )


def _checked(name: str, read: "Callable[[str], T]", text: str) -> T:
    from monitor.cli.questions import UnusableAnswer

    try:
        return read(text)
    except UnusableAnswer as error:
        raise typer.BadParameter(str(error), param_hint=name) from None


def _end_if_incomplete(given: _Given, *, is_asked: bool) -> None:
    """Without a terminal nobody can be asked."""
    missing = [] if given.access_key else [f"--access-key or ${KEY}"]
    missing += [] if given.secret or given.secret_file else [f"--access-secret-file or ${SECRET}"]
    missing += [] if given.appkeys else ["--appkey"]
    if missing and not is_asked:
        _end([f"number-monitor init: no terminal to ask at; give {', '.join(missing)}"], WRONG_CONFIGURATION)


def _may_replace(beginning: "Beginning") -> bool:
    from monitor.cli.beginning import NotWrittenError
    from monitor.cli.questions import choose

    there = beginning.in_the_way()
    if not there:
        return False
    typer.echo(f"{' and '.join(map(str, there))}: there already.", err=True)
    if choose("Replace", {"n": "no, keep what is there", "y": "yes, replace it"}) == "n":
        raise NotWrittenError("nothing was written; with --config another file is begun")
    return True


def _settled(beginning: "Beginning", given: _Given, *, is_offline: bool, is_asked: bool) -> "list[Verdict]":
    """Ask, stage and try until it is to be written; gives the verdicts of a trial that went well."""
    from monitor.cli.beginning import NotWrittenError
    from monitor.cli.questions import choose
    from monitor.cli.verdicts import tell

    answers = _asked(beginning, given)
    while True:
        plan = _staged(beginning, given, answers)
        verdicts = [] if is_offline else _tried(plan)
        if all(verdict.fine for verdict in verdicts):
            return verdicts
        for verdict in verdicts:
            tell(verdict)
        if not is_asked:
            raise NotWrittenError("nothing was written; --offline writes without asking the vendor")
        match choose("What now", AFTER_A_REFUSAL):
            case "a":
                answers = _asked_again(answers)
            case "w":
                return []
            case "q":
                raise NotWrittenError("nothing was written")


def _asked(beginning: "Beginning", given: _Given) -> "Answers":
    """The answers, of which some may be given already."""
    from monitor.cli import answers
    from monitor.cli.questions import ask, ask_hidden, ask_lines

    needs_secret = given.secret is None and given.secret_file is None
    if not given.access_key or needs_secret or not given.appkeys:
        typer.echo(
            f"For {beginning.path}: an account at NXCloud and its apps.\n"
            "The vendor is asked once with them, then it is written; Ctrl-C ends this before.\n",
            err=True,
        )
    return answers.Answers(
        access_key=given.access_key or ask("accessKey", answers.access_key),
        secret=ask_hidden("accessSecret (it is not shown)", answers.secret) if needs_secret else given.secret,
        appkeys=given.appkeys or ask_lines("Appkeys, one or more a line; an empty line ends", answers.appkeys),
    )


def _asked_again(before: "Answers") -> "Answers":
    """The same questions; Enter keeps an answer."""
    from monitor.cli import answers
    from monitor.cli.questions import ask, ask_hidden, ask_lines

    secret = before.secret

    def changed(text: str) -> "Secret | None":
        return answers.secret(text) if text else secret

    return answers.Answers(
        access_key=ask("accessKey", answers.access_key, before.access_key),
        secret=ask_hidden("accessSecret (Enter keeps it)", changed) if secret is not None else None,
        appkeys=ask_lines("Appkeys, one or more a line; an empty line ends", answers.appkeys, before.appkeys),
    )


def _staged(beginning: "Beginning", given: _Given, answers: "Answers") -> "Plan":
    """What would be written, read back as every command reads it; whatever is wrong with it ends this."""
    import os

    from monitor.cli.lists import known_lists
    from monitor.cli.plan import Plan
    from monitor.cli.starter import starter
    from monitor.settings.load import load
    from monitor.settings.problems import SettingsError

    text = starter(
        account=given.account,
        access_key=answers.access_key,
        secret_file=SECRET_FILE if given.secret_file is None else str(given.secret_file),
        appkeys=answers.appkeys,
        base_url=given.base_url,
    )
    staged = beginning.stage(text, answers.secret.reveal() if answers.secret is not None else "")
    try:
        settings = load(staged, os.environ)
    except SettingsError as error:
        _end([str(problem) for problem in error.problems], WRONG_CONFIGURATION)
    (account,) = settings.accounts
    plan = Plan(account, settings, known_lists(account))
    if plan.why_not:
        _end([f"{plan.why_not}, in a configuration of your own"], WRONG_CONFIGURATION)
    return plan


def _tried(plan: "Plan") -> "list[Verdict]":
    import asyncio
    import os

    from monitor.cli.live import tried
    from monitor.cli.verdicts import waiting

    async def verdicts() -> "list[Verdict]":
        return [verdict async for verdict in tried(plan, os.environ)]

    with waiting(f"asking {plan.account.base_url} …"):
        return asyncio.run(verdicts())


def _introduce(beginning: "Beginning", verdicts: "list[Verdict]", option: str) -> None:
    """What was written, and what to type next."""
    from monitor.cli.verdicts import tell

    for verdict in verdicts:
        tell(verdict)
    typer.echo(f"written: {beginning.path}")
    if beginning.secret is not None:
        typer.echo(f"written: {beginning.secret}, which its owner alone can read")
    typer.echo(
        "\nGo on with\n"
        f"  number-monitor {option}check   what it will do\n"
        f"  number-monitor {option}poll    every number, now\n"
        f"  number-monitor {option}run     watch; the page is at http://127.0.0.1:8620/"
    )
