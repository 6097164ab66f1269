"""
A secret in every secret key, and none of them in anything that comes out.

Only where it must authenticate may a secret appear: in the request that its own key is for.
"""

import asyncio
import base64
import contextlib
import json
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest
import structlog
from typer.testing import CliRunner

from monitor.cli.program import program
from monitor.daemon.watchdog import watched
from monitor.settings.heartbeat import Heartbeat
from monitor.settings.load import load
from monitor.settings.model import Account, AppsUrl, Store
from monitor.settings.problems import SettingsError
from monitor.settings.sink_types import SINKS
from monitor.settings.web_config import WebConfigFile
from monitor.simulator.lives import STILL
from monitor.simulator.server import Simulator
from monitor.simulator.world import World
from tests.certificates import self_signed
from tests.delivery import mailserver
from tests.delivery.receiver import ECHO, Received
from tests.system.places import OK, Places
from tests.system.planting import Planted, leaks, secret_keys, sections
from tests.system.running import PATIENCE, Running, configuration, eventually

PAGES = (
    *("/settings", "/events", "/events.csv", "/events.json", "/apps/main/jh1", "/apps/elsewhere/jh2"),
    *("/", "/metrics", "/metrics?part=daemon", "/api/openapi.json", "/-/healthy", "/-/ready", "/nothing/of/the/kind"),
    *("/api/v1/numbers", "/api/v1/apps", "/api/v1/events", "/api/v1/deliveries?limit=1000", "/api/v1/apps?limit=many"),
    *("/api/v1/numbers/12345678901/verdict", "/api/v1/deliveries?sink=nothing", "/api/v1/events?cursor=nothing"),
)
COMMANDS = (
    *(
        ["check"],
        ["check", "--live"],
        ["poll"],
        ["poll", "--format", "json"],
        ["numbers"],
        ["numbers", "--format", "csv"],
    ),
    *(["events"], ["events", "--format", "json"], ["deliveries"], ["deliveries", "--format", "json"], ["healthcheck"]),
    *(["--help"], ["sinks", "resume", "webhook-0"], ["accept", "--account", "main"]),
)
BESIDE = {
    "email": {"host": "127.0.0.1", "from": "Numbers <numbers@example.com>", "to": "ops@example.com", "tls": "none"},
    "alertmanager": {},
}
OWN_KEY_IN_BODY = {"pagerduty"}  #: whose protocol has the key in what is posted


