"""
The vendor's signature: one digest over the headers, the body's bytes and the secret.

Pure.  Source: the vendor's "API call convention"; its published vectors are the test's table.
"""

import hashlib
from collections.abc import Mapping
from typing import Literal

SignAlgorithm = Literal["md5", "sha256"]

_DIGESTS = {"md5": hashlib.md5, "sha256": hashlib.sha256}


def signature(signed: Mapping[str, str], body: bytes, secret: str, algorithm: SignAlgorithm = "md5") -> str:
    """
    Sign one attempt; a retry needs a new ``ts`` and so a new signature.

    Args:
        signed: ``accessKey``, ``action``, ``bizType`` and ``ts`` (milliseconds since 1970, as text).
        body: The very bytes that will be sent.  Empty bytes leave the ``body`` part out.
        secret: The account's accessSecret; it is never sent.
        algorithm: What the header ``algorithm`` says; without that header it is ``md5``.

    Returns:
        Lower-case hexadecimal digits: 32 of MD5, 64 of SHA-256.
    """
    text = "&".join([f"{name}={value}" for name, value in sorted(signed.items())]).encode()
    if body:
        text += b"&body=" + body
    text += b"&accessSecret=" + secret.encode()
    # The vendor's choice, not ours: MD5 is its default, and FIPS builds must not refuse it.
    return _DIGESTS[algorithm](text, usedforsecurity=False).hexdigest()
