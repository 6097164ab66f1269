"""Reading answers: tolerant of everything that leaves a number readable, and never raising but a PhoneListError."""

import contextlib
import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.fleet.answer import Row
from monitor.phonelist import wire
from monitor.phonelist.errors import PhoneListError, Undecodable, WrongShape
from tests.phonelist.faulty_vendor import ROW

GOOD = Row(
    number="+8613800000001",
    waba_id="116960000086404",
    waba_name="GLORY TEST",
    verified_name="GLORY JACK",
    quality_rating="GREEN",
    status="CONNECTED",
    tier="TIER_10K",
    name_status="APPROVED",
    code_verification_status="VERIFIED",
    register_status="5",
)
GOOD_JSON = json.dumps(ROW)


def read(text: str) -> wire.Reading:
    """Read a JSON text."""
    return wire.read(text.encode())


def rows_of(*rows: str) -> tuple[Row, ...]:
    """The rows of a successful answer that lists these JSON texts."""
    return read('{"code":0,"data":[' + ",".join(rows) + "]}").rows


def field(name: str, json_value: str) -> Row:
    """The row of an answer in which the good row's field has this JSON text instead."""
    return rows_of(json.dumps({**ROW, name: "?"}).replace('"?"', json_value))[0]


def test_the_body_to_sign_is_compact_and_utf_8():
    assert wire.request_body("jh42牛") == '{"appkey":"jh42牛"}'.encode()


def test_an_answer_as_documented_is_read():
    assert read(json.dumps({"code": 0, "data": [ROW], "message": "fine"})) == wire.Reading("0", "fine", (GOOD,))


@pytest.mark.parametrize(
    ("answer", "rows"),
    [
        pytest.param('{"code":0,"data":null}', (), id="null"),
        pytest.param('{"code":0}', (), id="missing"),
        pytest.param('{"code":0,"data":[]}', (), id="empty"),
        pytest.param(f'{{"code":0,"data":{GOOD_JSON}}}', (GOOD,), id="one object"),
        pytest.param(f'{{"code":0,"data":[{GOOD_JSON}]}}', (GOOD,), id="a list"),
        pytest.param(f'{{"code":0,"data":[{GOOD_JSON}],"traceId":{{"a":[1]}}}}', (GOOD,), id="with an unknown field"),
    ],
)
def test_data_may_take_the_shapes_that_the_documents_show(answer, rows):
    assert read(answer).rows == rows


@pytest.mark.parametrize(
    ("answer", "code", "text"),
    [
        pytest.param('{"code":9008,"message":"no such app"}', "9008", "no such app", id="as documented"),
        pytest.param('{"code":"9008","msg":"no such app"}', "9008", "no such app", id="code as text, msg"),
        pytest.param('{"code":" -1 "}', "-1", "", id="a code among spaces"),
        pytest.param('{"code":-1,"message":null,"msg":"busy"}', "-1", "busy", id="message is null"),
        pytest.param('{"code":-1,"message":{"en":"busy"}}', "-1", "", id="message is an object"),
        pytest.param('{"code":9001,"data":"none"}', "9001", "", id="data of a refusal is not looked at"),
        pytest.param('{"code":9001.0}', "9001", "", id="a float without a fraction"),
        pytest.param('{"code":"E\\u001b[1mBUSY"}', "E [1mBUSY", "", id="a word"),
        pytest.param('{"code":"' + "x" * 900 + '"}', "x" * 32, "", id="a long word"),
        pytest.param('{"code":1,"code":7}', "7", "", id="twice"),
        pytest.param('{"code":-1,"message":"busy","took":NaN}', "-1", "busy", id="a message beside odd bytes"),
        pytest.param('{"code":-1,"msg":"busy","took":NaN}', "-1", "busy", id="msg beside odd bytes"),
    ],
)
def test_the_envelope_gives_code_and_text(answer, code, text):
    reading = read(answer)

    assert (reading.code, reading.text, reading.rows) == (code, text, ())


@pytest.mark.parametrize(
    ("json_value", "expected"),
    [
        pytest.param('"+86 138-0000-0001"', "+8613800000001", id="with spaces and dashes"),
        pytest.param("8613800000001", "+8613800000001", id="an integer"),
        pytest.param('" +86 xxx 24 "', "+86 xxx 24", id="masked"),
        pytest.param('"+86\\ud800138"', "+86\ufffd138", id="a lone surrogate"),
    ],
)
def test_a_number_is_normalised(json_value, expected):
    assert field("display_phone_number", json_value).number == expected


