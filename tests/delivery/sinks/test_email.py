"""The sink for mailboxes, against mail servers on sockets: what is sent, what answers mean, what is never shown."""

import asyncio
import os
import re
import shutil
import ssl
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.delivery.people.notice import News
from monitor.delivery.sink import DeliveryError, Refused, Unavailable
from monitor.delivery.sinks.email import EmailSink
from monitor.delivery.sinks.letter import Letters, address
from tests.delivery.mailserver import HANG, PASSWORD, USER, MailServer, Script, self_signed
from tests.delivery.samples import AT, RECOVERED, YELLOW, item, notice

NASTY = "<img src=x onerror=alert(1)>&\"'</td></table><script>{{ 7*7 }}"

Opener = Callable[..., EmailSink]


def sink(port: int = 25, **changes: Any) -> EmailSink:
    """One that speaks plainly to this machine, or what the changes make of it."""
    settings: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "user": None,
        "password": None,
        "sender": "Numbers <monitor@example.com>",
        "recipients": ["ops@example.com"],
        "now": lambda: AT,
    }
    return EmailSink("mail", **{**settings, **changes})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if shutil.which("openssl") is None and os.environ.get("CI") != "true":
        pytest.skip("needs the openssl command")
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def trusting(certificate):
    """Makes a context that trusts the server's certificate."""
    return lambda: ssl.create_default_context(cafile=certificate)


@pytest.fixture
async def server():
    async with MailServer() as server:
        yield server


@pytest.fixture
async def tls_server(certificate):
    async with MailServer(certificate) as server:
        yield server


def letter(told):
    return Letters(address("monitor@example.com"), [address("ops@example.com")], now=lambda: AT).of(told)


def parts(told):
    """The two parts of a notice's mail, as they are after the wire."""
    mail = message_from_bytes(letter(told).as_bytes(), policy=policy.default)
    text, html = mail.iter_parts()
    return tuple(part.get_content().replace("\r\n", "\n") for part in (text, html))


