"""
What a reader is told to type: every command of it is one that exists, with the options and arguments that it has.

Our own commands are parsed by the program itself, but not run.  Of the system's commands it is known which there are;
of what they do to this repository (targets, services, files), that it is there.
"""

import ast
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from urllib.parse import urlsplit

import typer
import typer.main
import yaml
from coverage.cmdline import COMMANDS as COVERAGE
from typer.core import TyperGroup
from typer.exceptions import TyperException

from monitor.cli.program import program
from monitor.web.operations import OPERATIONS
from tests.snippets.blocks import ROOT

PROGRAM = typer.main.get_command(program)
IMAGE = "number-monitor:dev"
SERVICE = "number-monitor"  # of compose.yaml; so is the container called
OPERATORS = frozenset({"&&", "||", "|", ";", ">", ">>", "<"})
#: The system's own, which are taken as they are.
PLAIN = frozenset(
    {
        "cat",
        "cd",
        "chmod",
        "chown",
        "cp",
        "echo",
        "export",
        "grep",
        "htpasswd",
        "install",
        "mkdir",
        "openssl",
        "rm",
        "sed",
        "systemctl",
        "umask",
        "wc",
    }
)
OF_DOCKER = frozenset({"cp", "push", "start", "stop", "volume"})
SIMULATOR = re.compile(r"/(apps|faults|numbers(/\d+)?)")

Words = Sequence[str]


class Wrong(Exception):
    """A command that cannot be typed as it stands; the text says why."""


def check(block: str) -> int:
    """Every command of a block; gives how many there are."""
    commands = list(commands_of(block))
    for words in commands:
        check_command(words)
    return len(commands)


def commands_of(block: str) -> Iterator[list[str]]:
    """The simple commands, without what stands between them and what is fed to them."""
    text = re.sub(r"(<<'(\w+)')(.*?)\n.*?^\2$", r"\3", block, flags=re.MULTILINE | re.DOTALL)
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
        lexer.whitespace_split, lexer.commenters = True, "#"
        for is_operator, run in groupby(lexer, lambda word: word in OPERATORS or set(word) <= set("()")):
            words = list(run)
            if not is_operator:
                yield words


def check_command(words: Words) -> None:
    """
    One command.

    Raises:
        Wrong: It is none that a reader has, or not with these words.
    """
    name, *rest = words
    if name == "sudo":
        check_command(rest)
    elif name.endswith("number-monitor"):
        parse(rest)
    elif name in {"python", "python3"} or name.endswith("/bin/python"):
        of_python(rest)
    elif name in CHECKS:
        CHECKS[name](rest)
    elif name not in PLAIN and not is_file_name(words):
        raise Wrong(f"{name}: no test knows this command")


def is_file_name(words: Words) -> bool:
    """Whether it is what an operator leads to: `> FILE`."""
    return len(words) == 1 and ("." in words[0] or "/" in words[0] or words[0] == "secret")


def parse(words: Words) -> None:
    """Our own command line, read by itself."""
    group = PROGRAM
    try:
        context = PROGRAM.make_context("number-monitor", list(words))
        while isinstance(group, TyperGroup) and (rest := [*context._protected_args, *context.args]):
            name, command, rest = group.resolve_command(context, rest)
            assert command is not None
            group, context = command, command.make_context(name, rest, parent=context)
    except typer.Exit:  # --version
        return
    except TyperException as error:
        raise Wrong(f"number-monitor {shlex.join(words)}: {error.format_message()}") from None


def of_python(words: Words) -> None:
    """`-m` of a module that there is, `-c` of code that compiles, or a file that the document has written before."""
    if words[:2] == ["-m", "monitor"]:
        parse(words[2:])
    elif words[0] == "-c":
        ast.parse(words[1])
    elif words[:2] == ["-m", "venv"] or words[0].endswith(".py"):
        return
    elif words[0] != "-m" or not (ROOT / words[1]).is_dir():
        raise Wrong(f"python {shlex.join(words)}: there is no such module")


