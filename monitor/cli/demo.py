"""`number-monitor demo`: an embedded vendor whose numbers degrade and recover, and the daemon watching it."""

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.context import complain

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.daemon.daemon import Daemon
    from monitor.simulator.server import Simulator
    from monitor.simulator.world import World

FAILED = 1
LISTEN = "NUMBER_MONITOR_LISTEN"  #: where the image listens: its port is published
VENDOR_PORT = 8621  # as `simulate`; compose.yaml publishes it, so that a number can be changed from outside
HERE = "127.0.0.1"
PORT = "8620"
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  # hosts of an address that mean all of this machine's
APPS = 6
FASTEST_INTERVAL = "5s"  # the shortest that a configuration may ask for: a change shows soon


def demo(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Where the page is; 0 takes a free port.", show_default=PORT)
    ] = None,
    numbers: Annotated[int, typer.Option(min=1, help="How many numbers the vendor has.")] = 24,
    speed: Annotated[float, typer.Option(min=0, help="How fast the numbers live; 1 is as slow as life.")] = 20.0,
) -> None:
    """Watch an embedded vendor simulator: nothing to configure, everything real but the vendor."""
    import asyncio
    import os
    import tempfile
    from pathlib import Path

    from monitor.simulator.world import World

    world = World.of(min(APPS, numbers), numbers, speed=speed)
    listen = f"{HERE}:{port}" if port is not None else os.environ.get(LISTEN, f"{HERE}:{PORT}")
    try:
        directory = tempfile.TemporaryDirectory(prefix="number-monitor-demo-")
    except OSError as error:
        complain([f"number-monitor: no place for the demo's state: {error}; set TMPDIR to a directory it may write"])
        raise typer.Exit(FAILED) from None
    with directory as path:
        raise typer.Exit(asyncio.run(_watch(world, Path(path, "number-monitor.yml"), listen)))


async def _watch(world: "World", path: "Path", listen: str) -> int:
    import os

    from monitor.cli.serving import serve
    from monitor.settings.load import load
    from monitor.simulator.server import Simulator

    simulator = Simulator(world)
    base_url = await _started(simulator, listen)
    try:
        path.write_text(_configuration(world, base_url, listen), encoding="utf-8")
        # the image's own defaults are for its own configuration: the demo keeps its state to itself
        environ = {name: value for name, value in os.environ.items() if not name.startswith("NUMBER_MONITOR_")}
        return await serve(
            load(path, environ),
            lambda: load(path, environ),
            lambda daemon: _introduce(daemon, base_url, world.numbers[0].removeprefix("+")),
        )
    finally:
        await simulator.stop()


async def _started(simulator: "Simulator", listen: str) -> str:
    """
    Start the vendor where the page is, so that who sees the one can change the other; gives its address from here.

    Its port is always the same, unless that is in use or the page's own was chosen: then there may be several demos.
    """
    host, _, port = listen.rpartition(":")
    is_everywhere = host in EVERYWHERE
    first = VENDOR_PORT if port == PORT else 0
    try:
        address = await simulator.start("0.0.0.0" if is_everywhere else HERE, first)  # noqa: S104  # as the page does
    except OSError:
        address = await simulator.start(HERE)
    return f"http://{HERE}:{address.rpartition(':')[2]}"


def _introduce(daemon: "Daemon", base_url: str, number: str) -> None:
    host, _, port = daemon.addresses[0].rpartition(":")
    page = f"http://{HERE if host.strip('[]') in EVERYWHERE else host}:{port}"
    typer.echo(
        f"\nnumber-monitor watches a simulated vendor at {base_url}.\n"
        f"  page       {page}/\n"
        f"  metrics    {page}/metrics\n"
        f'  try this   curl -X PATCH {base_url}/numbers/{number} -d \'{{"quality_rating": "RED"}}\'\n'
        "Events follow on standard output, one a line; Ctrl-C ends it.\n",
        err=True,
    )


def _configuration(world: "World", base_url: str, listen: str) -> str:
    import json

    apps = "\n".join(
        f"      - {{appkey: {json.dumps(app.appkey)}, name: {json.dumps(app.name)}}}" for app in world.apps
    )
    return f"""\
accounts:
  - name: demo
    access_key: {world.access_key}
    access_secret: {world.access_secret}
    base_url: {base_url}
    apps:
{apps}
poll: {{interval: {FASTEST_INTERVAL}}}
web: {{listen: "{listen}"}}
log: {{level: warning, format: console}}
"""
