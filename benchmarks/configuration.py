"""A configuration on the disk, as an operator would write it, for one account."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.fleets import ACCOUNT


def write_configuration(
    directory: Path,
    base_url: str,
    *,
    credentials: tuple[str, str] = ("bench", "bench"),
    apps: Iterable[tuple[str, str]] | None = None,
    rate: float = 1_000_000.0,
    interval: str = "1d",
    concurrency: int = 50,
    port: int = 0,
    sections: Mapping[str, Any] | None = None,
) -> Path:
    """
    Write it.

    Args:
        directory: Where; the store is beside it.
        base_url: The vendor's.
        credentials: Access key and secret.
        apps: Appkey and name of each, for an `apps_file`.  None: no app at all.
        rate: Calls a second; so high by default that no call ever waits for its turn.
        interval: From one poll of an app to the next.
        concurrency: Calls at once.
        port: Where to listen; 0 takes a free one.
        sections: Further ones.
    """
    account: dict[str, Any] = {
        "name": ACCOUNT,
        "access_key": credentials[0],
        "access_secret": credentials[1],
        "base_url": base_url,
        "rate_limit": rate,
        "apps": [],
    }
    if apps is not None:
        lines = ["appkey,name", *(f"{appkey},{name}" for appkey, name in apps)]
        (directory / "apps.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        account["apps_file"] = "apps.csv"
    contents = {
        "accounts": [account],
        "poll": {"interval": interval, "concurrency": concurrency},
        "web": {"listen": f"127.0.0.1:{port}"},
        **(sections or {}),
    }
    path = directory / "number-monitor.yml"
    path.write_text(json.dumps(contents), encoding="utf-8")
    return path
