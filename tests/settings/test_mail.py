"""A mailbox is one address that cannot become more than one line of a mail's head."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.settings.mail import mailbox
from monitor.settings.scalars import Unfit


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("a@example.com", "a@example.com"),
        (" a@example.com ", "a@example.com"),
        ("<a@example.com>", "a@example.com"),
        ("Ops <a@example.com>", "Ops <a@example.com>"),
        ('"Ops, night" <a@example.com>', '"Ops, night" <a@example.com>'),
        ("a.b+c@mail.example.com", "a.b+c@mail.example.com"),
        ("root@localhost", "root@localhost"),
        ("a@[192.0.2.1]", "a@[192.0.2.1]"),
    ],
)
def test_one_address_is_taken_with_the_name_before_it(written, spelled):
    assert mailbox(written) == spelled


@pytest.mark.parametrize(
    "written",
    [
        "Ops",
        "@example.com",
        "a@",
        "a@b@c",
        "a b@example.com",
        "a@example..com",
        "a@example.com, b@example.com",
        "a@example.com; b@example.com",
        "Ops, night <a@example.com>",
        "Ops: a@example.com;",
        "a@example.com\nBcc: b@example.com",
        "a@example.com\r\n",
        "Ops\x00 <a@example.com>",
        "=?utf-8?q?x=0ABcc:_c?= <a@example.com>",
        "=?utf-8?b?5p2O?= <a@example.com>",
        "李 <a@example.com>",
        "a@exämple.com",
        "<>",
        f"{'a' * 320}@example.com",
    ],
)
def test_anything_else_is_refused(written):
    with pytest.raises(Unfit, match="expected one address in ASCII"):
        mailbox(written)


@given(
    st.text(max_size=20)
    | st.text(alphabet='a@.<>"\\,;:()[]= ?\r\n\t%_-', max_size=20)
    | st.builds("{} <a@example.com>".format, st.text(max_size=12))
    | st.builds("a@{}".format, st.text(max_size=12))
)
def test_whatever_is_given_is_refused_or_one_plain_address(written):
    try:
        spelled = mailbox(written)
    except Unfit:
        return

    assert spelled.isascii()
    assert spelled.isprintable()
    assert mailbox(spelled) == spelled