@pytest.mark.parametrize(
    ("json_value", "expected"),
    [
        pytest.param('"RED"', "RED", id="a word"),
        pytest.param('"VERY_RED"', "VERY_RED", id="a word nobody documented"),
        pytest.param("null", "", id="null"),
        pytest.param("7", "", id="a number"),
        pytest.param("true", "", id="a boolean"),
        pytest.param("[]", "", id="a list"),
        pytest.param('{"a":"RED"}', "", id="an object"),
        pytest.param("NaN", "", id="not a number"),
        pytest.param("-Infinity", "", id="infinite"),
        pytest.param("1" * 6_000, "", id="a huge integer"),
        pytest.param('"R\\ud800D"', "R\ufffdD", id="a lone surrogate"),
        pytest.param('"R\\u0000D"', "R\ufffdD", id="a NUL"),
        pytest.param('"R\tD"', "R\tD", id="a raw control character"),
        pytest.param('"\\ud83d\\ude00"', "😀", id="a whole pair of surrogates"),
        pytest.param('"RED","quality_rating":"GREEN"', "GREEN", id="twice"),
        pytest.param("[" * 100_000 + "]" * 100_000, "", id="bottomless"),
        pytest.param('[{"a":' * 50_000 + '"]["' + "}]" * 50_000, "", id="bottomless and mixed"),
    ],
)
def test_a_field_is_its_text_or_empty_and_costs_no_other(json_value, expected):
    row = field("quality_rating", json_value)

    assert row.quality_rating == expected
    assert row.number == GOOD.number
    assert row.status == GOOD.status


@pytest.mark.parametrize("name", ["waba_id", "register_status"])
@pytest.mark.parametrize(
    ("json_value", "expected"),
    [
        pytest.param("116960000086404", "116960000086404", id="an integer"),
        pytest.param("5.0", "5", id="a float without a fraction"),
        pytest.param("5.5", "", id="a fraction"),
        pytest.param("1e300", "", id="beyond all identifiers"),
        pytest.param("true", "", id="a boolean"),
        pytest.param('"5"', "5", id="text"),
    ],
)
def test_integers_are_taken_where_the_vendor_means_a_name_by_them(name, json_value, expected):
    assert getattr(field(name, json_value), name) == expected


@pytest.mark.parametrize(
    "neighbour",
    [
        pytest.param("null", id="null"),
        pytest.param("7", id="a number"),
        pytest.param("[[]]", id="a list"),
        pytest.param("{}", id="empty"),
        pytest.param('{"display_phone_number":null}', id="null for a number"),
        pytest.param('{"display_phone_number":"  "}', id="blank for a number"),
        pytest.param('{"display_phone_number":["+8613800000009"]}', id="a list for a number"),
        pytest.param('{"display_phone_number":true}', id="true for a number"),
    ],
)
def test_a_row_without_a_number_is_left_out_and_counted(neighbour):
    reading = read(f'{{"code":0,"data":[{neighbour},{GOOD_JSON}]}}')

    assert (reading.rows, reading.left_out) == ((GOOD,), 1)


@pytest.mark.parametrize("data", ["[{}]", "[null,7]", "{}", '[{"status":"CONNECTED"}]'])
def test_an_answer_without_a_single_number_is_not_believed(data):
    with pytest.raises(WrongShape, match=r"^none of the \d rows in the vendor's answer has a number; "):
        read(f'{{"code":0,"data":{data}}}')


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ('"fine"', "the vendor's answer is a string, expected an object with a code; "),
        ("7", "the vendor's answer is a number, expected an object with a code; "),
        ("true", "the vendor's answer is a boolean, expected an object with a code; "),
        ("{}", "the vendor's answer has no code, expected a number; "),
        ('{"code":null}', "the vendor's answer has no code, expected a number; "),
        ('{"code":true}', "the vendor's answer has no code, expected a number; "),
        ('{"code":""}', "the vendor's answer has no code, expected a number; "),
        ('{"code":"  "}', "the vendor's answer has no code, expected a number; "),
        ('{"code":0,"data":7}', "`data` of the vendor's answer is a number, expected a list of numbers; "),
        ('{"code":0,"data":true}', "`data` of the vendor's answer is a boolean, expected a list of numbers; "),
    ],
)
def test_json_that_is_no_list_of_numbers_is_a_wrong_shape(answer, message):
    with pytest.raises(WrongShape) as caught:
        read(answer)

    assert str(caught.value) == message + "if this lasts, the vendor has changed its format: please report it"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\xef\xbb\xbf" + f'{{"code":0,"data":[{GOOD_JSON}]}}'.encode(), id="byte order mark"),
        pytest.param(f'{{"code":0,"data":[{GOOD_JSON}],"took":NaN}}'.encode(), id="NaN"),
        pytest.param(f'{{"code":0,"x":"\xff","data":[{GOOD_JSON}]}}'.encode("latin-1"), id="not UTF-8"),
        pytest.param(f'\r\n {{"code":0,"data":[{GOOD_JSON}]}}\n'.encode(), id="space around"),
    ],
)
def test_odd_bytes_elsewhere_cost_no_row(body):
    assert wire.read(body).rows == (GOOD,)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="cut off"),
        pytest.param(b'{"code":0} {"code":0}', id="two values"),
        pytest.param(b"[" * 1_000_000, id="bottomless and cut off"),
        pytest.param(b'{"a":"' + b'\\"' * 1_000_000, id="a string without an end"),
        pytest.param('{"code":0}'.encode("utf-16"), id="UTF-16"),
    ],
)
def test_what_is_no_json_is_said_to_be_none(body):
    with pytest.raises(Undecodable, match=r"^the vendor's answer is no JSON; "):
        wire.read(body)


