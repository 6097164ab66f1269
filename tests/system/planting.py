"""
Secrets to look for: one in every secret key that the configuration's models have, and how each could show.

The keys come from the models: a new one is planted by itself, in the first form of a secret that its section takes.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from monitor.settings.model import Contents
from monitor.settings.section import Section
from monitor.settings.shape import keys


def secret_keys(section: type[Section]) -> Iterator[str]:
    """The section's own keys that take a secret, required ones first."""
    fields = sorted(section.model_fields.items(), key=lambda item: not item[1].is_required())
    yield from (field.alias or name for name, field in fields if _is_secret(field))


def sections(root: type[Section] = Contents) -> Iterator[type[Section]]:
    """Every section at and below this one that takes a secret."""
    if any(secret_keys(root)):
        yield root
    for key in keys(root).values():
        for below in key.below:
            yield from sections(below)


class Planted:
    """Makes secrets, and remembers each with the place that it was planted in."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}  #: the place by the secret

    def token(self, place: str) -> str:
        """A secret of 32 letters and digits, which fits nearly everywhere."""
        token = "Q" + base64.b32encode(hashlib.sha256(f"{place} {len(self.places)}".encode()).digest()).decode()[:31]
        self.places[token] = place
        return token

    def instances(
        self, section: type[Section], base: Mapping[str, Any], address: str, *, leave_out: Iterable[str] = ()
    ) -> list[dict[str, Any]]:
        """
        The section with every secret key that it has; several times where two keys exclude each other.

        Args:
            section: Which.
            base: What it has beside; `{count}` in its name becomes the place in the list.
            address: Host and port that URLs lead to.
            leave_out: Keys that get no secret here.
        """
        wanted = [key for key in secret_keys(section) if key not in leave_out]
        required = [
            key
            for key in wanted
            if next(f for n, f in section.model_fields.items() if (f.alias or n) == key).is_required()
        ]
        made: list[dict[str, Any]] = []
        left = list(wanted)
        while left or not made:
            one = {name: value.format(count=len(made)) if name == "name" else value for name, value in base.items()}
            before = len(left)
            for key in dict.fromkeys([*required, *left]):
                if self._plant(section, one, key, f"{section.__name__}[{len(made)}].{key}", address) and key in left:
                    left.remove(key)
            section.model_validate(one)
            assert len(left) < before, f"no form of a secret fits {section.__name__}: {left}"
            made.append(one)
        return made

    def _plant(self, section: type[Section], one: dict[str, Any], key: str, place: str, address: str) -> bool:
        for form in FORMS:
            token = self.token(place)
            more = form(self, key, token, place, address)
            if _fits(section, {**one, **more}, key):
                one.update(more)
                return True
            self.places = {secret: where for secret, where in self.places.items() if where != place}
        return False


Form = Callable[[Planted, str, str, str, str], dict[str, Any]]

#: In which forms a section may take a secret; the first that it does is taken.
FORMS: tuple[Form, ...] = (
    lambda _planted, key, token, _place, _address: {key: token},
    lambda _planted, key, token, _place, _address: {key: token, "user": "ops"},
    lambda _planted, key, token, _place, _address: {key: {"X-Planted": token}},
    lambda _planted, key, token, _place, address: {key: f"json://{address}/{token}"},
    lambda planted, key, token, place, address: {
        key: f"http://u:{planted.token(place)}@{address}/in/{token}?token={planted.token(place)}"
    },
    lambda _planted, key, token, _place, address: {key: f"postgresql://u:{token}@{address}/numbers"},
    lambda planted, key, token, place, address: {key: [f"http://u:{planted.token(place)}@{address}/{token}"]},
)


def traces(secret: str) -> Mapping[str, bytes]:
    """How a secret could show, by what that is called."""
    raw = secret.encode()
    half = len(secret) // 2
    found = {
        "plain": raw,
        "its first half": raw[:half],
        "its second half": raw[half:],
        "hex": raw.hex().encode(),
        "upper hex": raw.hex().upper().encode(),
        "percent-encoded": "".join(f"%{byte:02X}" for byte in raw).encode(),
        "backwards": raw[::-1],
    }
    for skipped in range(3):  # where it begins within three bytes, as behind `user:`
        whole = base64.b64encode(b"\0" * skipped + raw)
        found[f"base64 {skipped}"] = whole[4 if skipped else 0 : -4]
        found[f"URL-safe base64 {skipped}"] = found[f"base64 {skipped}"].translate(bytes.maketrans(b"+/", b"-_"))
    return found


def leaks(outputs: Mapping[str, bytes], secrets: Mapping[str, str]) -> list[str]:
    """What was found where: a line each, empty when all is well; secrets are named by their places."""
    return [
        f"{where} shows {place} ({how})"
        for secret, place in secrets.items()
        for how, trace in traces(secret).items()
        for where, output in outputs.items()
        if trace in output
    ]


def _is_secret(field: FieldInfo) -> bool:
    return any(hasattr(part, "reveal") for part in _types(field.annotation))


def _types(annotation: object) -> Iterator[object]:
    yield annotation
    for part in get_args(annotation):
        yield from _types(part)


def _fits(section: type[Section], values: dict[str, Any], key: str) -> bool:
    """Whether nothing is said against this key; what else is still missing does not matter."""
    try:
        section.model_validate(values)
    except ValidationError as error:
        return not any(details["loc"][:1] == (key,) for details in error.errors())
    return True
