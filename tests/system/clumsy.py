"""number-monitor as it is, but every call of a sink breaks with all that it knows in the message of the exception."""

from typing import Any

from monitor.__main__ import main
from monitor.delivery import endpoint, lane
from monitor.delivery.people import gathering


async def _break(self: Any, *_: object, **__: object) -> None:
    raise RuntimeError(f"cannot ask {self._url} with {self._headers} and {self._hidden}") from OSError(str(self._url))


if __name__ == "__main__":
    gathering.COLLECT = 500
    lane.LOOK_EVERY = 1.0
    endpoint.Endpoint._ask = _break  # type: ignore[method-assign,assignment]  # what is to break
    main()
