"""Notices as people might be sent them."""

from typing import Any

from monitor.delivery.people.notice import Item, News, Notice

AT = 1_800_000_000_000  # 15 January 2027, 08:00:00 UTC
PAGE = "https://monitor.example.com/numbers/main/jh42xxxd434/1029/%2B8613800000001"


def item(**changes: Any) -> Item:
    """A number that turned RED, or what the changes make of it."""
    facts: dict[str, Any] = {
        "news": News.OPENED,
        "severity": "critical",
        "incident": "main/1029/+8613800000001/quality_rating",
        "headline": "+8613800000001 is RED (was GREEN)",
        "details": (
            "Acme Support · app Shop · WABA 1029",
            "since 15 January 2027, 16:00 (3 minutes ago)",
            "Pause marketing campaigns from this number and look at the templates sent in the last day.",
        ),
        "at": AT,
        "source": "/accounts/main/apps/jh42xxxd434",
        "url": PAGE,
    }
    return Item(**{**facts, **changes})


def notice(*items: Item, **changes: Any) -> Notice:
    """A notice of these items, or of one."""
    items = items or (item(),)
    facts: dict[str, Any] = {
        "id": "7f9c2ba4e88f827d616045507605853e",
        "account": "main",
        "severity": "critical",
        "alarm": "critical",
        "title": "+8613800000001 is RED (was GREEN)",
        "items": items,
        "more": "",
        "footer": "account main · data of 15 January 2027, 16:02",
        "url": "https://monitor.example.com/",
    }
    return Notice(**{**facts, **changes})


RECOVERED = item(
    news=News.CLOSED,
    severity="info",
    headline="+8613800000002 is GREEN again (was RED for 3 hours)",
    details=("app Shop · WABA 1029",),
)
YELLOW = item(severity="warning", headline="+8613800000003 is YELLOW (was GREEN)", details=("app Shop",), url=None)
