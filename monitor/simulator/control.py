"""
The simulator's own paths, beside the vendor's: look at the numbers, change one, have calls go wrong.

    GET    /apps                 a JSON array of {appkey, name}, as `apps_url` of the configuration wants it
    GET    /numbers              ?appkey=…&limit=1000: {"items": […], "total": n}
    GET    /numbers/{number}     one number; digits with or without a plus sign (as %2B or as it is)
    PATCH  /numbers/{number}     {"quality_rating": "RED"}: fields of its row, any JSON, pinned from now on;
                                 404 for a number that nobody has, 422 for a field that a row does not have
    GET    /faults               the faults that are on, in the order in which they meet calls
    POST   /faults               {"fault": "delay", "seconds": 2, "appkey": "jh42xxxd434", "calls": 3}: turn one on, for
                                 an app or (no appkey) all, for so many calls or (no calls) until cleared; the
                                 faults and their fields are the classes of `faults`; 422 for any other
    DELETE /faults               ?appkey=…: turn all faults off, or those of one app

A body is read as JSON whatever its Content-Type says, so that `curl -d` is enough.  Errors are one line of text.
"""

import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import msgspec

from monitor.simulator.faults import AnyFault
from monitor.simulator.message import Request, Response, as_json, sentence
from monitor.simulator.plan import FaultPlan
from monitor.simulator.world import UnknownFieldError, UnknownNumberError, World

LISTED = 1_000  # numbers in one answer without a limit


class Control:
    """Answers the simulator's own paths."""

    def __init__(self, world: World, faults: FaultPlan) -> None:
        self._world = world
        self._faults = faults
        #: By the first part of the path and whether there is a second; then by method.
        self._routes: Mapping[tuple[str, bool], Mapping[str, Callable[[Request], Response]]] = {
            ("apps", False): {"GET": self._apps},
            ("numbers", False): {"GET": self._numbers},
            ("numbers", True): {"GET": self._number, "PATCH": self._change},
            ("faults", False): {"GET": self._active, "POST": self._break, "DELETE": self._mend},
        }

    def answer(self, request: Request) -> Response:
        """Answer any path that is not the vendor's."""
        segments = request.segments
        methods = self._routes.get((segments[0], len(segments) > 1), {}) if len(segments) < 3 else {}
        if not methods:
            return sentence(
                "no such path; there are /apps, /numbers, /numbers/{number} and /faults beside phoneList", 404
            )
        if request.method not in methods:
            allowed = ", ".join(methods)
            return sentence(f"{request.method} is not for this path, but {allowed}", 405, f"Allow: {allowed}")
        return methods[request.method](request)

    def _apps(self, _: Request) -> Response:
        return as_json([{"appkey": app.appkey, "name": app.name} for app in self._world.apps])

    def _numbers(self, request: Request) -> Response:
        appkey = request.query("appkey")
        limit = request.query("limit") or str(LISTED)
        if not (limit.isascii() and limit.isdigit()):
            return sentence(f"limit is a count, not {limit!r}", 422)
        numbers = self._world.listed(appkey) if appkey else self._world.numbers
        shown = [self._world.show(number) for number in islice(numbers, int(limit))]
        return as_json({"items": shown, "total": len(numbers)})

    def _number(self, request: Request) -> Response:
        try:
            return as_json(self._world.show(request.segments[1]))
        except UnknownNumberError as error:
            return sentence(str(error), 404)

    def _change(self, request: Request) -> Response:
        fields = _json(request.body)
        if not isinstance(fields, dict):
            return sentence('the body is a JSON object of fields, {"quality_rating": "RED"} say', 422)
        try:
            self._world.change(request.segments[1], fields)
            return as_json(self._world.show(request.segments[1]))
        except UnknownNumberError as error:
            return sentence(str(error), 404)
        except UnknownFieldError as error:
            return sentence(str(error), 422)

    def _active(self, _: Request) -> Response:
        return as_json(self._faults.active())

    def _break(self, request: Request) -> Response:
        try:
            fault = msgspec.convert(_json(request.body), AnyFault)
        except msgspec.ValidationError as error:
            return sentence(f"no such fault: {error}", 422)
        if fault.appkey and fault.appkey not in self._world.customers.appkeys:
            return sentence(f"no appkey {fault.appkey!r} here; GET /apps lists those there are", 404)
        self._faults.add(fault)
        return as_json(self._faults.active(), 201)

    def _mend(self, request: Request) -> Response:
        self._faults.clear(request.query("appkey"))
        return as_json(self._faults.active())


def _json(body: bytes) -> Any:  # noqa: ANN401 - any JSON; None where it is none
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
