"""The configuration's shape, read from the models: which keys a section has, and what is below them."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple, get_args

from monitor.settings.model import Contents
from monitor.settings.problems import Steps
from monitor.settings.section import FileTwin, Section
from monitor.settings.sink_types import section_of_tag, section_of_type


class Key(NamedTuple):
    """One key of a section."""

    twin: FileTwin | None  #: how it may be given as a file
    below: tuple[type[Section], ...]  #: what its value is, may be, or is a list of; several differ by their `type`

    @property
    def has_twin(self) -> bool:
        """Whether it may be given with `_file` after its name instead."""
        return self.twin in {FileTwin.ONE_LINE, FileTwin.LINES}

    def section_of(self, value: object) -> type[Section] | None:
        """The section that this value below the key is; None when it is none, or of an unknown type."""
        if len(self.below) > 1:
            return section_of_type(value.get("type")) if isinstance(value, dict) else None
        return self.below[0] if self.below else None


@cache
def keys(section: type[Section]) -> Mapping[str, Key]:
    """The section's keys as the file spells them, twins aside."""
    return {
        field.alias or name: Key(
            next((mark for mark in field.metadata if isinstance(mark, FileTwin)), None),
            tuple(_sections_in(field.annotation)),
        )
        for name, field in section.model_fields.items()
    }


def spellings(section: type[Section]) -> Iterator[str]:
    """Every key that the section may have in the file, twins included."""
    for name, key in keys(section).items():
        yield name
        if key.has_twin:
            yield f"{name}_file"


def section_at(steps: Steps, root: type[Section] = Contents) -> type[Section] | None:
    """The section that validation's path leads to from the root; None when it leads to something else."""
    among: tuple[type[Section], ...] = (root,)
    for step in steps:
        if not isinstance(step, str):
            continue
        if len(among) > 1:
            found = section_of_tag(step)
            among = (found,) if found else ()
        elif among:
            key = keys(among[0]).get(step)
            among = key.below if key else ()
    return among[0] if len(among) == 1 else None


def _sections_in(annotation: object) -> Iterator[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    else:
        for part in get_args(annotation):
            yield from _sections_in(part)
