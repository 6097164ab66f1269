"""
The files that pages need: the style and the script, served by ourselves.

A page names a file with a digest of its content, so that a browser keeps it for ever and never has an old one.  Asked
for by another digest, as a page from before an upgrade does, the present file is given, not to be kept.
"""

from hashlib import blake2b
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from monitor.web.collaborators import UnknownTargetError
from monitor.web.paths import segment

FILES = Path(__file__).parent / "assets"
MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
FOR_EVER = "private, max-age=31536000, immutable"


class Asset(msgspec.Struct, frozen=True):
    """One file."""

    body: bytes
    digest: str
    media_type: str


class Assets:
    """All of them, read once."""

    def __init__(self) -> None:
        self._assets = {path.name: _read(path) for path in sorted(FILES.iterdir()) if path.suffix in MEDIA_TYPES}

    def path(self, name: str) -> str:
        """Where a file is, from the root, without a leading slash: `assets/style.<digest>.css`."""
        stem, _, ending = name.rpartition(".")
        return f"assets/{stem}.{self._assets[name].digest}.{ending}"

    async def get(self, request: Request) -> Response:
        """
        Give a file.

        Raises:
            UnknownTargetError: There is none of this name.
        """
        stem, _, rest = segment(request, "file").partition(".")
        digest, _, ending = rest.rpartition(".")
        asset = self._assets.get(f"{stem}.{ending}")
        if asset is None:
            raise UnknownTargetError("There is nothing at this address.")
        headers = {
            "etag": f'"{asset.digest}"',
            "cache-control": FOR_EVER if digest == asset.digest else "private, no-cache",
        }
        if f'"{asset.digest}"' in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(asset.body, headers=headers, media_type=asset.media_type)


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(body, blake2b(body, digest_size=8).hexdigest(), MEDIA_TYPES[path.suffix])
