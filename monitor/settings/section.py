"""What every section of the configuration is, and how a key says that it may be given as a file."""

from enum import Enum, auto
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from monitor.settings.scalars import check_url
from monitor.settings.secret import Secret


class FileTwin(Enum):
    """Marks a field that may be given with `_file` after its name: exactly one of the two is given."""

    ONE_LINE = auto()
    LINES = auto()  #: the file has a value on each line
    ENTRIES = auto()  #: not the field's name, but each key of its mapping may have the ending


FILE_TWIN = FileTwin.ONE_LINE


class Section(BaseModel):
    """A mapping of the file.  A section with nothing below its name has its defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_an_empty_mapping(cls, value: object) -> object:
        return {} if value is None else value


def _secret_url(url: Secret) -> Secret:
    check_url(url.reveal())
    return url


SecretUrl = Annotated[Secret, AfterValidator(_secret_url)]
