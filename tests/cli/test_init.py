"""`init`: what it asks, what it writes and with which rights, what it says at each wrong turn."""

import asyncio
import os
import re
import ssl
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli.program import program
from monitor.simulator.faults import Code
from monitor.simulator.lives import STILL
from monitor.simulator.server import Simulator, wall_clock
from monitor.simulator.world import World
from tests.certificates import self_signed
from tests.cli.terminal import Terminal
from tests.phonelist.faulty_vendor import FaultyVendor, hang, status

README = Path(__file__).parents[2] / "README.md"
ELSEWHERE = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY")
OURS = ("NUMBER_MONITOR_CONFIG", "NUMBER_MONITOR_ACCESS_KEY", "NUMBER_MONITOR_ACCESS_SECRET")


class Vendor:
    """A simulator that listens, with a clock of its own."""

    def __init__(self) -> None:
        self.ahead = 0  # seconds
        self.world = World.of(apps=2, numbers=6, seed=7, script=STILL)
        self.simulator = Simulator(self.world, now=lambda: wall_clock() + self.ahead * 1000)
        self.base_url = ""
        self.key, self.secret = self.world.access_key, self.world.access_secret
        self.appkeys = self.world.appkeys

    def options(self) -> list[str]:
        return ["--access-key", self.key, "--appkey", self.appkeys[0], "--base-url", self.base_url]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory, and an environment that says nothing."""
    for name in (*ELSEWHERE, *OURS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    vendor = Vendor()
    vendor.base_url = await vendor.simulator.start()
    yield vendor
    await vendor.simulator.stop()


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    before = os.umask(0)
    os.umask(before)
    yield os.umask
    os.umask(before)


async def init(*options: object, secret: str | None = None, before: tuple[str, ...] = ()) -> Result:
    """Run it without a terminal; a secret comes from standard input."""
    words = [*before, "init", *map(str, options)]
    words += [] if secret is None else ["--access-secret-file", "-"]
    return await asyncio.to_thread(CliRunner().invoke, program, words, input=secret)


async def ran(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, program, words)


def mode(name: str) -> int:
    return stat.S_IMODE(Path(name).stat().st_mode)


def files(directory: str = ".") -> list[str]:
    return sorted(path.name for path in Path(directory).iterdir())


def read(name: str = "number-monitor.yml") -> str:
    return Path(name).read_text(encoding="utf-8")


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


async def test_what_it_writes_is_right_and_the_vendor_lets_us_in(vendor):
    result = await init(*vendor.options(), secret=f"{vendor.secret}\n")

    assert (result.exit_code, result.stderr) == (0, "")
    assert re.match(rf"account main: {vendor.appkeys[0]} answered in \d+ ms with 3 numbers", result.stdout)
    checked = await ran("check", "--live")
    assert (checked.exit_code, checked.stderr) == (0, "")


async def test_the_secret_stands_in_a_file_of_its_own_and_nowhere_else(vendor):
    result = await init(*vendor.options(), secret=vendor.secret)

    assert files() == ["number-monitor.yml", "nxcloud.secret"]
    assert read("nxcloud.secret") == f"{vendor.secret}\n"
    assert vendor.secret not in read() + result.output


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
async def test_its_owner_alone_reads_the_secret_whatever_the_umask(vendor, umask, mask):
    umask(mask)

    result = await init(*vendor.options(), "--offline", secret=vendor.secret)

    assert (result.exit_code, mode("nxcloud.secret")) == (0, 0o600), result.stderr
    assert mode("number-monitor.yml") == 0o666 & ~mask


async def test_the_environment_may_say_it_all_but_the_apps(vendor, monkeypatch):
    monkeypatch.setenv("NUMBER_MONITOR_ACCESS_KEY", vendor.key)
    monkeypatch.setenv("NUMBER_MONITOR_ACCESS_SECRET", vendor.secret)

    result = await init("--appkey", vendor.appkeys[0], "--appkey", vendor.appkeys[1], "--base-url", vendor.base_url)

    assert result.exit_code == 0
    assert all(f"\n      - {appkey}\n" in read() for appkey in vendor.appkeys)


async def test_a_secret_that_has_a_file_stays_there(vendor, tmp_path):
    write("mine", vendor.secret)

    result = await init(*vendor.options(), "--access-secret-file", "mine")

    assert (result.exit_code, files()) == (0, ["mine", "number-monitor.yml"])
    assert f"access_secret_file: {tmp_path}/mine" in read()


async def test_it_is_written_where_the_other_commands_look(vendor, monkeypatch):
    write("there/other", "")
    monkeypatch.setenv("NUMBER_MONITOR_CONFIG", "there/n.yml")

    result = await init(*vendor.options(), secret=vendor.secret)

    assert files("there") == ["n.yml", "nxcloud.secret", "other"]
    assert "number-monitor --config there/n.yml run" in result.stdout
    assert (await ran("check")).exit_code == 0


async def test_without_a_terminal_it_names_what_is_missing():
    result = await init()

    assert (result.exit_code, files()) == (2, [])
    assert result.stderr == (
        "number-monitor init: no terminal to ask at; give --access-key or $NUMBER_MONITOR_ACCESS_KEY, "
        "--access-secret-file or $NUMBER_MONITOR_ACCESS_SECRET, --appkey\n"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--access-key", "a b"], "letters, digits and signs of ASCII without spaces"),
        (["--appkey", "jh/1"], "expected 1 to 128 letters, digits and signs of _ - . :"),
        (["--appkey", ","], "is empty"),
        (["--base-url", "api2.nxcloud.com"], "expected a URL that begins with https:// or http://"),
        (["--account", "a/b"], "no slash"),
    ],
)
async def test_what_the_configuration_would_refuse_is_refused_at_once(options, said):
    result = await init(*options, secret="hunter2")

    assert (result.exit_code, files()) == (2, [])
    assert options[0] in result.stderr
    assert said in " ".join(re.sub("[│\n]", " ", result.stderr).split())


async def test_a_secret_of_two_lines_is_refused_and_not_repeated(vendor):
    result = await init(*vendor.options(), secret="hunter2\nhunter3")

    assert (result.exit_code, files()) == (2, [])
    assert "hunter" not in result.output


@pytest.mark.parametrize("name", ["number-monitor.yml", "nxcloud.secret"])
async def test_nothing_that_is_there_is_replaced_unasked(vendor, tmp_path, name):
    write(name, "mine")

    result = await init(*vendor.options(), secret=vendor.secret)

    assert (result.exit_code, files(), read(name)) == (1, [name], "mine")
    assert result.stderr == f"{tmp_path}/{name}: there already; --force replaces, --config names another place\n"


async def test_told_to_it_replaces(vendor):
    for name in ("number-monitor.yml", "nxcloud.secret"):
        write(name, "mine")

    result = await init(*vendor.options(), "--force", secret=vendor.secret)

    assert (result.exit_code, mode("nxcloud.secret")) == (0, 0o600)
    assert "mine" not in read()


async def test_a_folder_that_is_not_there_is_said(vendor, tmp_path):
    result = await init(*vendor.options(), secret=vendor.secret, before=("--config", "gone/n.yml"))

    assert result.exit_code == 1
    assert result.stderr == f"cannot write in {tmp_path}/gone: No such file or directory; make it first\n"


@pytest.mark.parametrize("text", ["13800138", "1e5", "true", "jh42:1", "0x1F", "a.b"])
async def test_an_appkey_is_text_whatever_yaml_would_make_of_it(text):
    result = await init("--access-key", "abc$1", "--appkey", text, "--offline", secret="a # b: $c")

    assert (result.exit_code, result.stderr) == (0, "")
    assert (await ran("check")).exit_code == 0


def uncommented(text: str) -> str:
    """The configuration with every line that is a key or goes on with one put to use."""
    return re.sub(r"^( *)# (?=( {2,}|- |[a-z_]+:( |$)))", r"\1", text, flags=re.MULTILINE)


async def test_what_it_leaves_commented_out_is_right_as_it_stands():
    await init("--access-key", "abc", "--appkey", "jh1", "--offline", secret="hunter2")
    for name, text in {"apps.csv": "jh7,seven", "smtp.secret": "a", "slack.secret": "https://a/b"}.items():
        write(name, text)

    write("number-monitor.yml", uncommented(read()))

    checked = await ran("check")
    assert (checked.exit_code, checked.stderr) == (0, "")
    assert "apps.csv, 1 app\n" in checked.stdout
    assert "mail (email), team (slack)" in checked.stdout
    assert "\npoll: {interval" in read()


# Wrong turns: each is a sentence that says what to do, and leaves nothing behind.


async def refused(*options: object, secret: str) -> str:
    result = await init(*options, secret=secret)
    assert (result.exit_code, files(), result.stdout) == (1, [], "")
    said, what_now = result.stderr.splitlines()
    assert what_now == "nothing was written; --offline writes without asking the vendor"
    return said


@pytest.mark.parametrize("command", ["run", "check", "poll", "numbers", "events", "deliveries"])
async def test_without_a_configuration_every_command_leads_to_init(command):
    result = await ran(command)

    assert "there is no number-monitor.yml" in result.stderr
    assert "`number-monitor init` writes one" in result.stderr


async def test_a_wrong_secret(vendor):
    said = await refused(*vendor.options(), secret="hunter2")

    assert "the signature is wrong; check access_secret" in said


async def test_a_wrong_key(vendor):
    said = await refused(*vendor.options(), "--access-key", "another", secret=vendor.secret)

    assert "the access key is wrong or lacks the permission; check access_key of account main" in said


@pytest.mark.parametrize(("ahead", "side"), [(120, "behind"), (-120, "ahead of")])
async def test_a_clock_that_is_two_minutes_off(vendor, ahead, side):
    vendor.ahead = ahead

    said = await refused(*vendor.options(), secret=vendor.secret)

    assert re.search(
        rf"our clock is 1[12]\d\.\d s {side} the vendor's, 60 s are allowed; set this machine's clock", said
    )


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        pytest.param(9007, "the caller is not an integrator; ask the vendor to make account main", id="no integrator"),
        pytest.param(9008, "the appkey does not exist; correct or remove appkey", id="no such appkey"),
        pytest.param(9010, "the appkey belongs to another customer than the access key", id="another's appkey"),
        pytest.param(9001, "system error on the vendor's side", id="the vendor's fault"),
    ],
)
async def test_a_refusal_of_the_vendor(vendor, code, advice):
    vendor.simulator.faults.add(Code(code=code))

    assert advice in await refused(*vendor.options(), secret=vendor.secret)


def at(address: str) -> list[str]:
    return ["--access-key", "abc", "--appkey", "jh1", "--base-url", address]


async def test_no_name_server_knows_the_vendor():
    said = await refused(*at("http://nowhere.invalid"), secret="hunter2")

    assert "the name nowhere.invalid cannot be resolved" in said
    assert "check base_url and the name server" in said


async def test_no_network(vendor):
    await vendor.simulator.stop()

    said = await refused(*at(vendor.base_url), secret="hunter2")

    assert "Connection refused); check base_url, the network and its firewall" in said


async def test_a_proxy_that_cannot_be_reached(vendor, monkeypatch):
    monkeypatch.setenv("http_proxy", vendor.base_url)
    await vendor.simulator.stop()

    said = await refused(*at("http://vendor.example.com"), secret="hunter2")

    assert said.startswith("account main: the proxy ")
    assert said.endswith("; check the proxy")


@pytest.fixture
async def faulty() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def test_a_proxy_that_wants_a_password(faulty, monkeypatch):
    proxy = await faulty.enter_async_context(FaultyVendor())
    proxy.next(status("407 Proxy Authentication Required"))
    monkeypatch.setenv("http_proxy", f"http://{proxy.place}")

    said = await refused(*at("http://vendor.example.com"), secret="hunter2")

    assert "the proxy's answer: check its user and password" in said


async def test_tls_that_somebody_opens_on_the_way(faulty, tmp_path, monkeypatch):
    pair = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    vendor = await faulty.enter_async_context(FaultyVendor(context))
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")

    said = await refused(*at(f"https://{vendor.place}"), secret="hunter2")

    assert "is not trusted (self-signed certificate)" in said
    assert "or name your own authority in SSL_CERT_FILE" in said


async def test_a_page_that_asks_to_sign_in_to_the_network(faulty):
    portal = await faulty.enter_async_context(FaultyVendor())
    portal.next(status("302 Found", "Location: http://portal.example.com/\r\n"))

    said = await refused(*at(f"http://{portal.place}"), secret="hunter2")

    assert "a redirect, and those are never followed" in said


# At a terminal.


async def test_a_person_answers_three_questions(vendor, tmp_path):
    async with Terminal("init", "--base-url", vendor.base_url, directory=tmp_path) as terminal:
        await terminal.answers("accessKey: ", vendor.key)
        await terminal.answers("accessSecret (it is not shown): ", vendor.secret)
        await terminal.answers("an empty line ends:", f"{vendor.appkeys[0]}, {vendor.appkeys[1]}")
        terminal.types("\n")
        code = await terminal.ends()

    assert code == 0, terminal.text
    assert "answered in" in terminal.text
    assert f"written: {tmp_path}/nxcloud.secret, which its owner alone can read\n" in terminal.text
    assert vendor.secret not in terminal.screen
    assert (files(), mode("nxcloud.secret")) == (["number-monitor.yml", "nxcloud.secret"], 0o600)
    assert (await ran("check", "--live")).exit_code == 0


async def test_it_asks_what_the_readme_shows(vendor, tmp_path):
    (shown,) = re.findall(r"^```\n(accessKey:.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    own = {"fme2na3kdi3ki": vendor.key, **dict(zip(["jh42xxxd434", "jh43xxxd435"], vendor.appkeys, strict=True))}
    for placeholder, value in own.items():
        shown = shown.replace(placeholder, value)
    key, secret, apps, appkeys, _, ended = shown.splitlines()

    async with Terminal("init", "--base-url", vendor.base_url, directory=tmp_path) as terminal:
        await terminal.answers(*key.split(" ", 1))
        await terminal.answers(secret, vendor.secret)
        await terminal.answers(apps, appkeys.strip())
        terminal.types("\n")
        await terminal.ends()

    assert re.sub(r"\d+ ms with \d", "", ended) in re.sub(r"\d+ ms with \d", "", terminal.text)


async def test_what_cannot_be_used_is_asked_for_again_and_a_refusal_leads_back(vendor, tmp_path):
    async with Terminal("init", "--base-url", vendor.base_url, directory=tmp_path) as terminal:
        await terminal.answers("accessKey: ", "")
        await terminal.shows("is empty")
        await terminal.answers("accessKey: ", vendor.key)
        await terminal.answers("accessSecret (it is not shown): ", "hunter2")
        await terminal.answers("an empty line ends:", "jh/1")
        await terminal.shows("letter or digit among them, got 'jh/1'")
        terminal.types(f"{vendor.appkeys[0]}\n\n")
        await terminal.shows("the signature is wrong; check access_secret")
        await terminal.answers("What now [a]: ", "")
        await terminal.answers(f"accessKey [{vendor.key}]: ", "")
        await terminal.answers("accessSecret (Enter keeps it): ", vendor.secret)
        await terminal.answers(f"an empty line ends [{vendor.appkeys[0]}]:", "")
        code = await terminal.ends()

    assert code == 0, terminal.text
    assert (await ran("check", "--live")).exit_code == 0


@pytest.mark.parametrize(
    ("letter", "code", "left"),
    [pytest.param("w", 0, ["number-monitor.yml", "nxcloud.secret"], id="write"), pytest.param("q", 1, [], id="end")],
)
async def test_after_a_refusal_a_person_decides(vendor, tmp_path, letter, code, left):
    async with Terminal("init", *vendor.options(), directory=tmp_path) as terminal:
        await terminal.answers("accessSecret (it is not shown): ", "hunter2")
        await terminal.answers("What now [a]: ", letter)
        ended = await terminal.ends()

    assert (ended, files()) == (code, left), terminal.text


@pytest.mark.parametrize(
    ("keys", "code", "said"),
    [
        pytest.param("\x03", 130, "nothing was written", id="Ctrl-C"),
        pytest.param("\x04", 1, "the input ended before everything was answered; nothing was written", id="Ctrl-D"),
    ],
)
@pytest.mark.parametrize(
    "question", [pytest.param("accessKey: ", id="at a question"), pytest.param("not shown): ", id="at a hidden one")]
)
async def test_whoever_breaks_off_leaves_nothing_behind(tmp_path, question, keys, code, said):
    given = () if question.startswith("accessKey") else ("--access-key", "abc")
    async with Terminal("init", *given, directory=tmp_path) as terminal:
        await terminal.shows(question)
        terminal.types(keys)
        await terminal.shows(said)
        ended = await terminal.ends()

    assert (ended, files()) == (code, [])
    assert "Traceback" not in terminal.text


async def test_whoever_breaks_off_the_call_leaves_nothing_behind(faulty, tmp_path):
    vendor = await faulty.enter_async_context(FaultyVendor())
    vendor.next(hang)
    async with Terminal("init", *at(f"http://{vendor.place}"), directory=tmp_path) as terminal:
        await terminal.answers("not shown): ", "hunter2")
        await terminal.shows("asking http://")
        terminal.types("\x03")
        await terminal.shows("nothing was written")
        code = await terminal.ends()

    assert (code, files()) == (130, [])


async def test_a_window_that_is_closed_leaves_nothing_behind(tmp_path):
    async with Terminal("init", directory=tmp_path) as terminal:
        await terminal.shows("accessKey: ")

    assert files() == []


@pytest.mark.parametrize(("answer", "code", "kept"), [("", 1, True), ("y", 0, False)])
async def test_a_person_is_asked_before_a_file_is_replaced(vendor, tmp_path, answer, code, kept):
    write("number-monitor.yml", "mine")
    async with Terminal("init", *vendor.options(), "--offline", directory=tmp_path) as terminal:
        await terminal.answers("Replace [n]: ", answer)
        if not kept:
            await terminal.answers("not shown): ", vendor.secret)
        ended = await terminal.ends()

    assert (ended, read() == "mine") == (code, kept), terminal.text
