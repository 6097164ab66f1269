"""How a command shows numbers: as the configuration says, by the key of the store."""

import secrets
from typing import TYPE_CHECKING

from monitor.fleet.masking import FULL, KEY_BYTES, Masking
from monitor.store.errors import StoreError

if TYPE_CHECKING:
    from monitor.settings.model import Settings
    from monitor.store.reader import StoreReader


async def masking_by(reader: "StoreReader", settings: "Settings") -> Masking:
    """As the daemon of this store shows them."""
    return FULL if settings.privacy.numbers == "full" else Masking(await reader.masking_key())


async def masking_without(settings: "Settings") -> Masking:
    """The same for a command that needs no store: where there is none, by a key of this very run."""
    from monitor.store.store import Store

    if settings.privacy.numbers == "full":
        return FULL
    try:
        reader = await Store.open_readonly(settings.store.url.reveal())
    except StoreError:
        return Masking(secrets.token_bytes(KEY_BYTES))
    try:
        return await masking_by(reader, settings)
    finally:
        await reader.close()