def of_make(words: Words) -> None:
    """A target of the Makefile; variables beside it are of its own."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for word in words:
        name, given, _ = word.partition("=")
        if not re.search(rf"^{name} \?=" if given else rf"^{name}:", makefile, re.MULTILINE):
            raise Wrong(f"make {word}: the Makefile has no such thing")


def of_docker(words: Words) -> None:
    """Compose's services and profiles are those of compose.yaml; in a container it is our command line."""
    verb, *rest = words
    if verb == "compose":
        of_compose(rest)
    elif verb in {"run", "exec"}:
        place = next(
            (
                place
                for place, word in enumerate(rest)
                if word in {IMAGE, SERVICE} and rest[place - 1] != "--name" and rest[place - 1] != "--volumes-from"
            ),
            None,
        )
        if place is None:
            raise Wrong(f"docker {verb}: neither the image {IMAGE} nor the container {SERVICE}")
        within = rest[place + 1 :]
        if verb == "exec" or "--entrypoint" in rest:
            check_command(within if verb == "exec" else [rest[rest.index("--entrypoint") + 1], *within])
        elif within:
            parse(within)
    elif verb not in OF_DOCKER:
        raise Wrong(f"docker {verb}: no test knows this")


def of_compose(words: Words) -> None:
    """`docker compose …`."""
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    services: Mapping[str, Mapping[str, Sequence[str]]] = composed["services"]
    rest = list(words)
    while rest and rest[0] == "--profile":
        if not any(rest[1] in service.get("profiles", ()) for service in services.values()):
            raise Wrong(f"docker compose --profile {rest[1]}: compose.yaml has no such profile")
        rest = rest[2:]
    verb, *rest = rest
    if verb not in {"up", "down", "run", "exec", "logs"}:
        raise Wrong(f"docker compose {verb}: no test knows this")
    named = [word for word in rest if not word.startswith("-")]
    if verb in {"run", "exec"}:
        if named[0] != SERVICE:
            raise Wrong(f"docker compose {verb} {named[0]}: it is {SERVICE} that has our command line")
        within = rest[rest.index(SERVICE) + 1 :]
        parse(within) if verb == "run" else check_command(within)
    elif unknown := set(named) - set(services):
        raise Wrong(f"docker compose {verb}: compose.yaml has no {', '.join(unknown)}")


def of_curl(words: Words) -> None:
    """An address of ours, of the simulator's, or of Prometheus'."""
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    url = urlsplit(next(word for word in words if word.startswith("http")))
    if url.port == 8621:
        known = bool(SIMULATOR.fullmatch(url.path))
    elif url.port == 9090:
        known = url.path in {"/metrics", "/api/v1/query"}
    else:
        known = any(
            one.method == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one.path), url.path) for one in OPERATIONS
        )
    if not known:
        raise Wrong(f"curl: {method} {url.path} is answered by nobody")


def of_files(words: Words) -> None:
    """Files of this repository that are named are there."""
    for word in words:
        path = word.partition("=")[2] or word
        if path.startswith("config/") and not list(ROOT.glob(path)):
            raise Wrong(f"{path}: there is no such file")


def of_kubectl(words: Words) -> None:
    """Folders that are applied are there; behind `--` it is our command line."""
    of_files(words)
    if "--" in words:
        check_command(words[words.index("--") + 1 :])


def of_pip(words: Words) -> None:
    """What is installed is this repository, and what its locks name."""
    for word in words:
        if word.endswith(".txt") and not (ROOT / word).is_file():
            raise Wrong(f"pip install -r {word}: there is no such file")


def of_coverage(words: Words) -> None:
    """Its own command line, read by itself."""
    name, *rest = words
    if name not in COVERAGE or not COVERAGE[name].parse_args_ok(list(rest))[0]:
        raise Wrong(f"coverage {shlex.join(words)}: it cannot read this")


CHECKS: Mapping[str, Callable[[Words], None]] = {
    "make": of_make,
    "docker": of_docker,
    "curl": of_curl,
    "kubectl": of_kubectl,
    "promtool": of_files,
    "amtool": of_files,
    "prometheus": of_files,
    "~/number-monitor/bin/pip": of_pip,
    ".venv/bin/coverage": of_coverage,
}
