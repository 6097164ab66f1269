"""`GET /settings`: what runs here, with which configuration, on which store, and where events go."""

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from monitor.web.collaborators import Introspection
from monitor.web.pages import wording
from monitor.web.pages.frame import Frame


class SettingsPage:
    """Makes it."""

    def __init__(self, frame: Frame, *, introspection: Introspection, now: Callable[[], int]) -> None:
        """
        Args:
            frame: Makes pages.
            introspection: Knows all that.
            now: Wall clock, ms since 1970.
        """
        self._frame = frame
        self._introspection = introspection
        self._now = now

    async def get(self, request: Request) -> Response:
        """The page."""
        seen = await self._introspection.look()
        masking = self._frame.speech(request).masking
        return await self._frame.page(
            request,
            "settings.html",
            self._now(),
            mood="warning" if seen.problems or not seen.store_works else "unknown",
            seen=msgspec.structs.replace(seen, configuration=masking.words(seen.configuration)),
            size=None if seen.store_size is None else wording.size(seen.store_size),
        )
