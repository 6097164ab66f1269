"""
`number-monitor simulate`: the vendor's simulator alone, to point a configuration at.

Prints what is needed to talk to it, then a line on standard error for every call it refuses, until it is stopped.
"""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from monitor.simulator.server import Call, Simulator
    from monitor.simulator.world import World

LISTED = 6  # appkeys written into the example configuration; a longer list is better asked for


def simulate(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes a free port.")] = 8621,
    apps: Annotated[int, typer.Option(min=1, help="How many apps there are.")] = 6,
    numbers: Annotated[int, typer.Option(min=0, help="How many numbers they have in all.")] = 24,
    host: Annotated[str, typer.Option(help="The address to listen at; there is no password.")] = "127.0.0.1",
    speed: Annotated[float, typer.Option(min=0, help="How fast the numbers live; 0 stands still.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Another seed makes other apps, numbers and lives.")] = 1,
) -> None:
    """Run the vendor's simulator alone: phoneList with numbers that degrade and recover."""
    import asyncio

    from monitor.simulator.server import Simulator
    from monitor.simulator.world import World

    try:
        world = World.of(apps, numbers, seed, speed=speed)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    asyncio.run(_serve(Simulator(world, on_call=_tell_refusal), host, port))


async def _serve(simulator: "Simulator", host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    import asyncio
    import signal

    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        base_url = await simulator.start(host, port)
    except OSError as error:
        why = str(error.strerror).rpartition(": ")[2]  # asyncio puts the address before the reason
        typer.echo(f"cannot listen at {host}, port {port}: {why}; choose another with --host or --port", err=True)
        raise typer.Exit(1) from None
    try:
        typer.echo(_introduction(simulator.world, base_url))
        await stopped.wait()
    finally:
        await simulator.stop()


def _introduction(world: "World", base_url: str) -> str:
    """What a person needs to know, a configuration and a first try among it."""
    few = len(world.appkeys) <= LISTED
    known = [f"      - {appkey}" for appkey in world.appkeys]
    apps = ["    apps:", *known] if few else [f"    apps_url: {{url: {base_url}/apps}}"]
    lines = [
        f"phoneList simulator at {base_url}: {len(world.appkeys)} apps, {len(world.numbers)} numbers",
        f"  access key     {world.access_key}",
        f"  access secret  {world.access_secret}",
        f"  appkeys        {', '.join(world.appkeys[:LISTED])}{'' if few else ', … (all: GET /apps)'}",
        "",
        "number-monitor.yml:",
        "",
        "accounts:",
        "  - name: simulated",
        f"    access_key: {world.access_key}",
        f"    access_secret: {world.access_secret}",
        f"    base_url: {base_url}",
        *apps,
    ]
    if world.numbers:
        lines += [
            "",
            "change a number:",
            "",
            f'curl -X PATCH {base_url}/numbers/{world.numbers[0].removeprefix("+")} -d \'{{"quality_rating": "RED"}}\'',
        ]
    return "\n".join(lines)


def _tell_refusal(call: "Call") -> None:
    if call.code:
        asked = f" for {call.appkey!r}" if call.appkey else ""
        typer.echo(f"refused a call{asked} with {call.code}{f': {call.detail}' if call.detail else ''}", err=True)
