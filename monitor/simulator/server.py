"""
phoneList on a real port: the vendor's path, checked strictly, and the simulator's own paths beside it.

    world = World.of(apps=3, numbers=12, script=STILL)
    simulator = Simulator(world)
    base_url = await simulator.start()
    …
    world.change("+8613800000001", {"quality_rating": "RED"})
    simulator.faults.add(Delay(seconds=2, calls=1))
    …
    await simulator.stop()

It imports nothing of ours: what it accepts, it accepts by the vendor's documents alone.  Whoever talks to it from
another process finds its own paths in `control`.  It has no password and belongs on a loopback address.
"""

import asyncio
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address

import msgspec

from monitor.simulator.connection import Connection, Peers, Work
from monitor.simulator.control import Control
from monitor.simulator.gate import examine
from monitor.simulator.message import Request, Response
from monitor.simulator.plan import FaultPlan
from monitor.simulator.result import encoded, failed
from monitor.simulator.world import World

PATH = "/api/wa/integrator/embedded/register/phoneList"
CONTENT_TYPE = "application/json"


class Call(msgspec.Struct, frozen=True):
    """A call of phoneList that was judged, for whoever counts them."""

    at: int  #: milliseconds since 1970
    appkey: str  #: empty where the call was refused before its body was read
    code: int  #: the vendor's result code of the judgement; 0: accepted, whatever went wrong afterwards
    detail: str  #: what was wrong with a refused call
    fault: str  #: the fault that met it; empty: none


def wall_clock() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def forget(_: Call) -> None:
    """Nobody counts the calls."""


class Simulator:
    """
    The vendor's server.

    Args:
        world: what it answers.
        now: its wall clock, milliseconds since 1970: for time stamps and the Date header.
        on_call: told of every call of phoneList before it is answered.
    """

    def __init__(
        self, world: World, *, now: Callable[[], int] = wall_clock, on_call: Callable[[Call], None] = forget
    ) -> None:
        self.world = world
        self.faults = FaultPlan()
        self._control = Control(world, self.faults)
        self._now = now
        self._on_call = on_call
        self._peers = Peers()
        self._server: asyncio.Server | None = None
        self._second = 0
        self._date = ""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """
        Listen; port 0 takes a free one.

        Returns:
            the base URL, without a slash at its end.

        Raises:
            OSError: the address cannot be listened at; a port in use, say.
        """
        self._peers = Peers()
        accept = partial(Connection, self._answer, self._dated, self._peers)
        self._server = await asyncio.get_running_loop().create_server(accept, host, port, backlog=1024)
        return _url(*self._server.sockets[0].getsockname()[:2])

    async def stop(self) -> None:
        """Close the port and every connection at once; calls that hang are dropped.  May be started again."""
        if self._server is not None:
            self._server.close()
            await self._peers.close()
            await self._server.wait_closed()
            self._server = None

    def _answer(self, request: Request, wire: Connection) -> Work | None:
        if request.path != PATH:
            wire.respond(self._control.answer(request))
            return None
        misfit = _misfit(request)
        if misfit is not None:
            wire.respond(misfit)
            return None
        return self._called(request, wire)

    def _called(self, request: Request, wire: Connection) -> Work | None:
        at = self._now()
        verdict = examine(request.headers, request.body, self.world.customers, at)
        fault = self.faults.take(verdict.appkey) if verdict.code == 0 else None
        self._on_call(Call(at, verdict.appkey, verdict.code, verdict.detail, "" if fault is None else fault.word))
        if verdict.code:
            wire.respond(Response(failed(verdict.code, verdict.detail)))
            return None
        response = Response(self.world.answer(verdict.appkey))
        if fault is None:
            wire.respond(response)
            return None
        return fault.send(wire, fault.answer(response))

    def _dated(self) -> str:
        """The Date header's value, made once a second."""
        second = self._now() // 1_000
        if second != self._second:
            self._second, self._date = second, formatdate(second, usegmt=True)
        return self._date


def _misfit(request: Request) -> Response | None:
    """What a call is refused with before anything of the vendor's is looked at; None: nothing."""
    if request.method != "POST":
        return _plain(HTTPStatus.METHOD_NOT_ALLOWED, request, "Allow: POST")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != CONTENT_TYPE:
        return _plain(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, request, f"Accept: {CONTENT_TYPE}")
    return None


def _plain(status: HTTPStatus, request: Request, *headers: str) -> Response:
    """An error of the vendor's web framework: no envelope."""
    body = encoded({"status": status.value, "error": status.phrase, "path": request.target})
    return Response(body, status.value, headers=headers)


def _url(host: str, port: int) -> str:
    """Where a client on this machine finds the server; one that listens everywhere is found at the loopback too."""
    address = ip_address(host)
    if address.is_unspecified:
        host = "127.0.0.1" if address.version == 4 else "::1"
    return f"http://[{host}]:{port}" if address.version == 6 else f"http://{host}:{port}"
