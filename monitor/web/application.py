"""
The web application: which path is whose, built from what it is given.

Nothing here acts by itself: it answers requests, and what it is asked to do it hands to its collaborators.
"""

from collections.abc import Callable, Sequence
from datetime import tzinfo

import structlog
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from monitor.fleet.fleet import Fleet
from monitor.fleet.policy import Language
from monitor.web.address import host_and_port
from monitor.web.api import Api
from monitor.web.collaborators import Accepter, EventLog, Health, Pieces, Poller, Reloader
from monitor.web.control import Control, WriteGuard
from monitor.web.errors import Errors
from monitor.web.headers import WithHeaders
from monitor.web.health import HealthChecks
from monitor.web.metrics import Metrics
from monitor.web.pages import Pages
from monitor.web.paths import EncodedPath


def application(
    *,
    fleet: Fleet,
    events: EventLog,
    exposition: Pieces,
    registry: CollectorRegistry,
    poller: Poller,
    reloader: Reloader,
    accepter: Accepter,
    health: Health,
    language: Language,
    zone: tzinfo,
    listen: Sequence[str],
    version: str,
    now: Callable[[], int],
    log: structlog.typing.FilteringBoundLogger,
) -> Starlette:
    """
    Build it.

    Args:
        fleet: What is known.
        events: What was told: the store.
        exposition: The fleet's metrics.
        registry: Our own metrics.
        poller, reloader, accepter: What writes are handed to.
        health: Whether the daemon goes on.
        language: In which people read hints.
        zone: In which people read times.
        listen: The addresses of `web.listen`; their hosts are good as `Host` of a write too.
        version: Of number-monitor.
        now: Wall clock, ms since 1970.
        log: For what was refused, done or broken.
    """
    guard = WriteGuard({host_and_port(address)[0].lower() for address in listen} - {""}, log)
    pages = Pages(fleet=fleet, events=events, language=language, zone=zone, version=version, now=now)
    api = Api(fleet=fleet, events=events, poller=poller, accepter=accepter, guard=guard, now=now, log=log)
    checks = HealthChecks(health)
    built = Starlette(
        routes=[
            Route("/", pages.first),
            Route("/numbers/{account}/{appkey}/{waba_id}/{number}", pages.entry),
            Route("/metrics", Metrics(exposition, registry).get),
            Route("/-/healthy", checks.healthy),
            Route("/-/ready", checks.ready),
            Route("/-/reload", Control(reloader, guard).reload, methods=["POST"]),
            Route("/api/v1/numbers", api.numbers),
            Route("/api/v1/apps", api.apps),
            Route("/api/v1/events", api.events),
            Route("/api/v1/deliveries", api.deliveries),
            Route("/api/v1/apps/{account}/{appkey}/poll", api.poll, methods=["POST"]),
            Route("/api/v1/accounts/{account}/accept", api.accept, methods=["POST"]),
        ],
        middleware=[Middleware(WithHeaders), Middleware(EncodedPath)],
        exception_handlers=Errors(pages, log).handlers(),
    )
    built.router.redirect_slashes = False  # a redirect would be built from the Host header
    return built
