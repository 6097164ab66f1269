"""
Every type of sink, told apart by `type`.

Validation's paths name the type as one more step behind the sink's index, which the file does not have: its tag.
"""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Discriminator, Tag

from monitor.settings.alertmanager import AlertmanagerSink
from monitor.settings.people_sinks import (
    AppriseSink,
    DingTalkSink,
    EmailSink,
    FeishuSink,
    LarkSink,
    PagerDutySink,
    SlackSink,
    WeComSink,
)
from monitor.settings.scalars import Unfit, got, meant
from monitor.settings.scalars import kind as kind_of
from monitor.settings.section import Section
from monitor.settings.sinks import WebhookSink

SINKS: Mapping[str, type[Section]] = {
    "webhook": WebhookSink,
    "email": EmailSink,
    "slack": SlackSink,
    "dingtalk": DingTalkSink,
    "feishu": FeishuSink,
    "lark": LarkSink,
    "wecom": WeComSink,
    "pagerduty": PagerDutySink,
    "alertmanager": AlertmanagerSink,
    "apprise": AppriseSink,
}
TAGS: Mapping[str, type[Section]] = {f"[{kind}]": sink for kind, sink in SINKS.items()}


def section_of_type(kind: object) -> type[Section] | None:
    """The class of a sink's `type`; None when there is no such type."""
    return SINKS.get(kind) if isinstance(kind, str) else None


def section_of_tag(tag: str) -> type[Section] | None:
    """The class that a step of a path names."""
    return TAGS.get(tag)


def _tag(value: object) -> str:
    kind = value.get("type") if isinstance(value, Mapping) else getattr(value, "type", None)
    return f"[{kind}]"


def _known_type(value: object) -> object:
    if isinstance(value, Section):
        return value
    if not isinstance(value, Mapping):
        raise Unfit(f"expected a mapping with name and type, got {kind_of(value)}")
    kind = value.get("type")
    if section_of_type(kind) is None:
        known = meant(str(kind), SINKS) or f"; there are {', '.join(SINKS)}"
        raise Unfit(f"expected a sink with its type, got type {got(kind)}{known}")
    return value


AnySink: TypeAlias = (
    Annotated[WebhookSink, Tag("[webhook]")]
    | Annotated[EmailSink, Tag("[email]")]
    | Annotated[SlackSink, Tag("[slack]")]
    | Annotated[DingTalkSink, Tag("[dingtalk]")]
    | Annotated[FeishuSink, Tag("[feishu]")]
    | Annotated[LarkSink, Tag("[lark]")]
    | Annotated[WeComSink, Tag("[wecom]")]
    | Annotated[PagerDutySink, Tag("[pagerduty]")]
    | Annotated[AlertmanagerSink, Tag("[alertmanager]")]
    | Annotated[AppriseSink, Tag("[apprise]")]
)
Sink = Annotated[AnySink, Discriminator(_tag), BeforeValidator(_known_type)]
