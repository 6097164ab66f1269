import copy
import json
import pickle

import orjson
import pydantic
import pytest

from monitor.settings.secret import Secret

SHOWN = "**********"


class Holder(pydantic.BaseModel):
    secret: Secret


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        format,
        lambda secret: f"{secret:>12}",
        lambda secret: f"{secret!r:.20}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 - a way to show it like any other
        lambda secret: str([secret]),
        lambda secret: str({secret: secret}),
        lambda secret: repr(Holder(secret=secret)),
        lambda secret: str(Holder(secret=secret).model_dump()),
        lambda secret: Holder(secret=secret).model_dump_json(),
        lambda secret: json.dumps(secret, default=str),
        lambda secret: orjson.dumps(secret, default=str).decode(),
        lambda secret: pickle.dumps(secret).decode("latin-1"),
        lambda secret: pickle.loads(pickle.dumps(secret)).reveal(),
    ],
)
def test_a_secret_shows_asterisks_however_it_is_shown(show):
    shown = show(Secret("hunter2"))

    assert "hunter2" not in shown
    assert SHOWN in shown


def test_only_reveal_gives_the_value():
    assert Secret("hunter2").reveal() == "hunter2"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_keeps_the_value(copied):
    assert copied(Secret("hunter2")).reveal() == "hunter2"


def test_secrets_are_equal_when_their_values_are():
    assert {Secret("a"), Secret("a"), Secret("ä")} == {Secret("ä"), Secret("a")}
    assert Secret("a") != "a"


def test_a_secret_that_is_wrong_is_refused_without_being_shown():
    with pytest.raises(pydantic.ValidationError) as refused:
        Holder.model_validate({"secret": ["hunter2"]})

    assert refused.value.errors()[0]["msg"] == "Value error, expected text, got a list"
