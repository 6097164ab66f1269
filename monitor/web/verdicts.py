"""
The verdicts that campaign systems ask for before they send: of one number, or of up to a thousand.

They are made of what the fleet knows at that moment, without a question to the store or the vendor.  Before everything
was asked once, a number that is not found is not known not to be there.
"""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated

import msgspec
import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from monitor.fleet.masking import Masking
from monitor.fleet.number import normalise
from monitor.views.escape import valid
from monitor.views.filters import FilterError, Scope, scope
from monitor.views.order import Listed
from monitor.views.verdict import NOT_LISTED, NOT_READY, Verdict, no_verdict, verdict
from monitor.web.collaborators import Known, NotReadyError, UnknownTargetError
from monitor.web.paths import segment
from monitor.web.walk import in_turns, meant

MOST = 1000  #: numbers asked for at once
LONGEST_NUMBER = 100  #: letters of one
BODY_BYTES = 256 * 1024  #: enough for so many, escaped too


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """What a list of verdicts is asked about."""

    numbers: Annotated[
        list[Annotated[str, msgspec.Meta(max_length=LONGEST_NUMBER)]],
        msgspec.Meta(max_length=MOST, description="E.164 with or without its plus sign"),
    ]
    account: Annotated[str | None, msgspec.Meta(description="only its entries count")] = None
    appkey: Annotated[str | None, msgspec.Meta(description="only this app's entries count")] = None


class Verdicts:
    """Answers them."""

    def __init__(
        self,
        fleet: Known,
        *,
        missing: Callable[[], str | None],
        max_age: int,
        masking: Masking,
        now: Callable[[], int],
    ) -> None:
        """
        Args:
            fleet: What is known.
            missing: Why not every number is known yet; None: all are.
            max_age: ms; what was read earlier is unknown.
            masking: How numbers are shown; they are asked for as they are, or as they are shown.
            now: Wall clock, ms since 1970.
        """
        self._fleet = fleet
        self._missing = missing
        self._max_age = max_age
        self._masking = masking
        self._now = now

    async def one(self, request: Request) -> Response:
        """
        The verdict on one number.

        Raises:
            FilterError, UnknownTargetError, NotReadyError: There is none.
        """
        asked = scope(request.query_params.multi_items(), self._now())
        number = normalise(segment(request, "number"))
        found = self._verdict(number, await meant([number], self._fleet, self._masking), asked, NOT_LISTED)
        if found.reasons == [NOT_LISTED]:
            reason = self._missing()
            if reason is not None:
                raise NotReadyError(f"the number is not known yet: {reason}")
            raise UnknownTargetError("no app that is asked about lists this number")
        return _json(found)

    async def many(self, request: Request) -> Response:
        """
        The verdicts on many numbers, in the order in which they are asked for.

        Raises:
            HTTPException, FilterError: The question cannot be read.
        """
        beside = scope(request.query_params.multi_items(), self._now())
        asked = _read(await _body(request))
        whose = Scope(
            account=_agreed("account", asked.account, beside.account),
            appkey=_agreed("appkey", asked.appkey, beside.appkey),
        )
        absent = NOT_LISTED if self._missing() is None else NOT_READY
        numbers = [normalise(number) for number in asked.numbers]
        known = await meant(numbers, self._fleet, self._masking)
        items = await in_turns(self._verdict(number, known, whose, absent) for number in numbers)
        return _json({"items": items, "next": None})

    def _verdict(self, number: str, known: Mapping[str, Sequence[str]], asked: Scope, absent: str) -> Verdict:
        """Of numbers that are shown alike and asked for so: all their entries count, and the worst decides."""
        shown = self._masking.number(number)
        entries = [
            Listed(app, watched.snapshot, entry)
            for one in known[number]
            for app, entry in self._fleet.find(one, asked.account)
            if asked.appkey in {None, app.appkey} and (watched := self._fleet.get(app.key)) is not None
        ]
        if not entries:
            return no_verdict(shown, absent)
        judged = verdict(known[number][0], entries, now=self._now(), max_age=self._max_age)
        return msgspec.structs.replace(judged, number=valid(shown))


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES:
                raise HTTPException(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"The body is larger than {BODY_BYTES} bytes; ask for at most {MOST} numbers at once.",
                )
    except ClientDisconnect:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The body ended early.") from None
    return bytes(body)


def _read(body: bytes) -> Asked:
    try:
        return msgspec.json.decode(body, type=Asked)
    except msgspec.ValidationError as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, f'{error}; expected {{"numbers": […]}}') from None
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {error}") from None


def _agreed(name: str, in_body: str | None, in_query: str | None) -> str | None:
    if in_body is not None and in_query is not None and in_body != in_query:
        raise FilterError(name, f"{name}: the body and the query differ; give it once")
    return in_query if in_body is None else in_body


def _json(body: object) -> Response:
    return Response(orjson.dumps(body, default=msgspec.to_builtins), media_type="application/json")
