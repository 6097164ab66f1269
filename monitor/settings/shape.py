"""The configuration's shape, read from the models: which keys a section has, and what is below them."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple, get_args

from monitor.settings.model import Contents
from monitor.settings.problems import Steps
from monitor.settings.section import FILE_TWIN, Section


class Key(NamedTuple):
    """One key of a section."""

    has_twin: bool  #: it may be given with `_file` after its name instead
    below: type[Section] | None  #: the section that its value is, may be, or is a list of


@cache
def keys(section: type[Section]) -> Mapping[str, Key]:
    """The section's keys as the file spells them, twins aside."""
    return {
        field.alias or name: Key(FILE_TWIN in field.metadata, _section_in(field.annotation))
        for name, field in section.model_fields.items()
    }


def spellings(section: type[Section]) -> Iterator[str]:
    """Every key that the section may have in the file, twins included."""
    for name, key in keys(section).items():
        yield name
        if key.has_twin:
            yield f"{name}_file"


def section_at(steps: Steps) -> type[Section] | None:
    """The section that this path leads to; None when it leads to something else."""
    section: type[Section] | None = Contents
    for step in steps:
        if isinstance(step, str) and section is not None:
            key = keys(section).get(step)
            section = key.below if key else None
    return section


def _section_in(annotation: object) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for part in get_args(annotation) if (found := _section_in(part))), None)
