"""
The web application: which path is whose, built from what it is given.

Nothing here acts by itself: it answers requests, and what it is asked to do it hands to its collaborators.  What
programs ask for is routed as `operations` declares it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo

import structlog
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.fleet.masking import Masking
from monitor.fleet.policy import Language
from monitor.web.address import host_and_port, socket_path
from monitor.web.admission import Admission
from monitor.web.api import Api
from monitor.web.asking import Asking
from monitor.web.collaborators import (
    Accepter,
    EventLog,
    Health,
    Introspection,
    Known,
    NotReadyError,
    Pieces,
    Poller,
    Reloader,
    Replicas,
    UnknownTargetError,
    Watch,
)
from monitor.web.control import Control, WriteGuard
from monitor.web.entrance import Entrance
from monitor.web.errors import Errors
from monitor.web.headers import WithHeaders
from monitor.web.health import HealthChecks
from monitor.web.listeners import Listeners
from monitor.web.metrics import Metrics
from monitor.web.negotiation import accepts
from monitor.web.openapi import Entry, OpenApi
from monitor.web.operations import OPERATIONS, Operation
from monitor.web.pages.app import AppPage
from monitor.web.pages.assets import Assets
from monitor.web.pages.entry import EntryPage
from monitor.web.pages.events import EventsPage
from monitor.web.pages.forms import Forms
from monitor.web.pages.frame import Frame, Templates
from monitor.web.pages.happenings import Happenings
from monitor.web.pages.settings import SettingsPage
from monitor.web.pages.status import StatusPage
from monitor.web.paths import EncodedPath
from monitor.web.stream import EventStream
from monitor.web.turns import Handler, Turns
from monitor.web.verdicts import Verdicts


def application(
    *,
    fleet: Known,
    replicas: Replicas,
    events: EventLog,
    exposition: Pieces,
    registry: CollectorRegistry,
    poller: Poller,
    reloader: Reloader,
    accepter: Accepter,
    health: Health,
    watch: Watch,
    introspection: Introspection,
    listeners: Listeners,
    templates: Templates,
    max_verdict_age: int,
    language: Language | None,
    zone: tzinfo,
    listen: Sequence[str],
    admission: Admission,
    masking: Masking,
    version: str,
    now: Callable[[], int],
    log: structlog.typing.FilteringBoundLogger,
) -> Starlette:
    """
    Build it.

    Args:
        fleet: What is known.
        replicas: Who watches what; is told to look before anything of the fleet is shown.
        events: What was told, as it is shown: the store, where numbers are shown in full.
        exposition: The fleet's metrics.
        registry: Our own metrics.
        poller, reloader, accepter: What writes are handed to.
        health: Whether the daemon goes on.
        watch: How apps are polled.
        introspection: What the daemon is.
        listeners: Rings when events were recorded.
        templates: Of the pages.
        max_verdict_age: ms; no verdict is made of what was read earlier.
        language: In which people read the pages; None: as their browsers ask for.
        zone: In which people read times.
        listen: The addresses of `web.listen`; their hosts are good as `Host` of a write too.
        admission: Who is let in, and with which headers.
        masking: How numbers are shown.
        version: Of number-monitor.
        now: Wall clock, ms since 1970.
        log: For what was refused, done or broken.
    """

    def missing() -> str | None:
        unread = replicas.unread
        return f"what other processes watch is being read: {', '.join(unread)}" if unread else None

    def fresh(handler: Handler) -> Handler:
        """What others have recorded is shown too, as far as it could be read."""

        async def with_others(request: Request) -> Response:
            await replicas.refresh()
            try:
                return await handler(request)
            except UnknownTargetError as error:
                if replicas.unread:
                    raise NotReadyError(f"{error}, as far as is known: {missing()}") from None
                raise

        return with_others

    def whole(handler: Handler) -> Handler:
        """Or else nothing: whoever reads a list takes what is not there for gone."""

        async def with_all(request: Request) -> Response:
            await replicas.refresh()
            if replicas.unread:
                raise NotReadyError(f"not all can be listed yet: {missing()}")
            return await handler(request)

        return with_all

    own_hosts = {host_and_port(address)[0].lower() for address in listen if socket_path(address) is None} - {""}
    guard = WriteGuard(own_hosts, admission, log)
    assets = Assets()
    frame = Frame(
        templates=templates,
        assets=assets,
        language=language,
        zone=zone,
        masking=masking,
        version=version,
        now=now,
    )
    happenings = Happenings(events)
    status = StatusPage(
        frame, fleet=fleet, happenings=happenings, watch=watch, health=health, guard=guard, replicas=replicas, now=now
    )
    asking = Asking(fleet, poller, replicas, log)
    api = Api(
        fleet=fleet,
        events=events,
        asking=asking,
        accepter=accepter,
        guard=guard,
        replicas=replicas,
        masking=masking,
        now=now,
    )
    forms = Forms(accepter, asking, guard)
    events_page = EventsPage(frame, fleet=fleet, events=events, now=now)
    app_page = AppPage(frame, fleet=fleet, happenings=happenings, watch=watch, guard=guard, replicas=replicas, now=now)
    verdicts = Verdicts(
        fleet, missing=lambda: health.ready() or missing(), max_age=max_verdict_age, masking=masking, now=now
    )
    checks = HealthChecks(health)
    turns = Turns()
    handlers: Mapping[str, Handler] = {
        "numbers": whole(turns.each(api.numbers)),
        "verdict": fresh(verdicts.one),
        "verdicts": fresh(verdicts.many),
        "apps": whole(turns.each(api.apps)),
        "poll": fresh(api.poll),
        "accept": api.accept,
        "events": api.events,
        "stream": EventStream(events, listeners, now).get,
        "deliveries": api.deliveries,
        "openapi": OpenApi(version, Entry(admission.users is not None, admission.rate is not None)).get,
        "metrics": Metrics(exposition, registry).get,
        "healthy": checks.healthy,
        "ready": checks.ready,
        "reload": Control(reloader, guard).reload,
    }
    errors = Errors(frame, log)
    built = Starlette(
        routes=[
            Route("/", fresh(turns.each(status.get))),
            Route(
                "/numbers/{account}/{appkey}/{waba_id}/{number}",
                fresh(EntryPage(frame, fleet=fleet, happenings=happenings, now=now).get),
            ),
            Route("/apps/{account}/{appkey}", fresh(turns.each(app_page.get))),
            Route("/apps/{account}/{appkey}/poll", fresh(forms.poll), methods=["POST"]),
            Route("/accounts/{account}/accept", forms.accept, methods=["POST"]),
            Route("/events", fresh(events_page.get)),
            Route("/events.csv", events_page.csv),
            Route("/events.json", events_page.json),
            Route("/settings", SettingsPage(frame, introspection=introspection, now=now).get),
            Route("/assets/{file}", assets.get),
            *(_route(operation, handlers[operation.id]) for operation in OPERATIONS),
        ],
        middleware=[
            Middleware(WithHeaders, admission.headers),
            Middleware(EncodedPath),
            Middleware(Entrance, admission, errors.answer, log),
        ],
        exception_handlers=errors.handlers(),
    )
    built.router.redirect_slashes = False  # a redirect would be built from the Host header
    return built


def _route(operation: Operation, handler: Handler) -> Route:
    async def negotiated(request: Request) -> Response:
        if not accepts(",".join(request.headers.getlist("accept")), operation.media):
            raise HTTPException(
                406, f"This address answers with {operation.media}, which the Accept header leaves out."
            )
        return await handler(request)

    return Route(operation.path, negotiated if operation.is_api else handler, methods=[operation.method])