class Stage:
    """A configuration with every secret that there is, the world around it, and all that came out of it."""

    def __init__(self, directory: Path, places: Places) -> None:
        self.directory = directory
        self.path = directory / "number-monitor.yml"
        self.places = places
        self._everywhere = ""
        self.planted = Planted()
        self.outputs: dict[str, bytes] = {}
        self.password = self.planted.token("the password of a user of ours")
        self.world = World.of(apps=2, numbers=6, script=STILL)
        self.planted.places[self.world.access_secret] = "Account.access_secret"

    def write(self, base_url: str, *, address: str = "", runs: bool = True, **more: Any) -> None:
        """Write the configuration; all URLs lead to the address, else each to its place; what runs has a store."""
        self._everywhere = address
        lists = self._address("webhook")
        (apps_url,) = self.planted.instances(AppsUrl, {}, lists)
        (hidden_proxy,) = self.planted.instances(Account, {"access_key": "abc"}, "127.0.0.1:9")
        (heartbeat,) = self.planted.instances(Heartbeat, {}, lists)
        account = {
            "name": "main",
            "access_key": self.world.access_key,
            "access_secret_file": "nxcloud",
            "rate_limit": 200,
        }
        elsewhere = {**hidden_proxy, "name": "elsewhere", "apps": ["jh2"], "apps_url": apps_url}
        (self.directory / "nxcloud").write_text(self.world.access_secret)
        contents: dict[str, Any] = {
            "accounts": [{**account, "base_url": base_url, "apps": list(self.world.appkeys)}, elsewhere],
            "poll": {"interval": "5s", "retries": 0},
            "web": {"listen": "127.0.0.1:0", "config_file": "web.config.yml", "writers": ["ops"]},
            "events": {"sinks": self.sinks(), "heartbeat": {**heartbeat, "every": "5s"}},
            "log": {"level": "debug"},
            **more,
        }
        if not runs:
            (contents["store"],) = self.planted.instances(Store, {}, "127.0.0.1:9")
        self.path.write_text(json.dumps(contents))
        self._write_web_config()

    def sinks(self) -> list[dict[str, Any]]:
        """One of each type, and another where keys exclude each other."""
        return [sink for kind in SINKS for sink in self._sinks_of(kind)]

    def _address(self, kind: str) -> str:
        return self._everywhere or f"127.0.0.1:{self.places[kind].port}"

    def _sinks_of(self, kind: str) -> list[dict[str, Any]]:
        base = {"name": f"{kind}-{{count}}", "type": kind, **BESIDE.get(kind, {})}
        if kind == "email":
            return self.planted.instances(SINKS[kind], {**base, "port": str(self.places.mail.port)}, "")
        address = self._address(kind)
        if kind == "pagerduty":
            base["base_url"] = f"http://{address}"
        return self.planted.instances(SINKS[kind], base, address)

    def _write_web_config(self) -> None:
        pair = self_signed(self.directory)
        key = pair.key.read_text()
        users = {"ops": bcrypt.hashpw(self.password.encode(), bcrypt.gensalt(4)).decode()}
        self.planted.places[users["ops"]] = "the hash of a user's password"
        self.planted.places |= dict.fromkeys(key.splitlines()[1:-1], "our private key")
        tls = {"cert_file": pair.certificate.name, "key": key}
        (self.directory / "web.config.yml").write_text(
            json.dumps({"basic_auth_users": users, "tls_server_config": tls})
        )

    @contextlib.asynccontextmanager
    async def asking(self, daemon: Running) -> AsyncIterator[httpx.AsyncClient]:
        """A client that trusts the daemon's certificate and has a user's password."""
        address = (await daemon.watching()).replace("http://", "https://")
        trusting = ssl.create_default_context(cafile=str(self.directory / "server.crt"))
        auth = ("ops", self.password)
        async with httpx.AsyncClient(
            base_url=address, verify=trusting, auth=auth, timeout=PATIENCE, trust_env=False
        ) as client:
            yield client

    async def look_everywhere(self, daemon: Running) -> None:
        """Keep what every page, command and file says."""
        async with self.asking(daemon) as client:
            entry = (await client.get("/api/v1/numbers")).json()["items"][0]
            page = "/numbers/{account}/{appkey}/{waba_id}/{number}".format(**entry).replace("+", "%2B")
            for path in (*PAGES, page):
                got = await client.get(path)
                self.outputs[path] = got.content + str(got.headers).encode()
            for path in ("/api/v1/accounts/main/accept", "/api/v1/accounts/nobody/accept", "/-/reload"):
                self.outputs[f"POST {path}"] = (await client.post(path)).content
            config = self.path.read_text()
            self.path.write_text(config.replace('"access_key"', '"acces_key"'))
            self.outputs["a reload of what is wrong"] = (await client.post("/-/reload")).content
            self.path.write_text(config)
            wrong = (await client.get("/", auth=("ops", self.password[:-1]))).content
            self.outputs["to a wrong password"] = wrong
        for words in COMMANDS:
            self.outputs[" ".join(words)] = await self.command(*words)
        await self.try_sinks()

    async def command(self, *words: str) -> bytes:
        """What a command prints, on both streams; it has a loop of its own, so it gets a thread."""
        environ = {"NO_PROXY": "*", "NUMBER_MONITOR_PASSWORD": self.password}
        whole = ["--config", str(self.path), *words]
        result = await asyncio.to_thread(CliRunner().invoke, program, whole, env=environ)
        raised = [] if isinstance(result.exception, SystemExit | None) else [repr(result.exception)]
        return "\n".join([result.output, *raised]).encode()

    async def try_sinks(self) -> None:
        """Keep what `sinks test` says of every sink."""
        for sink in json.loads(self.path.read_text())["events"]["sinks"]:
            self.outputs[f"sinks test {sink['name']}"] = await self.command("sinks", "test", sink["name"])

    def keep(self, daemon: Running) -> None:
        """Keep what the daemon wrote, the store included."""
        self.outputs["stdout"] = json.dumps(daemon.events).encode()
        self.outputs["the log"] = "".join(daemon.log).encode()
        for file in self.directory.glob("number-monitor.db*"):
            self.outputs[f"the store ({file.name})"] = file.read_bytes()

    def delivered(self) -> Iterator[str]:
        """Secrets at a receiver that are not its own, and its own in what it is told."""
        for kind in [*SINKS, "webhook"]:
            requests = [] if kind == "email" else self.places[kind].requests
            for request in requests:
                yield from self._misplaced(kind, request)
        for mail in self.places.mail.mails:
            content = mail.content if isinstance(mail.content, bytes) else b""
            yield from leaks({"a mail": content}, self.planted.places)

    def _misplaced(self, kind: str, request: Received) -> Iterator[str]:
        whole = request.line.encode() + str(request.headers).encode() + request.body
        classes = {SINKS[kind].__name__, *(("AppsUrl", "Heartbeat") if kind == "webhook" else ())}
        others = {
            secret: at for secret, at in self.planted.places.items() if at.split("[")[0].split(".")[0] not in classes
        }
        yield from leaks({f"a request at {kind}": whole}, others)
        if kind not in OWN_KEY_IN_BODY:
            yield from leaks({f"a body at {kind}": request.body}, self.planted.places)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Places() as places:
        yield Stage(tmp_path, places)


