"""The sink for other services, by Apprise's `json://` to a receiver: outcomes, threads, what is never shown."""

import asyncio
import logging
import subprocess
import sys
import threading

import pytest

from monitor.delivery.people.notice import News
from monitor.delivery.sink import Unavailable
from monitor.delivery.sinks.apprise import AppriseMissing, AppriseSink, UnusableAddress
from tests.delivery.receiver import CLOSE, HANG, Receiver, answer
from tests.delivery.samples import RECOVERED, YELLOW, item, notice


@pytest.fixture
async def receiver():
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
def logged():
    """What comes to the root logger; caplog also listens where nothing is passed on."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]  # the one that is asked
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


def sink(port: int, rest: str = "hunter2-path?-token=hunter2-query") -> AppriseSink:
    return AppriseSink("chat", url=f"json://robot:hunter2-password@127.0.0.1:{port}/{rest}")


async def ended(thread_name: str = "apprise-chat") -> None:
    """Wait until the sink's threads have ended."""
    for thread in threading.enumerate():
        if thread.name == thread_name:
            await asyncio.to_thread(thread.join)


async def test_a_notice_is_one_plain_message(receiver):
    said = await sink(receiver.port).send(notice(item(), YELLOW, more="and 2 more"))

    (request,) = receiver.requests
    assert said == "json:// delivered it, by Apprise"
    assert request.event["title"] == "+8613800000001 is RED (was GREEN)"
    assert request.event["message"] == (
        "▲ +8613800000001 is RED (was GREEN)\n"
        "  Acme Support · app Shop · WABA 1029\n"
        "  since 15 January 2027, 16:00 (3 minutes ago)\n"
        "  Pause marketing campaigns from this number and look at the templates sent in the last day.\n"
        "  https://monitor.example.com/numbers/main/jh42xxxd434/1029/%2B8613800000001\n\n"
        "◆ +8613800000003 is YELLOW (was GREEN)\n"
        "  app Shop\n\n"
        "and 2 more\n\n"
        "account main · data of 15 January 2027, 16:02\n"
        "https://monitor.example.com/"
    )
    assert request.headers["user-agent"] == "number-monitor"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        pytest.param(notice(), "failure", id="critical"),
        pytest.param(notice(YELLOW, severity="warning"), "warning", id="warning"),
        pytest.param(notice(item(news=News.ONCE, severity="info"), severity="info"), "info", id="info"),
        pytest.param(notice(RECOVERED, severity="info"), "success", id="over"),
    ],
)
async def test_how_bad_it_is_has_apprises_word(receiver, told, kind):
    await sink(receiver.port).send(told)

    assert receiver.requests[0].event["type"] == kind


@pytest.mark.parametrize("name", ["@everyone", "<!channel>", "<@U123>", "<users/all>", "@all"])
async def test_no_name_calls_anybody(receiver, name):
    await sink(receiver.port).send(notice(item(headline=f"{name} is RED"), title=name))

    event = receiver.requests[0].event
    assert name not in event["title"] + event["message"]
    assert (event["title"] + event["message"]).replace("\u200b", "").count(name) == 2


def service_of(url: str):
    (service,) = AppriseSink("chat", url=url)._service
    return service


async def test_markup_of_a_name_is_escaped_where_the_service_reads_html(monkeypatch):
    sent = []
    opened = AppriseSink("chat", url=f"tgram://{'1' * 9}:{'a' * 35}/42")
    (service,) = opened._service

    def keep(self, body, **others):
        sent.append(body)
        return True

    monkeypatch.setattr(type(service), "send", keep)

    await opened.send(notice(item(headline="<b>bold</b> & more")))

    assert "<b>bold" not in sent[0]
    assert "&lt;" in sent[0]


async def test_the_sinks_own_pacing_is_the_only_one():
    service = service_of("slack://TokenAAAAA/TokenBBBBB/abcdefghijklmnopqrstuvwx/channel")

    assert (type(service).request_rate_per_sec > 0, service.request_rate_per_sec) == (True, 0)


@pytest.mark.parametrize(
    ("query", "mode"), [("", "split"), ("?overflow=truncate", "truncate")], ids=["by itself", "as the address says"]
)
async def test_what_is_too_long_for_a_service_is_split(query, mode):
    assert service_of(f"json://127.0.0.1/{query}").overflow_mode.value == mode


@pytest.mark.parametrize(
    ("planned", "words"),
    [
        pytest.param(
            answer("500 X"), r"^json:// failed: Failed to send JSON POST notification: .*error=500\.$", id="500"
        ),
        pytest.param(
            answer("401 X"), r"^json:// failed: Failed to send JSON POST notification: .*error=401\.$", id="401"
        ),
        pytest.param(
            answer("302 X", "Location: http://127.0.0.1:9/"), r"^json:// failed: .*error=302\.$", id="no redirects"
        ),
        pytest.param(
            CLOSE, r"^json:// failed: A Connection error occurred sending JSON notification to …\.$", id="closed"
        ),
    ],
)
async def test_a_failure_is_told_in_apprises_words(receiver, planned, words):
    receiver.plan(planned)

    with pytest.raises(Unavailable, match=words):
        await sink(receiver.port).send(notice())

    assert len(receiver.requests) == 1


