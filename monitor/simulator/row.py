"""
One row of an answer's `data`, with the order of its fields as the vendor's page shows them.

Pure values.  What a test or a user pins with `PATCH` may be any JSON and is therefore kept beside the row, not in it.
"""

import msgspec


class Row(msgspec.Struct, frozen=True, gc=False):
    """What the vendor says of one number at one moment."""

    display_phone_number: str  #: as people write it: a plus sign, spaces, sometimes dashes
    quality_rating: str
    name_status: str
    verified_name: str
    code_verification_status: str
    current_limit: str  #: empty where the vendor states none
    register_status: int | str  #: documented as an integer; some answers carry a string
    status: str
    waba_id: str  #: digits, as a string
    waba_name: str


FIELDS: tuple[str, ...] = Row.__struct_fields__