@contextlib.asynccontextmanager
async def running(stage: Stage, program: str, **more: Any) -> AsyncIterator[Running]:
    simulator = Simulator(stage.world)
    stage.write(await simulator.start(), **more)
    daemon = await Running.start(stage.path, program=program, environ={"NO_PROXY": "*"})
    try:
        yield daemon
    finally:
        if daemon.process.returncode is None:
            daemon.process.kill()
        await daemon.end()
        await simulator.stop()


def test_every_secret_key_is_planted():
    """A section that learns to take secrets belongs into `Stage.write`; a new key of one is planted by itself."""
    assert set(sections()) == {Account, AppsUrl, Heartbeat, Store, *SINKS.values()}
    assert [*sections(WebConfigFile)] == [WebConfigFile, type(WebConfigFile().tls_server_config)]
    assert [*secret_keys(WebConfigFile), *secret_keys(type(WebConfigFile().tls_server_config))] == [
        "basic_auth_users",
        "key",
    ]


async def test_while_all_goes_well_no_secret_shows_anywhere(stage, monkeypatch):
    async with running(stage, "tests.system.hasty") as daemon:
        (password,) = (secret for secret, at in stage.planted.places.items() if at == "EmailSink[0].password")
        monkeypatch.setattr(mailserver, "USER", "ops")
        monkeypatch.setattr(mailserver, "PASSWORD", password)
        await daemon.watching()
        await eventually(lambda: daemon.told("app.baseline"))
        stage.world.change(stage.world.numbers[0], {"status": "BANNED"})
        for kind in OK:
            await asyncio.wait_for(stage.places[kind].has(1), PATIENCE)
        await eventually(lambda: stage.places.mail.mails)
        await stage.look_everywhere(daemon)
        await daemon.end()
        stage.keep(daemon)

    assert [*leaks(stage.outputs, stage.planted.places), *stage.delivered()] == []
    assert all(stage.outputs.values())


async def test_an_exception_that_quotes_all_that_a_sink_knows_shows_no_secret(stage):
    async with running(stage, "tests.system.clumsy", log={"level": "debug", "format": "json"}) as daemon:
        await eventually(lambda: any("cannot ask" in line and '"sink":"webhook-0"' in line for line in daemon.log))
        await eventually(lambda: any("cannot ask" in line and "heartbeat broke" in line for line in daemon.log))
        await daemon.end()
        stage.keep(daemon)

    assert leaks(stage.outputs, stage.planted.places) == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        pytest.param("", "HTTP 500: ", id="a receiver repeats all that it was sent"),
        pytest.param("127.0.0.1:1", "cannot be", id="nobody listens"),
        pytest.param("nowhere.invalid:80", "cannot be", id="no such name"),
    ],
)
async def test_a_sink_that_fails_says_so_without_a_secret(stage, address, said):
    stage.write("http://127.0.0.1:1", address=address)
    for kind in OK:
        stage.places.answers(kind, *[ECHO] * 5)

    await stage.try_sinks()

    assert leaks(stage.outputs, stage.planted.places) == []
    shown = [output.decode() for name, output in stage.outputs.items() if "email" not in name and "apprise" not in name]
    assert all(said in output for output in shown), shown


