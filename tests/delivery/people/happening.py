"""Events of numbers as the fleet decides them, made by hand: one number, one attribute, one step."""

from monitor.fleet.event import Event

APP = "jh42xxxd434"
SEVERITIES = {"GREEN": "info", "CONNECTED": "info", "YELLOW": "warning", "RED": "critical", "BANNED": "critical"}
SCALE = ("GREEN", "CONNECTED", "YELLOW", "RED", "BANNED")


def turns(number: str, before: str, after: str, at: int, *, account: str = "main", waba_id: str = "") -> Event:
    """A number's rating or status becomes another; healthy or in trouble before, and after."""
    attribute = "status" if {before, after} & {"CONNECTED", "BANNED"} else "quality_rating"
    worse = SCALE.index(after) > SCALE.index(before)
    is_well, was_well = SEVERITIES[after] == "info", SEVERITIES[before] == "info"
    kind = "number.degraded" if worse else "number.recovered" if is_well else "number.improved"
    severity = SEVERITIES[after] if worse else "info"
    data = {
        "account": account,
        "appkey": APP,
        "app_name": "shop-one",
        "labels": {},
        "number": number,
        "waba_id": waba_id,
        "waba_name": "GLORY TEST",
        "verified_name": "GLORY JACK",
        "attribute": attribute,
        "before": before,
        "after": after,
        "severity": severity,
        "state": {},
        "hint_id": "",
        "hint": "",
        "incident": {
            "id": f"{account}/{number}/{attribute}",
            "action": "close" if is_well else "open" if was_well else "update",
        },
    }
    return Event(kind, at, severity, account, number, APP, waba_id, attribute, data=data)  # type: ignore[arg-type]  # one of the three


def banned(number: str, at: int, *, account: str = "main") -> Event:
    """The worst that can happen to it."""
    return turns(number, "CONNECTED", "BANNED", at, account=account)
