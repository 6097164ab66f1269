"""
Compute a call's signature as the vendor's server does.

Written from the vendor's "API call convention" alone and shared with nothing of ours, so that a mistake in the client
cannot be repeated here and go unseen.  Pure.
"""

import hashlib
from collections.abc import Callable, Mapping

#: What the header `algorithm` may say; without the header it is the first.
ALGORITHMS: Mapping[str, Callable[[bytes], str]] = {
    "md5": lambda text: hashlib.md5(text, usedforsecurity=False).hexdigest(),
    "sha256": lambda text: hashlib.sha256(text).hexdigest(),
}

SIGNED_HEADERS = ("accessKey", "action", "bizType", "ts")  #: in ASCII order, as they are joined


def signature(headers: Mapping[str, str], body: bytes, secret: str, algorithm: str) -> str:
    """
    Sign as the vendor does: `accessKey=…&action=…&bizType=…&ts=…[&body=…]&accessSecret=…`, hashed.

    Args:
        headers: the four signed headers as they were received, bytes that are not UTF-8 as surrogate escapes.
        body: the raw bytes received; empty bytes leave the `body` part out.
        secret: the accessSecret that belongs to the accessKey.
        algorithm: a key of `ALGORITHMS`.

    Returns:
        lower-case hexadecimal digits: 32 for md5, 64 for sha256.
    """
    text = "&".join(f"{name}={headers[name]}" for name in SIGNED_HEADERS).encode("utf-8", "surrogateescape")
    if body:
        text += b"&body=" + body
    return ALGORITHMS[algorithm](text + b"&accessSecret=" + secret.encode())