@pytest.mark.parametrize("show", [repr, str, lambda one: str(one.model_dump()), lambda one: str(vars(one)), ascii])
def test_settings_that_are_shown_show_no_secret(stage, show):
    stage.write("http://127.0.0.1:1", runs=False)

    shown = show(load(stage.path, {})).encode()

    assert leaks({"shown": shown}, stage.planted.places) == []


#: What may be made of a value by mistake.
MISTAKES: Mapping[str, Callable[[Any], Any]] = {
    "in a list": lambda value: [value],
    "in a mapping": lambda value: {"value": value},
    "as a key": lambda value: {str(value): "x"},
    "twice": lambda value: f"{value} {value}",
    "with a line feed": lambda value: f"{value}\n",
    "with an umlaut": lambda value: f"ä{value}",
    "with another scheme": lambda value: f"ftp://{value}",
    "as a file": lambda value: value,
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_no_error_of_a_configuration_repeats_a_secret(stage, mistake):
    stage.write("http://127.0.0.1:1", runs=False)
    secrets = set(stage.planted.places)

    def spoilt(value: Any) -> Any:
        if isinstance(value, dict):
            ending = "_file" if mistake == "as a file" else ""
            return {
                f"{key}{ending}" if _is_text_with(item, secrets) else key: spoilt(item) for key, item in value.items()
            }
        if isinstance(value, list):
            return [spoilt(item) for item in value]
        return MISTAKES[mistake](value) if _is_text_with(value, secrets) else value

    stage.path.write_text(json.dumps(spoilt(json.loads(stage.path.read_text()))))

    with pytest.raises(SettingsError) as refused:
        load(stage.path, {})

    assert leaks({"the error": str(refused.value).encode()}, stage.planted.places) == []


def _is_text_with(value: object, secrets: set[str]) -> bool:
    return isinstance(value, str) and any(secret in value for secret in secrets)


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that every user can enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="number-monitor-test-") as directory:
        path = Path(directory)
        path.chmod(0o755)
        yield path


async def test_a_daemon_says_which_file_shows_a_secret_to_everybody(open_directory):
    path = configuration(
        open_directory, base_url="http://127.0.0.1:1", access_key="abc", access_secret="hunter2", apps=["jh1"]
    )
    path.chmod(0o644)
    daemon = await Running.start(path)
    await daemon.watching()
    await daemon.end()

    said = [json.loads(line) for line in daemon.log if "can read a secret" in line]
    assert [(line["level"], line["file"]) for line in said] == [("warning", str(path))]


def test_what_is_looked_for_is_found():
    secret = Planted().token("somewhere")
    encoded = base64.b64encode(f"ops:{secret}".encode())
    outputs = {
        "plain": secret.encode(),
        "basic": encoded,
        "hex": secret.encode().hex().encode(),
        "cut": secret[:20].encode(),
    }

    found = leaks({**outputs, "nothing": b"nothing"}, {secret: "somewhere"})

    assert {line.split(" ")[0] for line in found} == {"plain", "basic", "hex", "cut"}


async def test_the_stacks_of_a_stuck_loop_show_no_secret(tmp_path):
    secret = Planted().token("a local variable")
    ended = threading.Event()

    with (tmp_path / "stacks").open("wb") as file:
        log = structlog.wrap_logger(structlog.ReturnLogger(), wrapper_class=structlog.make_filtering_bound_logger(0))
        with watched(log, lambda: None, descriptor=file.fileno(), limit=2, tick=0.01, end=lambda _code: ended.set()):
            await _stuck(secret, ended)

    dumped = (tmp_path / "stacks").read_bytes()
    assert b"_stuck" in dumped
    assert leaks({"the stacks": dumped}, {secret: "a local variable"}) == []


async def _stuck(_secret: str, ended: threading.Event) -> None:
    ended.wait(PATIENCE)
