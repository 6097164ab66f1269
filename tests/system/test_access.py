"""TLS and users, as their users see them: a real Prometheus scrapes, certificates are renewed, commands ask."""

import asyncio
import contextlib
import json
import shutil
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest

from tests.certificates import Pair, self_signed, signed
from tests.system.running import PATIENCE, Running, configuration, eventually
from tests.system.test_prometheus import free_port, result

PASSWORD = "open-sesame"
USERS = {user: bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode() for user in ("ops", "prometheus")}
needs_ipv6 = pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="this machine has no IPv6")
TLS: Mapping[str, object] = {"cert_file": "server.crt", "key_file": "server.key"}


def write(directory: Path, tls: Mapping[str, object] = TLS) -> None:
    """Write the web.config.yml, which JSON is as well, and have promtool read it."""
    path = directory / "web.config.yml"
    path.write_text(json.dumps({"basic_auth_users": USERS, "tls_server_config": tls}))
    if promtool := shutil.which("promtool"):
        subprocess.run([promtool, "check", "web-config", str(path)], check=True, capture_output=True)


async def address(daemon: Running) -> str:
    """Where it listens: `127.0.0.1:port`."""
    return (await daemon.watching()).removeprefix("http://")


def trusting(*pairs: Pair) -> ssl.SSLContext:
    context = ssl.create_default_context()
    for pair in pairs:
        context.load_verify_locations(pair.certificate)
    return context


async def get(place: str, path: str, server: Pair, user: str | None = None) -> int:
    auth = (user, PASSWORD) if user else None
    async with httpx.AsyncClient(verify=trusting(server), trust_env=False, timeout=PATIENCE) as client:
        return (await client.get(f"https://{place}{path}", auth=auth)).status_code


async def shown(place: str) -> bytes:
    """The certificate that is shown there, in DER."""
    pem = await asyncio.to_thread(ssl.get_server_certificate, tuple(place.rsplit(":", 1)))  # type: ignore[arg-type]
    return ssl.PEM_cert_to_DER_cert(pem)