class Tags(HTMLParser):
    """What a browser sees: tags, links, styles, and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.extend(attrs)

    def handle_data(self, data):
        self.text += data

    def values(self, name):
        return [value for attribute, value in self.attributes if attribute == name]


async def test_a_notice_is_one_mail_to_everybody(server):
    people = ["ops@example.com", "Grace <grace@example.com>"]

    await sink(server.port, recipients=people).send(notice())

    (envelope,) = server.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("monitor@example.com", ["ops@example.com", "grace@example.com"])
    assert server.mail()["To"] == "ops@example.com, Grace <grace@example.com>"
    assert server.mail()["From"] == "Numbers <monitor@example.com>"


async def test_the_servers_own_words_come_back(server):
    said = await sink(server.port).send(notice())

    assert said == f"127.0.0.1:{server.port} answered 250: 2.0.0 queued as 4F1"


async def test_its_head_says_what_it_is(server):
    await sink(server.port).send(notice())

    mail = server.mail()
    assert mail["Subject"] == "+8613800000001 is RED (was GREEN)"
    assert mail["Date"].datetime.timestamp() == AT / 1000
    assert mail["Message-ID"] == "<7f9c2ba4e88f827d616045507605853e@number-monitor.example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Number-Monitor-Account"] == "main"


async def test_the_same_notice_is_the_same_mail_in_every_attempt(server):
    opened = sink(server.port)

    await opened.send(notice())
    await opened.send(notice())

    first, second = (re.findall(rb"(?im)^message-id:.*$", mail.content) for mail in server.mails)
    assert len(first) == 1
    assert first == second


async def test_a_mail_has_a_text_and_a_page_of_the_same_content(server):
    await sink(server.port).send(notice())

    mail = server.mail()
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


async def test_a_mail_is_ascii_on_the_wire_whatever_it_tells(server):
    told = notice(item(headline="你好 ▲ Ünïcode"), title="号码变红 🔴 " * 20)

    await sink(server.port, sender="号码 <monitor@example.com>").send(told)

    (envelope,) = server.mails
    assert envelope.content.isascii()
    assert max(len(line) for line in envelope.content.splitlines()) <= 998
    assert (server.mail()["Subject"], server.mail()["From"].addresses[0].display_name) == (told.title.strip(), "号码")


def test_the_text_part_can_be_read_as_it_stands():
    text, _ = parts(notice(item(), RECOVERED, YELLOW, more="and 2 more"))

    assert text == (
        "+8613800000001 is RED (was GREEN)\n\n"
        "▲ +8613800000001 is RED (was GREEN)\n"
        "  Acme Support · app Shop · WABA 1029\n"
        "  since 15 January 2027, 16:00 (3 minutes ago)\n"
        "  Pause marketing campaigns from this number and look at the templates sent in the last day.\n"
        "  https://monitor.example.com/numbers/main/jh42xxxd434/1029/%2B8613800000001\n\n"
        "✓ +8613800000002 is GREEN again (was RED for 3 hours)\n"
        "  app Shop · WABA 1029\n"
        "  https://monitor.example.com/numbers/main/jh42xxxd434/1029/%2B8613800000001\n\n"
        "◆ +8613800000003 is YELLOW (was GREEN)\n"
        "  app Shop\n\n"
        "and 2 more\n\n"
        "account main · data of 15 January 2027, 16:02\n"
        "https://monitor.example.com/\n"
    )


def test_the_page_shows_what_the_text_says():
    told = notice(item(), RECOVERED, YELLOW, more="and 2 more")

    page = Tags(parts(told)[1])

    words = [
        told.title,
        told.more,
        told.footer,
        *(line for each in told.items for line in (each.headline, *each.details)),
    ]
    assert [word for word in words if word not in page.text] == []
    assert set(page.values("href")) == {item().url, told.url}


def test_items_beyond_those_shown_are_counted_and_no_more():
    told = notice(*(item(headline=f"number {count}") for count in range(12)), more="and 2 more")

    text, html = parts(told)

    assert ("number 9" in text, "number 10" in text) == (True, False)
    assert ("number 9" in html, "number 10" in html) == (True, False)


def test_a_page_asks_nothing_of_other_machines():
    page = Tags(parts(notice())[1])

    assert set(page.tags) & {"img", "link", "script", "style", "iframe", "svg"} == set()
    assert [value for value in page.values("style") if "url(" in value] == []


def test_no_name_breaks_the_page():
    told = notice(
        item(headline=NASTY, details=(NASTY,), url=None), title=NASTY, footer=NASTY, more=NASTY, account=NASTY
    )

    page, harmless = (Tags(parts(each)[1]) for each in (told, notice(item(details=("a",), url=None), more="b")))

    assert page.tags == harmless.tags
    assert page.text.count(NASTY) == 6  # the title stands above the page as well


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("RED\r\nBcc: all@example.com\r\n\r\nbody", id="CR LF"),
        pytest.param("RED\nBcc: all@example.com", id="LF"),
        pytest.param("RED\rBcc: all@example.com", id="CR"),
        pytest.param("RED\u2028Bcc: all@example.com", id="line separator"),
        pytest.param("RED\x00\x0bBcc: all@example.com", id="control characters"),
        pytest.param("=?utf-8?q?RED=0D=0ABcc:_all@example.com?=", id="encoded"),
    ],
)
async def test_a_title_is_one_line_of_the_head(server, title):
    await sink(server.port).send(notice(title=title, account=title))

    mail = server.mail()
    assert "Bcc" not in mail
    assert len(mail.get_all("Subject")) == 1
    assert server.mails[0].rcpt_tos == ["ops@example.com"]
    assert mail.get_content_type() == "multipart/alternative"


@settings(deadline=None)
@given(title=st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1, max_size=300))
def test_any_title_comes_through(title):
    mail = message_from_bytes(letter(notice(title=title)).as_bytes(), policy=policy.default)

    assert mail["Subject"] == " ".join(title.split())
    assert mail["Message-ID"] is not None


@pytest.mark.parametrize(
    "text", ["", "ops", "ops@", "@example.com", "a b@example.com", "a@b\r\nRSET", "grüße@example.com"]
)
@pytest.mark.parametrize("role", ["sender", "recipients"])
def test_what_is_no_address_is_told_at_once(role, text):
    with pytest.raises(ValueError, match=r" is no mail address: expected me@example\.com or Name <me@example\.com>$"):
        sink(25, **{role: text if role == "sender" else [text]})


async def test_a_server_is_spoken_to_in_tls_before_anybody_signs_in(tls_server, trusting):
    secure = sink(tls_server.port, tls="starttls", user=USER, password=PASSWORD, tls_context=trusting)

    await secure.send(notice())

    assert tls_server.sign_ins == [("PLAIN", True)]
    assert tls_server.mail()["Subject"] == notice().title


async def test_tls_from_the_first_byte(certificate, trusting):
    async with MailServer(certificate, implicit=True) as server:
        await sink(server.port, tls="tls", user=USER, password=PASSWORD, tls_context=trusting).send(notice())

        assert server.mail()["Subject"] == notice().title


async def test_the_context_is_made_once_and_not_in_the_way_of_others(tls_server, trusting):
    made = []

    def context():
        made.append(threading.current_thread())
        return trusting()

    secure = sink(tls_server.port, tls="starttls", tls_context=context)
    await secure.send(notice())
    await secure.send(notice())

    assert len(made) == 1
    assert made != [threading.main_thread()]


async def test_without_tls_no_context_is_made(server):
    await sink(server.port, tls_context=lambda: pytest.fail("made one")).send(notice())


async def test_a_server_without_starttls_hears_no_password_and_no_mail(server):
    with pytest.raises(Unavailable) as raised:
        await sink(server.port, tls="starttls", user=USER, password=PASSWORD).send(notice())

    assert str(raised.value) == f"127.0.0.1:{server.port} does not offer STARTTLS: nothing was sent"
    assert (server.sign_ins, server.commands) == ([], [])


@pytest.mark.parametrize(("encryption", "implicit"), [("starttls", False), ("tls", True)])
async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(certificate, encryption, implicit):
    async with MailServer(certificate, implicit=implicit) as server:
        with pytest.raises(Unavailable) as raised:
            await sink(server.port, tls=encryption, user=USER, password=PASSWORD).send(notice())

        assert str(raised.value) == (
            f"127.0.0.1:{server.port} shows a certificate that is not trusted: self-signed certificate"
        )
        assert server.sign_ins == []


async def test_tls_where_none_is_spoken(server, trusting):
    with pytest.raises(Unavailable, match=r"^127\.0\.0\.1:\d+ does not speak TLS on this port as we do$"):
        await sink(server.port, tls="tls", tls_context=trusting).send(notice())


async def test_a_wrong_password_is_tried_again_and_told_in_the_servers_words(tls_server, trusting):
    secure = sink(tls_server.port, tls="starttls", user=USER, password="hunter3", tls_context=trusting)

    with pytest.raises(Unavailable) as raised:
        await secure.send(notice())

    assert str(raised.value) == f"127.0.0.1:{tls_server.port} answered 535: 5.7.8 Authentication credentials invalid"
    assert tls_server.sign_ins == [("PLAIN", False)]


async def test_a_server_that_lets_nobody_sign_in(server):
    server._options = {"auth_exclude_mechanism": ["PLAIN", "LOGIN"]}

    with pytest.raises(Unavailable, match=r"offers no way to sign in with user and password$"):
        await sink(server.port, user=USER, password=PASSWORD).send(notice())


@pytest.mark.parametrize("word", ["hunter2 pässword", "AHJvYm90AGh1bnRlcjIgcMOkc3N3b3Jk"], ids=["plain", "as sent"])
async def test_a_server_that_repeats_the_password_is_not_quoted(word):
    async with Script("220 hi", "250-hi\r\n250 AUTH PLAIN", f"535 no: {word}") as server:
        opened = sink(server.port, user=USER, password=PASSWORD)

        with pytest.raises(Unavailable) as raised:
            await opened.send(notice())

    assert str(raised.value) == f"127.0.0.1:{server.port} answered 535: no: …"
    assert PASSWORD not in repr(opened)


async def test_who_is_refused_keeps_nobody_else_from_the_mail(server):
    server.recipient_answers = {"gone@example.com": "550 5.1.1 no such user", "full@example.com": "452 4.2.2 full"}
    people = ["gone@example.com", "ops@example.com", "full@example.com"]

    said = await sink(server.port, recipients=people).send(notice())

    assert server.mails[0].rcpt_tos == ["ops@example.com"]
    assert said == (
        f"127.0.0.1:{server.port} answered 250: 2.0.0 queued as 4F1; "
        f"it refused gone@example.com (550: 5.1.1 no such user), full@example.com (452: 4.2.2 full)"
    )


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        pytest.param(["550 5.1.1 no such user", "553 no such name"], Refused, id="nobody is known"),
        pytest.param(["550 no", "451 4.7.1 greylisted"], Unavailable, id="one may be later"),
        pytest.param(["450 busy", "452 full"], Unavailable, id="later"),
        pytest.param(["554 5.7.1 Relay access denied"] * 2, Unavailable, id="it is about us"),
        pytest.param(["530 5.7.0 Authentication required"] * 2, Unavailable, id="sign in first"),
    ],
)
async def test_what_it_means_when_everybody_is_refused(server, answers, error):
    people = ["a@example.com", "b@example.com"]
    server.recipient_answers = dict(zip(people, answers, strict=True))

    with pytest.raises(DeliveryError) as raised:
        await sink(server.port, recipients=people).send(notice())

    first, second = (f"({answer[:3]}: {answer[4:]})" for answer in answers)
    assert type(raised.value) is error
    assert str(raised.value) == f"127.0.0.1:{server.port} refused a@example.com {first}, b@example.com {second}"
    assert server.mails == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("552 5.3.4 message too large", Refused),
        ("550 5.7.1 looks like spam", Unavailable),
        ("554 no", Refused),
        ("421 closing", Unavailable),
        ("450 busy", Unavailable),
        ("451 later", Unavailable),
        ("452 full", Unavailable),
        ("530 sign in", Unavailable),
    ],
)
async def test_what_an_answer_to_the_mail_means(server, answer, error):
    server.data_answer = answer

    with pytest.raises(DeliveryError) as raised:
        await sink(server.port).send(notice())

    assert type(raised.value) is error
    assert str(raised.value) == f"127.0.0.1:{server.port} answered {answer[:3]}: {answer[4:]}"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("552 5.3.4 message too large", Refused),
        ("550 5.7.60 not allowed to send as this sender", Unavailable),
        ("451 later", Unavailable),
    ],
)
async def test_what_an_answer_to_the_sender_means(server, answer, error):
    server.sender_answer = answer

    with pytest.raises(DeliveryError) as raised:
        await sink(server.port).send(notice())

    assert type(raised.value) is error
    assert server.mails == []


async def test_a_server_that_takes_only_small_mails_says_so_before_it_gets_one():
    async with MailServer(data_size_limit=100) as server:
        with pytest.raises(Refused, match=r"answered 552"):
            await sink(server.port).send(notice())


async def test_a_server_that_closes_amid_the_recipients():
    async with Script("220 hi", "250 hi", "250 OK", "421 4.3.2 shutting down") as server:
        with pytest.raises(Unavailable, match=r"answered 421: 4\.3\.2 shutting down$"):
            await sink(server.port, recipients=["a@example.com", "b@example.com"]).send(notice())


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        pytest.param([HANG], "did not answer in time", id="no greeting"),
        pytest.param(["220 hi", HANG], "did not answer in time", id="silent after the greeting"),
        pytest.param(["220 hi"], "closed the connection", id="gone after the greeting"),
        pytest.param([], "closed the connection", id="gone at once"),
        pytest.param(["554 go away"], "answered 554: go away", id="unwelcome"),
        pytest.param(["220 hi", "502 what?"], "answered 502: what?", id="no EHLO"),
        pytest.param(
            ["HTTP/1.1 400 Bad Request"],
            "does not answer as SMTP does: Malformed SMTP response line: HTTP/1.1 400 Bad Request",
            id="not a mail server",
        ),
        pytest.param(
            ["220 hi", "250 hi", "550 no\x1b[31m\x07"], r"answered 550: no\x1b[31m\x07", id="control characters"
        ),
    ],
)
async def test_a_server_that_does_not_speak_as_it_should(lines, words):
    async with Script(*lines) as server:
        with pytest.raises(Unavailable) as raised:
            await sink(server.port, limit=0.6 if HANG in lines else 30.0).send(notice())

    assert str(raised.value) == f"127.0.0.1:{server.port} {words}"


async def test_nobody_there_is_unavailable():
    async with Script() as gone:
        pass

    with pytest.raises(Unavailable, match=rf"^127\.0\.0\.1:{gone.port} cannot be connected to$"):
        await sink(gone.port).send(notice())


@pytest.mark.parametrize(
    ("host", "words"),
    [("mail.invalid", "its name cannot be resolved"), ("mail..example.com", "its name is none")],
    ids=["nobody has it", "nobody could"],
)
async def test_a_name_that_does_not_exist_is_unavailable(host, words):
    with pytest.raises(Unavailable) as raised:
        await sink(host=host).send(notice())

    assert str(raised.value) == f"{host}:25 cannot be reached: {words}"


async def test_without_certificates_to_trust_nobody_is_called(tls_server):
    def unreadable():
        raise FileNotFoundError(2, "No such file or directory", "/etc/ssl/ours.pem")

    with pytest.raises(Unavailable, match=r" was not called: no certificates to trust \(.*'/etc/ssl/ours\.pem'\)$"):
        await sink(tls_server.port, tls="starttls", tls_context=unreadable).send(notice())


async def test_the_callers_limit_breaks_off_what_hangs_and_leaves_nothing_open(server):
    server.hangs_at_data = True
    sending = asyncio.create_task(sink(server.port).send(notice()))

    await server.reached_data.wait()
    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending
    await server.lost.wait()
    assert server.mails == []


async def test_a_server_is_greeted_with_a_name_or_an_address(server):
    await sink(server.port).send(notice())

    assert re.fullmatch(r"\[127\.0\.0\.1\]|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", server.greeted[0])


def test_relief_has_another_colour_than_trouble():
    trouble, relief = (parts(notice(each))[1] for each in (item(), item(news=News.CLOSED, severity="info")))

    assert ("#d6333c" in trouble, "#2f9e57" in trouble) == (True, False)
    assert "#2f9e57" in relief


def test_a_sink_shows_its_server_alone():
    assert repr(sink(user=USER, password=PASSWORD)) == "EmailSink('mail', 127.0.0.1:25)"
