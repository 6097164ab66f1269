"""The tree and the reasons are one-to-one."""

import inspect

from monitor.fleet.answer import Failure, FailureReason
from monitor.phonelist import errors
from monitor.phonelist.errors import NotConnected, PhoneListError, failure

LEAVES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, PhoneListError) and not kind.__subclasses__()
]


def test_every_reason_has_exactly_one_leaf():
    assert sorted(leaf.reason for leaf in LEAVES) == sorted(FailureReason)


def test_the_tree_in_the_docstring_is_the_one_in_the_code():
    drawn = {line.split("─ ")[1].split()[0] for line in errors.__doc__.splitlines() if "─ " in line}

    assert drawn == {kind.__name__ for kind in (*LEAVES, *(leaf.__mro__[1] for leaf in LEAVES))} - {"PhoneListError"}


def test_an_error_becomes_the_fleets_failure():
    assert failure(NotConnected("cannot connect"), 17) == Failure(17, FailureReason.CONNECT, "", "cannot connect")