async def test_a_failure_that_nobody_explains(receiver, monkeypatch):
    opened = sink(receiver.port)
    (service,) = opened._service
    monkeypatch.setattr(type(service), "send", lambda self, **others: False)

    with pytest.raises(Unavailable, match=r"^json:// failed: Apprise does not say why$"):
        await opened.send(notice())


async def test_what_apprise_repeats_of_the_address_is_not_shown(receiver, monkeypatch, logged):
    opened = sink(receiver.port, "hunter2-path?-token=hunter2%20query")
    (service,) = opened._service
    words = "no: hunter2-password at /hunter2-path?token=hunter2 query\x1b[31m"

    def refuse(self, **others):
        self.logger.warning(words)
        return False

    monkeypatch.setattr(type(service), "send", refuse)

    with pytest.raises(Unavailable) as raised:
        await opened.send(notice())

    assert str(raised.value) == r"json:// failed: no: … at /…?token=…\x1b[31m"
    assert logged == []
    assert repr(opened) == "AppriseSink('chat', json://)"


async def test_a_plugin_that_breaks_is_unavailable(receiver, monkeypatch):
    opened = sink(receiver.port)

    def broken(**others):
        raise RuntimeError("hunter2-password is wrong")

    monkeypatch.setattr(opened, "_service", type("Broken", (), {"notify": staticmethod(broken)}))

    with pytest.raises(Unavailable, match=r"^json:// failed: RuntimeError: … is wrong$"):
        await opened.send(notice())


async def test_a_notice_that_does_not_end_holds_up_the_next_and_no_more(receiver):
    receiver.plan(HANG)
    opened = sink(receiver.port, "?rto=600")
    sending = asyncio.create_task(opened.send(notice()))
    await receiver.has(1)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    with pytest.raises(Unavailable, match=r"^json:// has not ended the notice before, which Apprise still works on$"):
        await opened.send(notice())

    assert [thread.daemon for thread in threading.enumerate() if thread.name == "apprise-chat"] == [True]
    await receiver.stop()
    await ended()


async def test_after_what_did_not_end_the_sink_works_again(receiver):
    receiver.plan(HANG)
    opened = sink(receiver.port, "?rto=600")
    sending = asyncio.create_task(opened.send(notice()))
    await receiver.has(1)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await receiver.stop()
    await ended()
    await receiver.start()

    await opened.send(notice())

    assert len(receiver.taken) == 1


async def test_one_notice_after_the_other_is_never_held_up(receiver):
    opened = sink(receiver.port)

    for _ in range(20):
        await opened.send(notice())

    assert len(receiver.taken) == 20


async def test_a_thread_that_hangs_does_not_keep_the_process_from_its_end(receiver):
    receiver.plan(HANG)
    program = (
        "import asyncio\n"
        "from tests.delivery.samples import notice\n"
        "from tests.delivery.sinks.test_apprise import sink\n"
        f"opened = sink({receiver.port}, '?rto=600')\n"
        "async def main():\n"
        "    sending = asyncio.ensure_future(opened.send(notice()))\n"
        "    await asyncio.to_thread(input)\n"
        "    sending.cancel()\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=subprocess.PIPE)
    await receiver.has(1)

    await process.communicate(b"\n")

    assert process.returncode == 0


async def test_no_more_threads_is_unavailable(receiver, monkeypatch):
    opened = sink(receiver.port)

    def full(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", full)
        with pytest.raises(Unavailable, match=r"^json:// was not called: can't start new thread$"):
            await opened.send(notice())

    await opened.send(notice())


def test_without_the_extra_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(AppriseMissing, match=r"^apprise is not installed: pip install .* -r requirements/chat\.txt$"):
        sink(1)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("nosuch://hunter2-token", "nosuch://"),
        ("tgram://hunter2-token", "tgram://"),
        ("hunter2-token", "apprise://"),
        ("", "apprise://"),
    ],
)
def test_what_apprise_does_not_know_is_told_without_the_address(url, shown, logged):
    with pytest.raises(UnusableAddress) as raised:
        AppriseSink("chat", url=url)

    assert str(raised.value) == f"Apprise makes no service of this {shown} address: see its documentation"
    assert logged == []


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("dingtalk://abcdefghijklmnopqrstuvwx", "dingtalk"),
        ("feishu://abcdefghijklmnopqrstuvwx", "feishu"),
        ("lark://abcdefghijklmnopqrstuvwx", "lark"),
        ("wecombot://abcdefghijklmnopqrstuvwx", "wecom"),
    ],
)
def test_robots_of_whose_refusals_apprise_makes_a_success_are_left_to_our_own_sinks(url, kind):
    with pytest.raises(UnusableAddress, match=rf" for success: use a sink of type {kind}$"):
        AppriseSink("chat", url=url)


async def test_the_root_loggers_configuration_is_left_alone(receiver):
    root = logging.getLogger()
    before = (root.level, list(root.handlers))

    await sink(receiver.port).send(notice())

    assert (root.level, list(root.handlers)) == before
