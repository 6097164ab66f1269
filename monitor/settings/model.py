"""
The configuration as values: one class a section, one field a key.

Frozen; unknown keys are refused.  Durations are integer milliseconds in fields that end in `_ms`, whose keys in the
file have no such ending.  A relative path is already absolute here, and what a `_file` key names is already read.
`docs/configuration.md` says what each key means; a test compares the two.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from monitor.settings.durations import spelled
from monitor.settings.heartbeat import Heartbeat
from monitor.settings.maintenance import MaintenanceWindow
from monitor.settings.match import EntryMatch, StateMatch
from monitor.settings.moments import Moment, moment_ms
from monitor.settings.scalars import (
    AbsolutePath,
    AccountName,
    Address,
    Appkey,
    BareUrl,
    Duration,
    HeaderValue,
    Interval,
    LabelName,
    ListOrNothing,
    MappingOrNothing,
    OneOrMore,
    PositiveDuration,
    PositiveNumber,
    State,
    Text,
    TextOrEmpty,
    TimeZoneName,
    Unfit,
    Whole,
)
from monitor.settings.secret import Secret
from monitor.settings.section import FILE_TWIN, SecretUrl, Section
from monitor.settings.sink_types import Sink
from monitor.settings.store_url import StoreUrl
from monitor.settings.web_config import NO_WEB_CONFIG, WebConfig

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

DEFAULT_BASE_URL = "https://api2.nxcloud.com"
DEFAULT_LISTEN = "127.0.0.1:8620"
DEFAULT_DWELL: Mapping[tuple[str, str], int] = {
    ("status", "PENDING"): 10 * MINUTE,
    ("status", "UNVERIFIED"): 10 * MINUTE,
    ("status", "MIGRATED"): 10 * MINUTE,
}

Series = Literal["quality_rating", "status", "tier", "severity", "info"]
ALL_SERIES: tuple[Series, ...] = ("quality_rating", "status", "tier", "severity", "info")


def _one_app(value: object) -> object:
    """An appkey alone is an app without a name."""
    return value if isinstance(value, Mapping | ConfiguredApp) else {"appkey": value}


class ConfiguredApp(Section):
    """One app that the configuration itself lists."""

    appkey: Appkey
    name: TextOrEmpty = ""
    interval_ms: Interval | None = Field(default=None, alias="interval")  #: None: the account's
    labels: Annotated[
        Mapping[LabelName, TextOrEmpty], MappingOrNothing
    ] = {}  #: names without the `label_` prefix of the metrics


class AppsUrl(Section):
    """Where a list of apps is asked for."""

    url: Annotated[SecretUrl, FILE_TWIN]
    bearer_token: Annotated[Secret | None, FILE_TWIN] = None


class Account(Section):
    """One account at the vendor and the apps of it to watch."""

    name: AccountName = "default"
    access_key: HeaderValue
    access_secret: Annotated[Secret, FILE_TWIN]
    sign_algorithm: Literal["md5", "sha256"] = "md5"
    base_url: BareUrl = DEFAULT_BASE_URL  #: without a slash at its end
    rate_limit: PositiveNumber = 20.0  #: calls a second
    proxy: Annotated[SecretUrl | None, FILE_TWIN] = None
    apps: Annotated[tuple[Annotated[ConfiguredApp, BeforeValidator(_one_app)], ...], ListOrNothing] = ()
    apps_file: AbsolutePath | None = None  #: its content is the roster's to read
    apps_url: AppsUrl | None = None


def _shorter(degraded: int | None, info: ValidationInfo) -> int | None:
    interval = info.data.get("interval_ms")  # absent when it was wrong itself
    if degraded is not None and interval is not None and degraded >= interval:
        raise Unfit(f"expected less than interval ({spelled(interval)}), got {spelled(degraded)}")
    return degraded


class Poll(Section):
    """How every app is asked."""

    interval_ms: Interval = Field(default=MINUTE, alias="interval")
    degraded_interval_ms: Annotated[Interval | None, AfterValidator(_shorter)] = Field(
        default=None, alias="degraded_interval"
    )
    timeout_ms: PositiveDuration = Field(default=10 * SECOND, alias="timeout")
    concurrency: Annotated[Whole, Field(ge=1)] = 16  #: calls in flight per account
    retries: Annotated[Whole, Field(ge=0)] = 2
    confirm_removal: Annotated[Whole, Field(ge=1)] = 3  #: polls in a row
    confirm_removal_for_ms: Duration = Field(default=10 * MINUTE, alias="confirm_removal_for")
    stale_after_ms: PositiveDuration = Field(default=DAY, alias="stale_after")


class Store(Section):
    """Where what lasts is kept."""

    url: Annotated[StoreUrl, FILE_TWIN]  #: sqlite:////absolute/path, or postgresql://
    retention_ms: PositiveDuration = Field(default=90 * DAY, alias="retention")


class Web(Section):
    """Where and to whom we answer."""

    listen: Annotated[tuple[Address, ...], OneOrMore, Field(min_length=1)] = (DEFAULT_LISTEN,)
    config_file: AbsolutePath | None = None  #: what it holds is `Settings.web_config`
    writers: Annotated[tuple[Text, ...], OneOrMore] = ()  #: users of it
    external_url: BareUrl | None = None


def _is_built(severities: object) -> bool:
    """Whether they come from Python: the file has its states beside `match`."""
    return isinstance(severities, Mapping) and all(isinstance(state, tuple) for state in severities)


class SeverityRule(Section):
    """An override: the severities that states of matching entries take."""

    match: StateMatch = StateMatch()
    severities: Annotated[Mapping[State, Literal["ok", "warning", "critical"]], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _states_beside_match(cls, value: object) -> object:
        if not isinstance(value, Mapping) or _is_built(value.get("severities")):
            return value
        severities = {key: word for key, word in value.items() if key != "match"}
        return {**{key: rule for key, rule in value.items() if key == "match"}, "severities": severities}


def _not_everything(match: EntryMatch) -> EntryMatch:
    if not match.model_fields_set:
        raise Unfit("is empty: an ignore without a match would ignore everything")
    return match


class IgnoreRule(Section):
    """Known trouble: polled, shown and counted, its events info, its severity ok."""

    match: Annotated[EntryMatch, AfterValidator(_not_everything)]
    until: Moment = None  #: without an offset: in the zone of `people.timezone`; a date is its first moment
    comment: TextOrEmpty = ""

    def until_ms(self, zone: ZoneInfo) -> int | None:
        """When the rule ends, in milliseconds since 1970; None: when it is deleted."""
        return None if self.until is None else moment_ms(self.until, zone)


def _with_default_dwell(dwell: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], int]:
    return {**DEFAULT_DWELL, **dwell}


class Events(Section):
    """What is told, when, and how much it matters."""

    #: By (attribute, word); what the file gives replaces the defaults state by state.
    dwell_ms: Annotated[Mapping[State, Duration], MappingOrNothing, AfterValidator(_with_default_dwell)] = Field(
        default=DEFAULT_DWELL, alias="dwell"
    )
    recovery_dwell_ms: Duration = Field(default=0, alias="recovery_dwell")
    severity: Annotated[tuple[SeverityRule, ...], ListOrNothing] = ()  #: the first that matches wins
    ignore: Annotated[tuple[IgnoreRule, ...], ListOrNothing] = ()
    sinks: Annotated[tuple[Sink, ...], ListOrNothing] = ()
    maintenance: Annotated[tuple[MaintenanceWindow, ...], ListOrNothing] = ()
    heartbeat: Heartbeat | None = None


class Verdict(Section):
    """What campaign systems are answered."""

    max_age_ms: PositiveDuration = Field(default=5 * MINUTE, alias="max_age")  #: older readings are no verdict


class People(Section):
    """How we speak to people; programs get UTC and English keys."""

    language: Literal["en", "zh-CN"] = "en"
    timezone: TimeZoneName = "UTC"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)


class Metrics(Section):
    """What is exported."""

    number_series: Annotated[tuple[Series, ...], ListOrNothing] = ALL_SERIES


class Privacy(Section):
    """How numbers are shown."""

    numbers: Literal["full", "masked"] = "full"


class Log(Section):
    """The daemon's own log on stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


class Contents(Section):
    """All that a configuration file can say."""

    accounts: Annotated[tuple[Account, ...], ListOrNothing, Field(min_length=1)]
    poll: Poll = Poll()
    store: Store  #: filled by `load` where the file has none
    web: Web = Web()
    events: Events = Events()
    verdict: Verdict = Verdict()
    people: People = People()
    metrics: Metrics = Metrics()
    privacy: Privacy = Privacy()
    log: Log = Log()


class Settings(Contents):
    """A configuration that was read and found right."""

    path: Path  #: the configuration file, absolute
    files: tuple[Path, ...] = ()  #: every file that it names, absolute: secrets and lists of apps
    lists: Mapping[str, Path] = {}  #: the lists of apps among them, by their places: `accounts[0].apps_file (line 4)`
    web_config: WebConfig = NO_WEB_CONFIG  #: what `web.config_file` holds
    exposed: tuple[Path, ...] = ()  #: those of the files, this one included, that hold a secret and others can read

    @property
    def watched(self) -> tuple[Path, ...]:
        """The files whose content decides whether to reload."""
        return (self.path, *self.files)
