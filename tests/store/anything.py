"""Any value of a type, as hypothesis makes them: every field of every struct, those with defaults too."""

from collections.abc import Callable, Mapping
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin

from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import fields

#: The wire keeps out what is no text (surrogates) and what is none to PostgreSQL (NUL).
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(-(2**53), 2**53),
    bool: st.booleans(),
    bytes: st.binary(max_size=16),
    type(None): st.none(),
    ...: (MORE := st.nothing()),  # the dots of tuple[str, ...]
}


#: By the type's outer part, how its values are made of values of its inner parts.
COMPOSED: Mapping[Any, Callable[..., st.SearchStrategy[Any]]] = {
    Union: st.one_of,
    UnionType: st.one_of,
    Mapping: lambda keys, values: st.dictionaries(keys, values, max_size=3),
    frozenset: lambda each: st.frozensets(each, max_size=3),
    tuple: lambda *each: st.tuples(*each) if each[-1] is not MORE else st.lists(each[0], max_size=3).map(tuple),
}


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type as the fleet's structs use them."""
    if kind in PLAIN:
        return PLAIN[kind]
    if get_origin(kind) in COMPOSED:
        return COMPOSED[get_origin(kind)](*map(any_of, get_args(kind)))
    if issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    assert issubclass(kind, Struct), kind
    return st.builds(kind, **{field.name: any_of(field.type) for field in fields(kind)})
