"""
From the configuration to the rooms' own values: what the composition root hands to constructors.

Pure.  The rooms know nothing of settings, and settings nothing of the rooms; this is the one place that knows both.
"""

from collections.abc import Callable, Mapping
from ssl import SSLContext
from urllib.parse import urlsplit

import msgspec

from monitor.delivery.people.rules import follows
from monitor.delivery.routes import Routes
from monitor.delivery.sinks.log import STDOUT
from monitor.fleet.app import App
from monitor.fleet.match import Match
from monitor.fleet.policy import IgnoreRule, Language, Policy, SeverityRule
from monitor.fleet.scales import Severity
from monitor.http.proxy import proxy_for
from monitor.http.transport import open_transport
from monitor.phonelist.client import PhoneList
from monitor.polling.rules import Rules
from monitor.roster.roster import Sources
from monitor.roster.url import AppsUrl
from monitor.settings import model
from monitor.settings.match import AlertMatch, EntryMatch, EventMatch
from monitor.settings.people_sinks import ForPeople
from monitor.settings.sinks import WebhookSink
from monitor.web.admission import Admission, Rate
from monitor.web.arrival import Security
from monitor.web.users import Users


def policy_of(settings: model.Settings) -> Policy:
    """What `decide` goes by."""
    return Policy(
        interval=settings.poll.interval_ms,
        confirm_removal=settings.poll.confirm_removal,
        confirm_removal_for=settings.poll.confirm_removal_for_ms,
        dwell=settings.events.dwell_ms,
        recovery_dwell=settings.events.recovery_dwell_ms,
        severity=tuple(
            SeverityRule(
                match=match_of(rule.match, rule.match.attribute),
                severities={state: Severity[word.upper()] for state, word in rule.severities.items()},
            )
            for rule in settings.events.severity
        ),
        ignore=tuple(
            IgnoreRule(match=match_of(rule.match), until=rule.until_ms(settings.people.zone), comment=rule.comment)
            for rule in settings.events.ignore
        ),
        language=settings.people.language,
        retention=settings.store.retention_ms,
    )


def page_language_of(settings: model.Settings) -> Language | None:
    """In which language pages are; None: as the reader's browser asks, since the configuration does not say."""
    return settings.people.language if "language" in settings.people.model_fields_set else None


def match_of(match: EntryMatch, attribute: tuple[str, ...] = ()) -> Match:
    """What a rule is about; of its attributes, where it knows any."""
    return Match(
        account=match.account,
        appkey=match.appkey,
        number=match.number,
        waba_id=match.waba_id,
        labels=tuple(sorted(match.labels.items())),
        attribute=attribute,
    )


def rules_of(settings: model.Settings, account: model.Account) -> Rules:
    """How one account is polled."""
    poll = settings.poll
    return Rules(
        interval=poll.interval_ms,
        degraded_interval=poll.degraded_interval_ms,
        timeout=poll.timeout_ms / 1000,
        concurrency=poll.concurrency,
        retries=poll.retries,
        rate=account.rate_limit,
        stale_after=poll.stale_after_ms,
    )


def configured_apps(account: model.Account) -> tuple[App, ...]:
    """The apps that the configuration itself lists."""
    return tuple(
        App(
            account=account.name,
            appkey=app.appkey,
            name=app.name,
            interval_ms=app.interval_ms,
            labels=tuple(sorted(app.labels.items())),
        )
        for app in account.apps
    )


def sources_of(account: model.Account) -> Sources:
    """Where an account's apps come from."""
    return Sources(
        account=account.name,
        configured=configured_apps(account),
        file=account.apps_file,
        url=None if account.apps_url is None else apps_url_of(account.apps_url),
    )


def apps_url_of(source: model.AppsUrl) -> AppsUrl:
    """The address that lists an account's apps."""
    token = source.bearer_token
    return AppsUrl(source.url.reveal(), bearer_token=None if token is None else token.reveal())


def event_match_of(match: EventMatch) -> Match:
    """Which events are meant."""
    return msgspec.structs.replace(match_of(match, match.attribute), severity=match.severity, type=match.type)


def alert_match_of(match: AlertMatch) -> Match:
    """Which alerts are meant."""
    return msgspec.structs.replace(match_of(match, match.attribute), severity=match.severity)


def routes_of(settings: model.Settings) -> Routes:
    """
    Which sinks an event goes to: stdout gets everything.

    A sink for people follows what it may be told of: how an incident ends is info, and nothing that its match wants.
    """
    wanted = {STDOUT: Match()}
    for sink in settings.events.sinks:
        if isinstance(sink, WebhookSink):
            wanted[sink.name] = event_match_of(sink.match)
        elif isinstance(sink, ForPeople):
            wanted[sink.name] = follows(event_match_of(sink.match))
    return Routes(wanted)


def proxy_of(account: model.Account, environ: Mapping[str, str]) -> str | None:
    """
    The proxy that an account's calls take, credentials included.

    Raises:
        UnusableProxy: The address cannot be read, or is no HTTP proxy's.
    """
    configured = account.proxy.reveal() if account.proxy is not None else None
    return proxy_for(account.base_url, configured, environ)


def client_of(
    account: model.Account,
    rules: Rules,
    environ: Mapping[str, str],
    now: Callable[[], int],
    tls: SSLContext | None = None,
) -> PhoneList:
    """
    A way to ask the vendor for an account's apps; whoever asks closes it.

    Args:
        tls: As `open_transport` takes it.

    Raises:
        CannotCallOut: As above, or no `tls` is given, and no certificates can be read.
    """
    transport = open_transport(proxy=proxy_of(account, environ), connections=rules.concurrency, tls=tls)
    return PhoneList(
        account=account.name,
        base_url=account.base_url,
        access_key=account.access_key,
        access_secret=account.access_secret.reveal(),
        sign_algorithm=account.sign_algorithm,
        transport=transport,
        timeout=rules.timeout,
        now=now,
    )


def security_of(settings: model.Settings) -> Security | None:
    """How connections to the web server are secured; None: not at all."""
    tls = settings.web_config.tls
    return None if tls is None else Security(context=tls.context(), allowed_sans=tls.client_allowed_sans)


def admission_of(settings: model.Settings) -> Admission:
    """Who may ask the web server, and with which headers it answers."""
    config, external_url = settings.web_config, settings.web.external_url
    users = {user: one.reveal() for user, one in config.users.items()}
    return Admission(
        users=Users(users) if users else None,
        writers=frozenset(settings.web.writers),
        own_places=frozenset({urlsplit(external_url).netloc.lower()} if external_url else ()),
        rate=Rate(config.rate_limit.interval, config.rate_limit.burst) if config.rate_limit else None,
        headers={name.lower(): value for name, value in config.headers.items()},
    )