def test_equal_words_of_an_answer_are_one_object():
    first, second = rows_of(GOOD_JSON, GOOD_JSON.replace("0001", "0002"))

    assert first.waba_name is second.waba_name
    assert first.quality_rating is second.quality_rating


def test_common_words_of_two_answers_are_one_object():
    (first,), (second,) = rows_of(GOOD_JSON), rows_of(GOOD_JSON)

    assert first.quality_rating is second.quality_rating


@given(st.binary())
@example(b"")
@example(b"\xef\xbb\xbf")
@example(b'"\\ud800"')
@example(b"1" * 5_000)
def test_arbitrary_bytes_raise_nothing_else(body):
    read_or_refused(body)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None))
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(ROW)), inner, max_size=4)
)
envelopes = st.fixed_dictionaries(
    {"code": st.just(0) | values, "data": st.lists(values, max_size=5) | values}, optional={"message": values}
)


@given(values | envelopes)
def test_arbitrary_json_raises_nothing_else(value):
    read_or_refused(json.dumps(value).encode())


@given(st.lists(values, max_size=4), st.lists(values, max_size=4))
def test_a_good_row_survives_any_neighbours(before, after):
    reading = read(json.dumps({"code": 0, "data": [*before, ROW, *after]}))

    assert GOOD in reading.rows
    assert len(reading.rows) + reading.left_out == len(before) + 1 + len(after)


fields = st.fixed_dictionaries({}, optional={name: st.none() | st.text(max_size=20) for name in ROW})
integers = st.fixed_dictionaries(
    {}, optional={name: st.integers() for name in ("display_phone_number", "waba_id", "register_status")}
)


@given(st.lists(st.builds(lambda texts, numbers: {**texts, **numbers}, fields, integers), max_size=5))
def test_the_tolerant_reader_agrees_with_the_strict_one(rows):
    strict = json.dumps({"code": 0, "data": [ROW, *rows]})
    tolerant = strict.removesuffix("}") + ', "took": NaN}'

    assert read(tolerant) == read(strict)


def read_or_refused(body: bytes) -> None:
    """Read; a PhoneListError is as good as an answer."""
    with contextlib.suppress(PhoneListError):
        wire.read(body)


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("waba_id", "waba_id"),
        ("waba_name", "waba_name"),
        ("verified_name", "verified_name"),
        ("quality_rating", "quality_rating"),
        ("status", "status"),
        ("current_limit", "tier"),
        ("name_status", "name_status"),
        ("code_verification_status", "code_verification_status"),
        ("register_status", "register_status"),
    ],
)
def test_a_word_met_for_the_first_time_is_kept_in_its_own_field_alone(name, attribute):
    row = field(name, '"NEW_TODAY"')

    assert row == msgspec.structs.replace(GOOD, **{attribute: "NEW_TODAY"})


def test_words_met_for_the_first_time_in_two_rows_stay_in_their_own():
    new = {name: f"NEW_{name}" for name in ROW if name != "display_phone_number"}
    newer = {name: f"NEWER_{name}" for name in new}

    first, second = rows_of(json.dumps({**ROW, **new}), json.dumps({**ROW, **newer}))

    assert sorted(msgspec.structs.astuple(first)[1:]) == sorted(new.values())
    assert sorted(msgspec.structs.astuple(second)[1:]) == sorted(newer.values())


@pytest.mark.parametrize(
    ("json_value", "expected"),
    [
        pytest.param("9007199254740991.0", "9007199254740991", id="the last that is sure"),
        pytest.param("9007199254740992.0", "", id="the first that is not"),
        pytest.param("-9007199254740992.0", "", id="the first that is not, below zero"),
    ],
)
def test_a_float_counts_as_an_integer_while_it_is_sure_which(json_value, expected):
    assert field("waba_id", json_value).waba_id == expected


def test_all_that_lies_too_deep_is_left_out_wherever_it_is():
    deep = "[" * 50_000 + "]" * 50_000
    body = f'{{"code":0,"x":{deep},"data":[{GOOD_JSON}],"y":{deep}}}'

    assert wire.read(body.encode()).rows == (GOOD,)
