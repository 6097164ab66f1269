# ruff: noqa: RUF001 - Chinese has its own punctuation
"""
An alert in Alertmanager's JSON: its labels as they come, and the texts for people.

Pure.  Names come from the vendor: what is no valid Unicode becomes U+FFFD.
"""

import re
from collections.abc import Mapping
from typing import Any

from monitor.fleet.alerts import Alert
from monitor.fleet.attributes import TIER
from monitor.fleet.hints import HINTS, hint
from monitor.fleet.moment import iso
from monitor.fleet.policy import Language
from monitor.views.entry_path import entry_path

TEST_LASTS = 300_000  # ms
LABEL_OF_A_TEST = "test"

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def posted(
    labels: Mapping[str, str], texts: Mapping[str, str], *, since: int, ends: int, generator: str = ""
) -> dict[str, Any]:
    """
    One alert as `POST /api/v2/alerts` takes it.

    Args:
        labels: What identifies it.
        texts: Its annotations.
        since: When it began, milliseconds since 1970; not after `ends`.
        ends: When it ends: later than now, it is firing.
        generator: Where more is to be seen.
    """
    alert: dict[str, Any] = {
        "labels": _valid(labels),
        "annotations": _valid(texts),
        "startsAt": iso(since),
        "endsAt": iso(ends),
    }
    return {**alert, "generatorURL": generator} if generator else alert


def annotations(alert: Alert, language: Language) -> dict[str, str]:
    """What the alert says to people: one line, and where it is with what to do."""
    about = f"WABA {alert.waba_id}" if alert.attribute == TIER else alert.number
    summary = f"{about}：{alert.attribute} 为 {alert.word}" if language == "zh-CN" else f"{about} is {alert.word}"
    names = [name for name in (alert.app_name, alert.waba_name, alert.verified_name) if name]
    advice = hint(alert.hint_id, language) if alert.hint_id in HINTS else ""
    description = " · ".join([*names, advice] if advice else names)
    return {"summary": summary, "description": description} if description else {"summary": summary}


def generator_url(alert: Alert, external_url: str | None) -> str:
    """The number's page; of a WABA, or where our pages cannot be seen, none."""
    if external_url is None or not alert.number:
        return ""
    return f"{external_url.rstrip('/')}/{entry_path(alert.account, alert.appkey, alert.waba_id, alert.number)}"


def trial_alert(labels: Mapping[str, str], now: int, language: Language) -> dict[str, Any]:
    """An alert that tries the way: nobody is to be woken for it."""
    texts = {
        "summary": "number-monitor 测试告警" if language == "zh-CN" else "number-monitor tries this Alertmanager",
        "description": "这只是测试，5 分钟后自动结束。"
        if language == "zh-CN"
        else "Only a test: it ends in 5 minutes.",
    }
    own = {"alertname": "NXCloudTest", "severity": "info", LABEL_OF_A_TEST: "true"}
    return posted({**labels, **own}, texts, since=now, ends=now + TEST_LASTS)


def _valid(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: _SURROGATE.sub("\ufffd", text) for name, text in texts.items()}