@contextlib.asynccontextmanager
async def prometheus(program: str, directory: Path, target: str) -> AsyncIterator[httpx.AsyncClient]:
    """Prometheus, scraping the target with a password and by our authority's certificate alone."""
    own = f"127.0.0.1:{free_port()}"
    (directory / "password").write_text(PASSWORD)
    scrape: dict[str, Any] = {
        "job_name": "number-monitor",
        "scrape_interval": "1s",
        "scheme": "https",
        "basic_auth": {"username": "prometheus", "password_file": str(directory / "password")},
        "tls_config": {"ca_file": str(directory / "authority.crt")},
        "static_configs": [{"targets": [target]}],
    }
    config = directory / "prometheus.yml"
    config.write_text(json.dumps({"scrape_configs": [scrape]}))
    process = await asyncio.create_subprocess_exec(
        *(program, f"--config.file={config}", f"--storage.tsdb.path={directory / 'tsdb'}"),
        f"--web.listen-address={own}",
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://{own}", timeout=PATIENCE) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def ran(path: Path, *arguments: str, password: str | None = None) -> tuple[int, str]:
    """A command's exit code, and what it says on either stream."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", "--config", str(path), *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        stdin=asyncio.subprocess.DEVNULL,
        env={} if password is None else {"NUMBER_MONITOR_PASSWORD": password},
    )
    async with asyncio.timeout(PATIENCE):
        said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


def asking(tmp_path: Path, vendor: Any, listen: object) -> Path:
    """A configuration for commands: that of the daemon, with the real port."""
    directory = tmp_path / "asking"
    directory.mkdir(exist_ok=True)
    return configuration(
        directory,
        base_url=vendor.base_url,
        access_key=vendor.world.access_key,
        access_secret=vendor.world.access_secret,
        apps=list(vendor.world.appkeys),
        web={"listen": listen, "config_file": str(tmp_path / "web.config.yml"), "writers": ["ops"]},
    )


@pytest.fixture
def authority(tmp_path: Path) -> Pair:
    return self_signed(tmp_path, "authority", names="DNS:authority")


@pytest.fixture
def server(tmp_path: Path, authority: Pair) -> Pair:
    return signed(tmp_path, "server", authority, names="DNS:localhost,IP:127.0.0.1")


WEB = {"listen": "127.0.0.1:0", "config_file": "web.config.yml", "writers": ["ops"]}


async def test_prometheus_scrapes_with_a_password_while_the_certificate_is_renewed(
    vendor, start, command, tmp_path, authority, server
):
    write(tmp_path)
    daemon = await start(web=WEB)
    place = await address(daemon)
    async with prometheus(command("prometheus"), tmp_path, place) as client:
        await eventually(lambda: result(client, "nxcloud_number_quality_rating == 1"))
        before = await shown(place)

        signed(tmp_path, "server", authority, names="DNS:localhost,IP:127.0.0.1")
        await daemon.reload()
        after = await shown(place)
        vendor.world.change(vendor.world.numbers[0], {"quality_rating": "RED"})
        await eventually(lambda: result(client, "nxcloud_number_quality_rating == 3"))
        missed = await result(client, "count_over_time((up == 0)[5m:1s])")

    assert (before != after, missed) == (True, [])


async def test_who_is_no_user_sees_nothing_but_the_probes(start, tmp_path, authority, server):
    write(tmp_path)
    place = await address(await start(web=WEB))

    found = {path: await get(place, path, authority) for path in ("/", "/metrics", "/api/v1/numbers", "/-/healthy")}

    assert found == {"/": 401, "/metrics": 401, "/api/v1/numbers": 401, "/-/healthy": 200}
    assert await get(place, "/metrics", authority, "prometheus") == 200


async def test_a_bad_file_leaves_the_running_one_in_force(start, tmp_path, authority, server):
    write(tmp_path)
    daemon = await start(web=WEB)
    place = await address(daemon)
    (tmp_path / "server.key").write_text("no key")

    async with httpx.AsyncClient(verify=trusting(authority), trust_env=False, timeout=PATIENCE) as client:
        refused = await client.post(f"https://{place}/-/reload", auth=("ops", PASSWORD))
        still = await client.get(f"https://{place}/metrics", auth=("ops", PASSWORD))

    assert (refused.status_code, still.status_code) == (500, 200)
    assert f"{tmp_path}/web.config.yml: tls_server_config.key_file" in refused.text


async def test_a_user_who_is_taken_out_is_let_in_no_more(start, tmp_path, authority, server):
    write(tmp_path)
    daemon = await start(web=WEB)
    place = await address(daemon)
    before = await get(place, "/metrics", authority, "prometheus")
    only_ops = {"basic_auth_users": {"ops": USERS["ops"]}, "tls_server_config": TLS}
    (tmp_path / "web.config.yml").write_text(json.dumps(only_ops))

    await daemon.reload()

    assert (before, await get(place, "/metrics", authority, "prometheus")) == (200, 401)


async def test_commands_ask_over_tls_and_send_the_password_to_the_daemon_alone(
    vendor, start, tmp_path, authority, server
):
    write(tmp_path)
    place = await address(await start(web=WEB))
    path = asking(tmp_path, vendor, place)

    health = await ran(path, "healthcheck")
    nobody = await ran(path, "accept", "--account", "main")
    wrong = await ran(path, "accept", "--account", "main", "--user", "ops", password="guess")
    reader = await ran(path, "accept", "--account", "main", "--user", "prometheus", password=PASSWORD)
    writer = await ran(path, "accept", "--account", "main", "--user", "ops", password=PASSWORD)
    signed(tmp_path, "server", authority, names="DNS:localhost")
    renewed = await ran(path, "accept", "--account", "main", "--user", "ops", password=PASSWORD)
    still_healthy = await ran(path, "healthcheck")

    assert (health[0], still_healthy[0]) == (0, 0)
    assert nobody == wrong == (1, "not accepted: This needs a user and a password.\n")
    assert reader == (1, "not accepted: This user may read only: web.writers does not name them.\n")
    assert writer == (0, "account main: no held-back answers believed\n")
    assert (renewed[0], "so no password was sent" in renewed[1]) == (1, True)


async def test_health_is_asked_where_a_clients_certificate_is_required(vendor, start, tmp_path, authority, server):
    required = {**TLS, "client_auth_type": "RequireAndVerifyClientCert", "client_ca_file": "authority.crt"}
    write(tmp_path, required)
    socket_address = f"unix:{tmp_path}/nm.sock"
    daemon = await start(web={**WEB, "listen": ["127.0.0.1:0", socket_address]})
    place = await address(daemon)
    place = place.partition(",")[0]

    over_tls = await ran(asking(tmp_path, vendor, place), "healthcheck")
    accepted_over_tls = await ran(
        asking(tmp_path, vendor, place), "accept", "--account", "main", "--user", "ops", password=PASSWORD
    )
    path = asking(tmp_path, vendor, [place, socket_address])
    over_socket = await ran(path, "healthcheck")
    accepted = await ran(path, "accept", "--account", "main", "--user", "ops", password=PASSWORD)
    await daemon.end()
    ended = await ran(path, "healthcheck")

    wanted = f"alive: {place} wants a client's certificate, and a command has none; "
    assert over_tls == (0, f"{wanted}with unix:PATH in web.listen it is asked on this machine without\n")
    assert (accepted_over_tls[0], over_socket, accepted[0], ended[0]) == (1, (0, ""), 0, 1)


@pytest.mark.parametrize("listen", ["127.0.0.1:0", pytest.param("[::1]:0", marks=needs_ipv6), ":0", "unix:nm.sock"])
async def test_health_is_asked_at_every_kind_of_address(vendor, start, tmp_path, authority, server, listen):
    write(tmp_path)
    daemon = await start(web={**WEB, "listen": listen})
    place = (await address(daemon)).partition(",")[0]

    assert await ran(asking(tmp_path, vendor, place), "healthcheck") == (0, "")


async def test_check_says_how_it_is_guarded_and_what_is_not_done(vendor, tmp_path, authority, server):
    (tmp_path / "web.config.yml").write_text(
        json.dumps({"tls_server_config": TLS, "basic_auth_users": USERS, "http_server_config": {"http2": True}})
    )

    code, said = await ran(asking(tmp_path, vendor, "127.0.0.1:8620"), "check")

    assert code == 0
    assert "web: 127.0.0.1:8620 (TLS, 2 users, 1 writer)\n  not done: " in said
    assert "http_server_config.http2: HTTP/2 is not spoken" in said
