"""
The wire format of phoneList: the request's body out, the answer's envelope and rows in.

Pure.  The vendor's field names stop here.  Read tolerantly: whatever is wrong with one row never costs another, and
nothing but a `PhoneListError` is ever raised.  An answer as documented is read by msgspec at once; any other one
more slowly, row by row, with the same result for what is sound.
"""

import re
from collections.abc import Iterable

import msgspec

from monitor.fleet import scales
from monitor.fleet.answer import Row
from monitor.fleet.number import normalise
from monitor.phonelist import lenient
from monitor.phonelist.codes import SUCCESS, cleaned
from monitor.phonelist.errors import Undecodable, WrongShape

_NEW_FORMAT = "if this lasts, the vendor has changed its format: please report it"
_NOT_STORABLE = re.compile("[\ud800-\udfff\x00]")  # lone surrogates are no text, NUL is none to PostgreSQL

#: Shared by all answers, so that the common words exist once however many apps there are.
_COMMON_WORDS: dict[str, str] = {
    word: word
    for words in (
        ("",),
        scales.QUALITY_RATING,
        scales.STATUS,
        scales.TIERS,
        scales.NAME_STATUS,
        scales.CODE_VERIFICATION_STATUS,
        scales.REGISTER_STATUS,
    )
    for word in words
}


class Reading(msgspec.Struct, frozen=True):
    """What an answer says."""

    code: str  #: "0" is success; as the vendor gave it, a number or a word
    text: str  #: the vendor's own words, untrusted
    rows: tuple[Row, ...] = ()
    left_out: int = 0  #: rows that were no objects or had no number


class _WireRow(msgspec.Struct, gc=False):
    """One row with the vendor's field names."""

    display_phone_number: str | int | None = None
    waba_id: str | int | None = None
    waba_name: str | None = None
    verified_name: str | None = None
    quality_rating: str | None = None
    status: str | None = None
    current_limit: str | None = None
    name_status: str | None = None
    code_verification_status: str | None = None
    register_status: str | int | None = None


class _Envelope(msgspec.Struct):
    code: int | str
    data: list[_WireRow] | _WireRow | None = None
    message: str | None = None
    msg: str | None = None


_STRICT = msgspec.json.Decoder(_Envelope)
_INTEGER_FIELDS = frozenset({"display_phone_number", "waba_id", "register_status"})
_INTEGER = re.compile(r"-?[0-9]{1,9}")
CODE_LIMIT = 32  # characters


def request_body(appkey: str) -> bytes:
    """The bytes to sign and to send."""
    return msgspec.json.encode({"appkey": appkey})


def read(body: bytes) -> Reading:
    """
    Read an answer's bytes.

    Raises:
        Undecodable: The bytes are no JSON.
        WrongShape: They are, but no envelope with a code, or (on success) no list of numbers.
    """
    envelope = _strictly(body) or _tolerantly(body)
    code = _code(envelope.code)
    if not code:
        raise _no_code()
    text = envelope.message or envelope.msg or ""
    if code != SUCCESS:
        return Reading(code, text)
    data = envelope.data
    listed = [] if data is None else data if isinstance(data, list) else [data]
    rows = _rows(listed)
    if listed and not rows:
        raise WrongShape(f"none of the {len(listed)} rows in the vendor's answer has a number; {_NEW_FORMAT}")
    return Reading(code, text, rows, len(listed) - len(rows))


def _strictly(body: bytes) -> _Envelope | None:
    """None: not as documented, or with a NUL, which the tolerant reader replaces."""
    if b"\\u0000" in body:
        return None
    try:
        return _STRICT.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _tolerantly(body: bytes) -> _Envelope:
    try:
        value = lenient.loads(body)
    except ValueError as error:
        raise Undecodable(_no_json(body)) from error
    if not isinstance(value, dict):
        raise WrongShape(f"the vendor's answer is {_kind(value)}, expected an object with a code; {_NEW_FORMAT}")
    code = _fitting(value.get("code"), integers=True)
    if code is None:
        raise _no_code()
    words = {name: _fitting(value.get(name), integers=False) for name in ("message", "msg")}
    return _Envelope(code=code, data=_listed(value.get("data"), _code(code)), **words)  # type: ignore[arg-type]  # without integers it is text


def _listed(data: object, code: str) -> list[_WireRow] | None:
    if data is None or code != SUCCESS:
        return None
    if isinstance(data, dict):
        return [_wire_row(data)]
    if isinstance(data, list):
        return [_wire_row(row) for row in data]
    raise WrongShape(f"`data` of the vendor's answer is {_kind(data)}, expected a list of numbers; {_NEW_FORMAT}")


def _wire_row(row: object) -> _WireRow:
    """What is no object becomes a row without a number, which is left out and counted."""
    if not isinstance(row, dict):
        return _WireRow()
    fields = _WireRow.__struct_fields__
    return _WireRow(**{name: _fitting(row.get(name), integers=name in _INTEGER_FIELDS) for name in fields})  # type: ignore[arg-type]  # by `_fitting`


def _fitting(value: object, *, integers: bool) -> str | int | None:
    """The value if it is of the field's type, None if it is of any other: a wrong type is a missing value."""
    if isinstance(value, str):
        return _NOT_STORABLE.sub("\ufffd", value)
    if not integers or isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else None
    return value if isinstance(value, int) else None


def _rows(listed: Iterable[_WireRow]) -> tuple[Row, ...]:
    """The rows that have a number, equal strings being one object: 100,000 rows must stay small."""
    words = _COMMON_WORDS.copy()
    one = words.setdefault
    rows = []
    for row in listed:
        number = normalise(_text(row.display_phone_number))
        if not number:
            continue
        waba_id = _text(row.waba_id)
        register_status = _text(row.register_status)
        waba_name = row.waba_name or ""
        verified_name = row.verified_name or ""
        quality_rating = row.quality_rating or ""
        status = row.status or ""
        tier = row.current_limit or ""
        name_status = row.name_status or ""
        code_verification_status = row.code_verification_status or ""
        rows.append(
            Row(
                number,
                one(waba_id, waba_id),
                one(waba_name, waba_name),
                one(verified_name, verified_name),
                one(quality_rating, quality_rating),
                one(status, status),
                one(tier, tier),
                one(name_status, name_status),
                one(code_verification_status, code_verification_status),
                one(register_status, register_status),
            )
        )
    return tuple(rows)


def _text(value: str | int | None) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _code(code: str | int) -> str:
    """A code sent as text counts as its number; one that is no number stays as it is, fit for a label."""
    if isinstance(code, int):
        return str(code)[:CODE_LIMIT]
    word = cleaned(code)[:CODE_LIMIT]
    return str(int(word)) if _INTEGER.fullmatch(word) else word


def _no_code() -> WrongShape:
    return WrongShape(f"the vendor's answer has no code, expected a number; {_NEW_FORMAT}")


def _no_json(body: bytes) -> str:
    if not body.strip():
        return "the vendor's answer is empty; it is asked again"
    if body.lstrip()[:1] == b"<":
        return "the answer is a page (HTML or XML), no JSON; check base_url and any proxy or login page in between"
    return "the vendor's answer is no JSON; check base_url and any proxy in between"


def _kind(value: object) -> str:
    kinds = {list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return kinds.get(type(value), "null")
