# ruff: noqa: ISC004, RUF001 - Chinese has its own punctuation; a long text of a table is written in two parts
import unicodedata
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.delivery.people.digest import Baseline, Digest, Line, Trouble
from monitor.delivery.people.notice import MOST_SHOWN, News
from monitor.delivery.people.said import AT_FIRST_SIGHT
from monitor.delivery.words.wording import Wording
from monitor.fleet.event import EVENT_TYPES

SEEN = 1_795_420_812_000  # 2026-11-23T08:00:12Z, in Shanghai 16:00:12
AT = SEEN + 45_000
MINUTE, DAY = 60_000, 86_400_000
SHANGHAI = ZoneInfo("Asia/Shanghai")
NUMBER = "+8613800000001"
RANKS = ("info", "warning", "critical")


def trouble(**known):
    plain = {
        "incident": f"main/{NUMBER}/quality_rating",
        "type": "number.degraded",
        "source": "/accounts/main/apps/jh42xxxd434",
        "account": "main",
        "severity": "critical",
        "since": SEEN,
        "seen": SEEN,
        "appkey": "jh42xxxd434",
        "app_name": "shop-one",
        "number": NUMBER,
        "waba_id": "116960000086404",
        "waba_name": "GLORY TEST",
        "verified_name": "GLORY JACK",
        "attribute": "quality_rating",
        "word": "RED",
        "before": "GREEN",
        "hint_id": "quality.red",
    }
    return Trouble(**{**plain, **known})


def status(word, before, **known):
    return trouble(attribute="status", word=word, before=before, hint_id=f"status.{word.lower()}", **known)


def of_waba(kind, before, word, **known):
    numbers = (NUMBER, "+8613800000002", "+8613800000003")
    known = {"severity": "warning", "hint_id": "tier.lowered", **known}
    return trouble(
        type=kind, number="", verified_name="", attribute="tier", before=before, word=word, numbers=numbers, **known
    )


def of_app(kind, **known):
    nothing = {
        "number": "",
        "waba_id": "",
        "waba_name": "",
        "verified_name": "",
        "attribute": "",
        "word": "",
        "before": "",
    }
    return trouble(type=kind, **{**nothing, "severity": "warning", "hint_id": kind, **known})


def of_account(kind, **known):
    return of_app(kind, appkey="", app_name="", source="/accounts/main", **known)


def line(news, *troubles, **known):
    severity = max((one.severity for one in troubles), key=RANKS.index)
    plain = {"severity": severity, "open": len(troubles), "told": len(troubles)}
    return Line(news, troubles[0].incident, troubles=troubles, **{**plain, **known})


def closed(one, why="recovered", **known):
    return line(News.CLOSED, msgspec.structs.replace(one, severity="info"), why=why, severity="info", open=0, **known)


def once(one):
    return line(News.ONCE, one, once=one.type)


def digest(*lines, **known):
    return Digest(**{"account": "main", "at": AT, "sequences": (41, 42), "lines": lines, **known})


def wording(language="en", zone=SHANGHAI, external_url="https://numbers.example.com/"):
    return Wording(language=language, zone=zone, external_url=external_url)


def blast(count, **known):
    numbers = [f"+86138000000{place:02d}" for place in range(count)]
    return [trouble(number=one, incident=f"main/{one}/quality_rating", **known) for one in numbers]


def found(degraded=(), count=0, severity="info"):
    counts = {"quality_rating": {"GREEN": 400, "RED": 8, "YELLOW": 4, "UNKNOWN": 8}, "status": {"CONNECTED": 420}}
    return Baseline("main", 60, 420, counts, severity, tuple(degraded), count, SEEN - MINUTE)


WELL = {"type": "number.recovered", "word": "GREEN", "before": "RED"}
OVER = {"type": "number.recovered", "word": "GREEN", "severity": "info"}
FAILING = {"apps": "40", "failing": "31"}
NO_ANSWER = "no answer within 10 s"

#: What a line is, and its title and headline in English and in Chinese.
TOLD = {
    "degraded": (
        line(News.OPENED, trouble()),
        "[critical] +8613800000001 is RED (shop-one)",
        "+8613800000001 (shop-one) is RED, was GREEN",
        "【严重】+8613800000001 为 RED（shop-one）",
        "+8613800000001（shop-one）变为 RED，此前为 GREEN",
    ),
    "banned": (
        line(News.OPENED, status("BANNED", "CONNECTED")),
        "[critical] +8613800000001 is BANNED, cannot send (shop-one)",
        "+8613800000001 (shop-one) is BANNED (cannot send), was CONNECTED",
        "【严重】+8613800000001 为 BANNED，无法发送（shop-one）",
        "+8613800000001（shop-one）变为 BANNED（无法发送），此前为 CONNECTED",
    ),
    "limited": (
        line(News.OPENED, status("RATE_LIMITED", "CONNECTED", severity="warning")),
        "[warning] +8613800000001 is RATE_LIMITED, sends with limits (shop-one)",
        "+8613800000001 (shop-one) is RATE_LIMITED (sends with limits), was CONNECTED",
        "【警告】+8613800000001 为 RATE_LIMITED，发送受限（shop-one）",
        "+8613800000001（shop-one）变为 RATE_LIMITED（发送受限），此前为 CONNECTED",
    ),
    "degraded, nothing known before, an app without a name": (
        line(News.OPENED, trouble(before="", app_name="")),
        "[critical] +8613800000001 is RED (jh42xxxd434)",
        "+8613800000001 (jh42xxxd434) is RED",
        "【严重】+8613800000001 为 RED（jh42xxxd434）",
        "+8613800000001（jh42xxxd434）为 RED",
    ),
    "persisting": (
        line(News.CHANGED, status("RESTRICTED", "RESTRICTED", type="number.persisting")),
        "[critical] +8613800000001 has been RESTRICTED for over 24 h (shop-one)",
        "+8613800000001 (shop-one) has been RESTRICTED (sends with limits) for over 24 h",
        "【严重】+8613800000001 为 RESTRICTED 已超过 24 小时（shop-one）",
        "+8613800000001（shop-one）处于 RESTRICTED（发送受限）已超过 24 小时",
    ),
    "worse": (
        line(News.CHANGED, trouble(before="YELLOW")),
        "[critical] +8613800000001 got worse: RED, was YELLOW (shop-one)",
        "+8613800000001 (shop-one) got worse: RED, was YELLOW",
        "【严重】+8613800000001 恶化为 RED，此前为 YELLOW（shop-one）",
        "+8613800000001（shop-one）恶化为 RED，此前为 YELLOW",
    ),
    "improved": (
        line(News.CHANGED, trouble(type="number.improved", word="YELLOW", before="RED", severity="warning")),
        "[warning] +8613800000001 improved to YELLOW, was RED (shop-one)",
        "+8613800000001 (shop-one) improved to YELLOW, was RED",
        "【警告】+8613800000001 好转为 YELLOW，此前为 RED（shop-one）",
        "+8613800000001（shop-one）好转为 YELLOW，此前为 RED",
    ),
    "from one state that cannot send to another": (
        line(News.CHANGED, status("DELETED", "DISCONNECTED", type="number.changed", severity="warning")),
        "[warning] +8613800000001 is DELETED, cannot send, was DISCONNECTED (shop-one)",
        "+8613800000001 (shop-one) is DELETED (cannot send), was DISCONNECTED",
        "【警告】+8613800000001 变为 DELETED，无法发送，此前为 DISCONNECTED（shop-one）",
        "+8613800000001（shop-one）变为 DELETED（无法发送），此前为 DISCONNECTED",
    ),
    "flapping": (
        line(News.CHANGED, trouble(before="GREEN"), why="flapping", changes=6),
        "[critical] +8613800000001: quality changes often (shop-one)",
        "+8613800000001 (shop-one): quality changes often: 6 times within the hour; "
        "quiet until it has been calm for an hour",
        "【严重】+8613800000001：质量频繁变化（shop-one）",
        "+8613800000001（shop-one）：质量频繁变化，一小时内 6 次；稳定一小时之前不再通知",
    ),
    "an app flaps": (
        line(News.CHANGED, of_app("app.unreachable"), why="flapping", changes=7),
        "[warning] app shop-one changes often",
        "app shop-one (jh42xxxd434) changes often: 7 times within the hour; quiet until it has been calm for an hour",
        "【警告】应用 shop-one 频繁变化",
        "应用 shop-one（jh42xxxd434）频繁变化：一小时内 7 次；稳定一小时之前不再通知",
    ),
    "reminder": (
        line(News.REMINDER, status("BANNED", "CONNECTED", since=SEEN - 3 * DAY)),
        "[reminder] +8613800000001 still BANNED after 3 days (shop-one)",
        "+8613800000001 (shop-one) is still BANNED (cannot send), since 2026-11-20 16:00 (3 days)",
        "【提醒】+8613800000001 仍为 BANNED，已 3 天（shop-one）",
        "+8613800000001（shop-one）自 2026-11-20 16:00 起仍为 BANNED（无法发送）（已 3 天）",
    ),
    "recovered": (
        closed(trouble(**WELL, began=SEEN - 200 * MINUTE)),
        "[ok] +8613800000001 recovered after 3 h 20 min (shop-one)",
        "+8613800000001 (shop-one) is GREEN again, was RED for 3 h 20 min",
        "【恢复】+8613800000001 已恢复，历时 3 小时 20 分钟（shop-one）",
        "+8613800000001（shop-one）已恢复为 GREEN，此前为 RED，历时 3 小时 20 分钟",
    ),
    "recovered, nobody knows since when it was bad": (
        closed(trouble(**WELL)),
        "[ok] +8613800000001 recovered (shop-one)",
        "+8613800000001 (shop-one) is GREEN again, was RED",
        "【恢复】+8613800000001 已恢复（shop-one）",
        "+8613800000001（shop-one）已恢复为 GREEN，此前为 RED",
    ),
    "removed": (
        closed(trouble(type="number.removed", attribute="", word="", before="RED"), "removed"),
        "[info] +8613800000001 is gone, last seen RED (shop-one)",
        "+8613800000001 (shop-one), last seen RED, is gone from the app's list; it did not recover",
        "【信息】+8613800000001 已消失，最后状态为 RED（shop-one）",
        "+8613800000001（shop-one）已从应用的列表中消失，最后状态为 RED；并未恢复",
    ),
    "moved": (
        closed(trouble(type="number.moved", said={"moved_to": "shop-two"}), "moved"),
        "[ok] +8613800000001 moved to app shop-two",
        "+8613800000001 (shop-one) sends from app shop-two now",
        "【恢复】+8613800000001 已迁移到应用 shop-two",
        "+8613800000001（shop-one）现由应用 shop-two 发送",
    ),
    "moved nobody knows where": (
        closed(trouble(type="number.moved"), "moved"),
        "[ok] +8613800000001 sends from another place in the account now (shop-one)",
        "+8613800000001 (shop-one) sends from another place in the account now",
        "【恢复】+8613800000001 现由账号内的其他位置发送（shop-one）",
        "+8613800000001（shop-one）现由账号内的其他位置发送",
    ),
    "ignored": (
        closed(trouble(type="number.changed", attribute="ignored", word="true"), "ignored"),
        "[info] +8613800000001 is ignored from now on (shop-one)",
        "+8613800000001 (shop-one) is ignored from now on",
        "【信息】+8613800000001 今后被忽略（shop-one）",
        "+8613800000001（shop-one）今后被忽略",
    ),
    "its app left": (
        closed(trouble(type="app.removed"), "left"),
        "[info] +8613800000001 is not watched any more: its app left the configuration (shop-one)",
        "+8613800000001 (shop-one) is not watched any more: its app left the configuration",
        "【信息】+8613800000001 不再监控：其应用已从配置中移除（shop-one）",
        "+8613800000001（shop-one）不再监控：其应用已从配置中移除",
    ),
    "tier lowered": (
        line(News.OPENED, of_waba("waba.tier_lowered", "TIER_10K", "TIER_1K")),
        "[warning] WABA GLORY TEST: messaging tier lowered to TIER_1K",
        "WABA GLORY TEST: messaging tier lowered from TIER_10K to TIER_1K (3 numbers)",
        "【警告】WABA GLORY TEST：消息等级降为 TIER_1K",
        "WABA GLORY TEST：消息等级由 TIER_10K 降为 TIER_1K（3 个号码）",
    ),
    "tier partly back": (
        line(News.CHANGED, of_waba("waba.tier_raised", "TIER_1K", "TIER_2K")),
        "[warning] WABA GLORY TEST: messaging tier raised to TIER_2K",
        "WABA GLORY TEST: messaging tier raised from TIER_1K to TIER_2K (3 numbers)",
        "【警告】WABA GLORY TEST：消息等级升为 TIER_2K",
        "WABA GLORY TEST：消息等级由 TIER_1K 升为 TIER_2K（3 个号码）",
    ),
    "tier back": (
        closed(of_waba("waba.tier_raised", "TIER_1K", "TIER_10K")),
        "[ok] WABA GLORY TEST: messaging tier is back at TIER_10K",
        "WABA GLORY TEST: messaging tier is back at TIER_10K",
        "【恢复】WABA GLORY TEST：消息等级已恢复为 TIER_10K",
        "WABA GLORY TEST：消息等级已恢复为 TIER_10K",
    ),
    "tier that has become the rule": (
        closed(of_waba("waba.tier_lowered", "TIER_1K", "TIER_1K")),
        "[ok] WABA GLORY TEST: the lower messaging tier TIER_1K has held for 7 days and is the rule now",
        "WABA GLORY TEST: the lower messaging tier TIER_1K has held for 7 days and is the rule now",
        "【恢复】WABA GLORY TEST：较低的消息等级 TIER_1K 已持续 7 天，今后视为正常",
        "WABA GLORY TEST：较低的消息等级 TIER_1K 已持续 7 天，今后视为正常",
    ),
    "app unreachable": (
        line(News.OPENED, of_app("app.unreachable", text=NO_ANSWER)),
        "[warning] app shop-one cannot be polled",
        "app shop-one (jh42xxxd434) cannot be polled: no answer within 10 s",
        "【警告】应用 shop-one 无法查询",
        "应用 shop-one（jh42xxxd434）无法查询：no answer within 10 s",
    ),
    "app reached again": (
        closed(of_app("app.recovered", began=SEEN - 5 * MINUTE)),
        "[ok] app shop-one can be polled again",
        "app shop-one (jh42xxxd434) can be polled again, after 5 min",
        "【恢复】应用 shop-one 恢复查询",
        "应用 shop-one（jh42xxxd434）恢复查询，历时 5 分钟",
    ),
    "account unreachable": (
        line(News.OPENED, of_account("account.unreachable", text=NO_ANSWER, said=FAILING)),
        "[warning] account main cannot be polled (31 of 40 apps)",
        "account main cannot be polled (31 of 40 apps): no answer within 10 s",
        "【警告】账号 main 无法查询（40 个应用中的 31 个）",
        "账号 main 无法查询（40 个应用中的 31 个）：no answer within 10 s",
    ),
    "account unreachable for long": (
        line(
            News.CHANGED,
            of_account("account.unreachable", severity="critical", since=AT - 15 * MINUTE, said=FAILING),
        ),
        "[critical] account main still cannot be polled (31 of 40 apps, 15 min)",
        "account main still cannot be polled (31 of 40 apps, 15 min)",
        "【严重】账号 main 仍无法查询（40 个应用中的 31 个，15 分钟）",
        "账号 main 仍无法查询（40 个应用中的 31 个，15 分钟）",
    ),
    "credentials refused": (
        line(News.OPENED, of_account("account.unreachable", severity="critical", hint_id="account.refused")),
        "[critical] account main: the vendor refuses the credentials",
        "account main: the vendor refuses the credentials",
        "【严重】账号 main：服务商拒绝凭据",
        "账号 main：服务商拒绝凭据",
    ),
    "account reached again": (
        closed(of_account("account.recovered")),
        "[ok] account main can be polled again",
        "account main can be polled again",
        "【恢复】账号 main 恢复查询",
        "账号 main 恢复查询",
    ),
    "app suspect": (
        line(News.OPENED, of_app("app.suspect", said={"missing": "7", "unknown": "0"})),
        "[warning] answers of app shop-one lost too much to be believed at once (7 missing)",
        "answers of app shop-one (jh42xxxd434) lost too much to be believed at once (7 missing); "
        "the last known state stays in force",
        "【警告】应用 shop-one 的应答一次丢失过多，暂不采信（缺失 7 个）",
        "应用 shop-one（jh42xxxd434）的应答一次丢失过多，暂不采信（缺失 7 个）；继续沿用最后已知的状态",
    ),
    "app trusted": (
        closed(of_app("app.trusted")),
        "[ok] answers of app shop-one are believed again",
        "answers of app shop-one (jh42xxxd434) are believed again",
        "【恢复】应用 shop-one 的应答恢复采信",
        "应用 shop-one（jh42xxxd434）的应答恢复采信",
    ),
    "account suspect": (
        line(News.OPENED, of_account("account.suspect", said={"apps": "40", "suspect": "31"})),
        "[warning] answers of most apps of account main lost too much to be believed at once (31 of 40 apps)",
        "answers of most apps of account main lost too much to be believed at once (31 of 40 apps); "
        "the last known state stays in force",
        "【警告】账号 main 大多数应用的应答一次丢失过多，暂不采信（40 个应用中的 31 个）",
        "账号 main 大多数应用的应答一次丢失过多，暂不采信（40 个应用中的 31 个）；继续沿用最后已知的状态",
    ),
    "account trusted": (
        closed(of_account("account.trusted")),
        "[ok] answers of account main are believed again",
        "answers of account main are believed again",
        "【恢复】账号 main 的应答恢复采信",
        "账号 main 的应答恢复采信",
    ),
    "list held": (
        line(News.OPENED, of_account("app_list.held", said={"listed_before": "60", "listed_after": "0"})),
        "[warning] the list of apps of account main shrank too much to be believed at once (60 apps before, 0 now)",
        "the list of apps of account main shrank too much to be believed at once (60 apps before, 0 now); "
        "the last one stays in force",
        "【警告】账号 main 的应用列表一次缩短过多，暂不采用（之前 60 个应用，现在 0 个）",
        "账号 main 的应用列表一次缩短过多，暂不采用（之前 60 个应用，现在 0 个）；继续沿用之前的列表",
    ),
    "list accepted": (
        closed(of_account("app_list.accepted")),
        "[ok] the list of apps of account main is believed",
        "the list of apps of account main is believed",
        "【恢复】账号 main 的应用列表已采用",
        "账号 main 的应用列表已采用",
    ),
    "unknown word": (
        once(of_account("vendor.unmapped", attribute="quality_rating", word="PURPLE")),
        "[warning] account main: unknown word for quality: PURPLE",
        "account main: the vendor used a word for quality that nobody documented: PURPLE",
        "【警告】账号 main：质量出现未知取值：PURPLE",
        "账号 main：服务商在质量中使用了未记载的取值：PURPLE",
    ),
    "name declined": (
        once(
            trouble(
                type="number.changed", attribute="name_status", word="DECLINED", before="APPROVED", severity="warning"
            )
        ),
        "[warning] +8613800000001: name status is DECLINED (shop-one)",
        "+8613800000001 (shop-one): name status is DECLINED, was APPROVED",
        "【警告】+8613800000001：名称状态为 DECLINED（shop-one）",
        "+8613800000001（shop-one）：名称状态变为 DECLINED，此前为 APPROVED",
    ),
    "gone without an incident": (
        once(trouble(type="number.removed", attribute="", word="", before="", severity="warning")),
        "[warning] +8613800000001 is gone from the app's list (shop-one)",
        "+8613800000001 (shop-one) is gone from the app's list",
        "【警告】+8613800000001 已从应用的列表中消失（shop-one）",
        "+8613800000001（shop-one）已从应用的列表中消失",
    ),
    "new": (
        once(trouble(type="number.added", attribute="", word="", before="", severity="info")),
        "[info] +8613800000001 appeared in the app's list (shop-one)",
        "+8613800000001 (shop-one) appeared in the app's list",
        "【信息】+8613800000001 出现在应用的列表中（shop-one）",
        "+8613800000001（shop-one）出现在应用的列表中",
    ),
    "app left": (
        once(of_app("app.removed", severity="info")),
        "[info] app shop-one left the configuration and is not watched any more",
        "app shop-one (jh42xxxd434) left the configuration and is not watched any more",
        "【信息】应用 shop-one 已从配置中移除，不再监控",
        "应用 shop-one（jh42xxxd434）已从配置中移除，不再监控",
    ),
    "first answer of one app": (
        once(of_app("app.baseline", severity="info")),
        "[info] app shop-one gave its first answer and is watched from now on",
        "app shop-one (jh42xxxd434) gave its first answer and is watched from now on",
        "【信息】应用 shop-one 首次应答，已开始监控",
        "应用 shop-one（jh42xxxd434）首次应答，已开始监控",
    ),
    "group": (
        line(News.OPENED, *blast(5)),
        "[critical] 5 numbers of GLORY TEST are RED",
        "5 numbers of GLORY TEST (WABA 116960000086404) are RED",
        "【严重】GLORY TEST 的 5 个号码为 RED",
        "GLORY TEST（WABA 116960000086404）的 5 个号码为 RED",
    ),
    "group in several states, of a WABA without a name": (
        line(News.OPENED, *blast(3, waba_name=""), *blast(5, waba_name="", word="YELLOW", severity="warning")[3:]),
        "[critical] 5 numbers of WABA 116960000086404 are in trouble (3 RED, 2 YELLOW)",
        "5 numbers of WABA 116960000086404 are in trouble (3 RED, 2 YELLOW)",
        "【严重】WABA 116960000086404 的 5 个号码为 3 RED，2 YELLOW",
        "WABA 116960000086404 的 5 个号码为 3 RED，2 YELLOW",
    ),
    "group that some have left": (
        line(News.CHANGED, *blast(28), *blast(40, **OVER)[28:], open=28),
        "[critical] 12 of 40 numbers of GLORY TEST recovered since; 28 are still RED",
        "12 of 40 numbers of GLORY TEST (WABA 116960000086404) recovered since; 28 are still RED",
        "【严重】GLORY TEST 的 40 个号码中 12 个已恢复；28 个仍为 RED",
        "GLORY TEST（WABA 116960000086404）的 40 个号码中 12 个已恢复；28 个仍为 RED",
    ),
    "group of which one is gone": (
        line(
            News.CHANGED, *blast(1), *blast(3, **OVER)[1:], *blast(4, **{**OVER, "type": "number.removed"})[3:], open=1
        ),
        "[critical] 3 of 4 numbers of GLORY TEST are out of it (1 did not recover but is gone); 1 is still RED",
        "3 of 4 numbers of GLORY TEST (WABA 116960000086404) are out of it (1 did not recover but is gone); "
        "1 is still RED",
        "【严重】GLORY TEST 的 4 个号码中 3 个已结束（1 个并未恢复而是消失）；1 个仍为 RED",
        "GLORY TEST（WABA 116960000086404）的 4 个号码中 3 个已结束（1 个并未恢复而是消失）；1 个仍为 RED",
    ),
    "group that has grown": (
        line(News.CHANGED, *blast(6)),
        "[critical] 6 numbers of GLORY TEST are now RED",
        "6 numbers of GLORY TEST (WABA 116960000086404) are now RED",
        "【严重】GLORY TEST 的 6 个号码现为 RED",
        "GLORY TEST（WABA 116960000086404）的 6 个号码现为 RED",
    ),
    "group that lasts": (
        line(News.REMINDER, *blast(4, since=AT - DAY)),
        "[reminder] 4 numbers of GLORY TEST are still RED, since 2026-11-22 16:00 (1 day)",
        "4 numbers of GLORY TEST (WABA 116960000086404) are still RED, since 2026-11-22 16:00 (1 day)",
        "【提醒】GLORY TEST 的 4 个号码自 2026-11-22 16:00 起仍为 RED（已 1 天）",
        "GLORY TEST（WABA 116960000086404）的 4 个号码自 2026-11-22 16:00 起仍为 RED（已 1 天）",
    ),
    "group that recovered": (
        line(News.CLOSED, *blast(4, **OVER), why="recovered", open=0),
        "[ok] all 4 numbers of GLORY TEST recovered",
        "all 4 numbers of GLORY TEST (WABA 116960000086404) recovered",
        "【恢复】GLORY TEST 的全部 4 个号码已恢复",
        "GLORY TEST（WABA 116960000086404）的全部 4 个号码已恢复",
    ),
    "group that is gone": (
        line(News.CLOSED, *blast(4, **OVER), why="removed", open=0),
        "[info] all 4 numbers of GLORY TEST are gone from the app's list; they did not recover",
        "all 4 numbers of GLORY TEST (WABA 116960000086404) are gone from the app's list; they did not recover",
        "【信息】GLORY TEST 的全部 4 个号码已从应用的列表中消失；并未恢复",
        "GLORY TEST（WABA 116960000086404）的全部 4 个号码已从应用的列表中消失；并未恢复",
    ),
    "group that some more have left, of which alone there is news": (
        line(News.CHANGED, *blast(3, **OVER), severity="critical", open=20, told=40),
        "[critical] 3 more of 40 numbers of GLORY TEST recovered since; 20 are still in trouble",
        "3 more of 40 numbers of GLORY TEST (WABA 116960000086404) recovered since; 20 are still in trouble",
        "【严重】GLORY TEST 的 40 个号码中又有 3 个已恢复；20 个仍为异常",
        "GLORY TEST（WABA 116960000086404）的 40 个号码中又有 3 个已恢复；20 个仍为异常",
    ),
    "group that some have joined, of which alone there is news": (
        line(News.CHANGED, *blast(2), open=6, told=6),
        "[critical] 2 numbers of GLORY TEST are now RED; 6 in all are in trouble",
        "2 numbers of GLORY TEST (WABA 116960000086404) are now RED; 6 in all are in trouble",
        "【严重】GLORY TEST 的 2 个号码现为 RED；共 6 个为异常",
        "GLORY TEST（WABA 116960000086404）的 2 个号码现为 RED；共 6 个为异常",
    ),
    "the last of a group": (
        line(News.CLOSED, *blast(3, **OVER), why="recovered", open=0, told=40),
        "[ok] the last 3 of 40 numbers of GLORY TEST recovered",
        "the last 3 of 40 numbers of GLORY TEST (WABA 116960000086404) recovered",
        "【恢复】GLORY TEST 的 40 个号码中最后 3 个已恢复",
        "GLORY TEST（WABA 116960000086404）的 40 个号码中最后 3 个已恢复",
    ),
    "group that ended in different ways": (
        line(News.CLOSED, *blast(3, **OVER), *blast(4, **{**OVER, "type": "number.removed"})[3:], open=0),
        "[info] all 4 numbers of GLORY TEST are not in trouble any more (1 did not recover but is gone)",
        "all 4 numbers of GLORY TEST (WABA 116960000086404) are not in trouble any more "
        "(1 did not recover but is gone)",
        "【信息】GLORY TEST 的全部 4 个号码已无异常（1 个并未恢复而是消失）",
        "GLORY TEST（WABA 116960000086404）的全部 4 个号码已无异常（1 个并未恢复而是消失）",
    ),
    "over, as far as is known": (
        closed(trouble(word="", before="RED"), "over"),
        "[info] +8613800000001 is not in trouble any more (shop-one)",
        "+8613800000001 (shop-one) is not in trouble any more",
        "【信息】+8613800000001 已无异常（shop-one）",
        "+8613800000001（shop-one）已无异常",
    ),
    "unreachable app that left": (
        closed(of_app("app.removed"), "left"),
        "[info] app shop-one left the configuration and is not watched any more",
        "app shop-one (jh42xxxd434) left the configuration and is not watched any more",
        "【信息】应用 shop-one 已从配置中移除，不再监控",
        "应用 shop-one（jh42xxxd434）已从配置中移除，不再监控",
    ),
    "recovered, nothing known before": (
        closed(trouble(**{**WELL, "before": ""})),
        "[ok] +8613800000001 recovered (shop-one)",
        "+8613800000001 (shop-one) is GREEN again",
        "【恢复】+8613800000001 已恢复（shop-one）",
        "+8613800000001（shop-one）已恢复为 GREEN",
    ),
    "moved to another WABA": (
        closed(trouble(said={"moved_to_waba": "1169"}), "moved"),
        "[ok] +8613800000001 moved to WABA 1169",
        "+8613800000001 (shop-one) sends from WABA 1169 now",
        "【恢复】+8613800000001 已迁移到 WABA 1169",
        "+8613800000001（shop-one）现由 WABA 1169 发送",
    ),
    "moved, nobody says where to": (
        closed(trouble(), "moved"),
        "[ok] +8613800000001 sends from another place in the account now (shop-one)",
        "+8613800000001 (shop-one) sends from another place in the account now",
        "【恢复】+8613800000001 现由账号内的其他位置发送（shop-one）",
        "+8613800000001（shop-one）现由账号内的其他位置发送",
    ),
    "ignored from now on": (
        once(trouble(type="number.changed", attribute="ignored", word="true", before="", severity="info")),
        "[info] +8613800000001 is ignored from now on (shop-one)",
        "+8613800000001 (shop-one) is ignored from now on",
        "【信息】+8613800000001 今后被忽略（shop-one）",
        "+8613800000001（shop-one）今后被忽略",
    ),
    "ignored no more": (
        once(trouble(type="number.changed", attribute="ignored", word="false", before="true", severity="info")),
        "[info] +8613800000001 is not ignored any more (shop-one)",
        "+8613800000001 (shop-one) is not ignored any more",
        "【信息】+8613800000001 不再被忽略（shop-one）",
        "+8613800000001（shop-one）不再被忽略",
    ),
    "a tier that is still lower": (
        line(News.REMINDER, of_waba("waba.tier_lowered", "TIER_100K", "TIER_1K")),
        "[reminder] WABA GLORY TEST still TIER_1K after 45 s",
        "WABA GLORY TEST is still TIER_1K, since 16:00:12 (45 s)",
        "【提醒】WABA GLORY TEST 仍为 TIER_1K，已 45 秒",
        "WABA GLORY TEST 自 16:00:12 起仍为 TIER_1K（已 45 秒）",
    ),
    "a tier of which nothing was known": (
        line(News.OPENED, of_waba("waba.tier_lowered", "", "TIER_1K")),
        "[warning] WABA GLORY TEST: messaging tier is TIER_1K (3 numbers)",
        "WABA GLORY TEST: messaging tier is TIER_1K (3 numbers)",
        "【警告】WABA GLORY TEST：消息等级为 TIER_1K（3 个号码）",
        "WABA GLORY TEST：消息等级为 TIER_1K（3 个号码）",
    ),
    "app that left while it could not be reached": (
        closed(of_app("app.unreachable"), "left"),
        "[info] app shop-one left the configuration and is not watched any more",
        "app shop-one (jh42xxxd434) left the configuration and is not watched any more",
        "【信息】应用 shop-one 已从配置中移除，不再监控",
        "应用 shop-one（jh42xxxd434）已从配置中移除，不再监控",
    ),
}
CASES = [pytest.param(*case, id=name) for name, case in TOLD.items()]


@pytest.mark.parametrize(("told", "title", "headline", "title_zh", "headline_zh"), CASES)
def test_a_line_is_said_in_both_languages(told, title, headline, title_zh, headline_zh):
    notices = [wording(language).notice(digest(told)) for language in ("en", "zh-CN")]

    said = [text for notice in notices for text in (notice.title, notice.items[0].headline)]
    assert said == [title, headline, title_zh, headline_zh]


@pytest.mark.parametrize("kind", EVENT_TYPES)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_type_has_a_sentence_when_it_is_told_once(kind, language):
    notice = wording(language).notice(digest(once(trouble(type=kind, hint_id=""))))

    assert kind not in notice.title


def test_the_details_say_where_since_when_and_what_to_do():
    (item,) = wording().notice(digest(line(News.OPENED, status("BANNED", "CONNECTED")))).items

    assert item.details == (
        "app shop-one (jh42xxxd434), account main",
        "WABA GLORY TEST (116960000086404), verified name GLORY JACK",
        "since 16:00:12 (Asia/Shanghai)",
        "The number is banned: stop all traffic of this customer, appeal in Business Support Home and switch to a "
        "spare number.",
    )


def test_the_details_are_in_the_language_too():
    (item,) = wording("zh-CN").notice(digest(line(News.OPENED, trouble(since=SEEN - 2 * DAY)))).items

    assert item.details == (
        "应用 shop-one（jh42xxxd434），账号 main",
        "WABA GLORY TEST（116960000086404），认证名称 GLORY JACK",
        "自 2026-11-21 16:00（Asia/Shanghai）起",
        "质量为低：今天停止该号码的营销模板，保留会话回复；检查用户订阅同意和近 7 天的模板，之后小批量恢复。",
    )


def test_a_hint_nobody_knows_is_said_in_the_events_own_words():
    one = trouble(hint_id="quality.ultraviolet", hint="Wear a hat.")

    assert wording("zh-CN").notice(digest(line(News.OPENED, one))).items[0].details[-1] == "Wear a hat."


def test_the_hint_of_what_is_over_is_about_its_end():
    details = wording().notice(digest(closed(trouble(**WELL)))).items[0].details

    assert details[-1] == "Quality is high again: resume marketing in small batches and watch the rating."


@pytest.mark.parametrize("count", [4, 40])
def test_a_group_names_its_first_ten_numbers(count):
    details = wording().notice(digest(line(News.OPENED, *blast(count)))).items[0].details

    named = ", ".join(one.number for one in blast(min(count, 10)))
    assert details[1] == f"numbers: {named}{' and 30 more' if count == 40 else ''}"


def test_a_group_says_between_when_and_when_it_happened():
    numbers = [msgspec.structs.replace(one, since=SEEN + place * 1_000) for place, one in enumerate(blast(5))]
    details = wording().notice(digest(line(News.OPENED, *numbers))).items[0].details

    assert details[2] == "between 16:00:12 and 16:00:16 (Asia/Shanghai)"


def test_a_group_that_some_have_left_names_those_and_gives_no_advice():
    left = line(News.CHANGED, *blast(2, **OVER, hint_id="quality.green"), severity="critical", open=20, told=40)

    assert wording().notice(digest(left)).items[0].details == (
        "app shop-one (jh42xxxd434), account main",
        "out of it: +8613800000000, +8613800000001",
        "at 16:00:12 (Asia/Shanghai)",
    )


def test_what_changes_often_is_not_said_to_have_been_so_since_some_moment():
    details = wording().notice(digest(line(News.CHANGED, trouble(), why="flapping", changes=6))).items[0].details

    assert not any("since" in text for text in details)


def test_trouble_of_an_app_lasts_since_its_first_failure():
    one = of_app("app.unreachable", said={"since": "2026-11-23T07:58:12.000Z"})

    assert "since 15:58:12 (Asia/Shanghai)" in wording().notice(digest(line(News.OPENED, one))).items[0].details


def test_several_lines_are_counted_in_the_title():
    lines = [
        *(line(News.OPENED, one) for one in blast(2)),
        *(line(News.OPENED, one) for one in blast(5, severity="warning", word="YELLOW")[2:]),
        line(News.OPENED, of_app("app.unreachable")),
        line(News.REMINDER, trouble(number="+1")),
        closed(trouble(number="+2", **WELL)),
        closed(trouble(number="+3", type="number.removed"), "removed"),
        once(trouble(type="number.added", severity="info")),
    ]
    said = [wording(language).notice(digest(*lines)).title for language in ("en", "zh-CN")]

    assert said == [
        "[critical] main: 2 numbers critical, 3 warning, 1 app warning; 1 still open; 1 recovered; 1 closed; "
        "1 for information",
        "【严重】main：2 个号码严重，3 个警告，1 个应用警告；1 个仍未恢复；1 个已恢复；1 个已结束；1 条信息",
    ]


@pytest.mark.parametrize(
    ("lines", "marker"),
    [
        ([line(News.REMINDER, trouble()), closed(trouble(**WELL))], "[reminder]"),
        ([closed(trouble(**WELL)), closed(trouble(**WELL))], "[ok]"),
        ([closed(trouble(**WELL)), closed(trouble(), "removed")], "[info]"),
        ([closed(trouble(**WELL)), line(News.OPENED, trouble(severity="warning"))], "[warning]"),
        ([once(trouble(type="number.recovered", severity="info"))], "[ok]"),
    ],
)
def test_the_title_begins_with_what_kind_of_news_it_is(lines, marker):
    assert wording().notice(digest(*lines)).title.startswith(f"{marker} ")


def test_a_first_look_is_summed_up_and_opens_what_it_lists():
    degraded = blast(2, before="")
    notice = wording().notice(digest(baseline=found(degraded, 12, "critical")))

    assert notice.title == "[critical] main: first look: 12 of 420 numbers need attention"
    assert [(item.news, item.headline) for item in notice.items] == [
        (News.ONCE, "first look at main: 420 numbers in 60 apps; 12 need attention"),
        (News.OPENED, "+8613800000000 (shop-one) is RED"),
        (News.OPENED, "+8613800000001 (shop-one) is RED"),
    ]
    assert notice.items[0].details == (
        "quality: 8 RED, 4 YELLOW, 400 GREEN, 8 UNKNOWN",
        "status: 420 CONNECTED",
        "the worst 2 are listed, the others are on the status page",
    )
    assert notice.items[0].incident == f"main/baseline/{AT}"
    assert notice.more == "and 10 more: 10 not listed"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "so at first sight, 16:00:12 (Asia/Shanghai)"), ("zh-CN", "16:00:12（Asia/Shanghai）首次查看时已是如此")],
)
def test_since_when_a_first_look_found_it_bad_nobody_knows(language, said):
    degraded = blast(1, before="", said={AT_FIRST_SIGHT: "yes"})
    _summary, item = wording(language).notice(digest(baseline=found(degraded, 1, "critical"))).items

    assert said in item.details


def test_a_number_in_trouble_twice_is_listed_once():
    degraded = [*blast(1, before=""), *blast(1, before="", attribute="status", word="BANNED")]

    assert not wording().notice(digest(baseline=found(degraded, 1, "critical"))).more


def test_a_first_look_that_finds_nothing_says_so():
    said = [wording(language).notice(digest(baseline=found())).title for language in ("en", "zh-CN")]

    assert said == [
        "[info] main: first look: none of 420 numbers needs attention",
        "【信息】main：首次查看：420 个号码均无需关注",
    ]


def test_what_is_not_shown_is_counted():
    lines = [
        *(line(News.OPENED, one) for one in blast(40)),
        *(closed(trouble(number=f"+{n}", **WELL)) for n in range(2)),
    ]
    notice = wording().notice(digest(*lines))

    assert notice.more == "and 32 more: 30 critical, 2 closed"
    assert len(notice.items) == 42
    assert len(notice.shown) == MOST_SHOWN


def test_nothing_more_is_nothing_to_say():
    assert not wording().notice(digest(*(line(News.OPENED, one) for one in blast(10)))).more


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "account main · data of 16:00:12, 45 s old · number-monitor"),
        ("zh-CN", "账号 main · 数据时间 16:00:12，距今 45 秒 · number-monitor"),
    ],
)
def test_the_footer_says_how_old_the_oldest_data_is(language, expected):
    lines = [line(News.OPENED, trouble(number="+1", seen=AT)), line(News.OPENED, trouble())]

    assert wording(language).notice(digest(*lines)).footer == expected


def test_the_zone_is_the_peoples():
    notice = wording(zone=ZoneInfo("America/Sao_Paulo")).notice(digest(line(News.OPENED, trouble())))

    assert "since 05:00:12 (America/Sao_Paulo)" in notice.items[0].details


@pytest.mark.parametrize(
    ("lasted", "expected"),
    [
        (59_999, "59 s"),
        (3 * MINUTE, "3 min"),
        (59 * MINUTE, "59 min"),
        (200 * MINUTE, "3 h 20 min"),
        (300 * MINUTE + MINUTE, "5 h"),
        (DAY, "1 day"),
        (DAY + 180 * MINUTE, "1 day 3 h"),
        (3 * DAY, "3 days"),
        (12 * DAY + 180 * MINUTE, "12 days"),
        (-MINUTE, "0 s"),
    ],
)
def test_a_duration_is_said_in_words(lasted, expected):
    footer = wording().notice(digest(line(News.OPENED, trouble(seen=AT - lasted)))).footer

    assert f", {expected} old" in footer


@pytest.mark.parametrize(
    ("told", "alarm"),
    [
        pytest.param(line(News.OPENED, trouble()), "critical", id="new"),
        pytest.param(line(News.CHANGED, trouble(before="YELLOW")), "critical", id="worse"),
        pytest.param(line(News.CHANGED, trouble(word="YELLOW", before="RED", severity="warning")), "info", id="better"),
        pytest.param(line(News.CHANGED, *blast(3), *blast(5, before="RED")[3:]), "critical", id="a group has grown"),
        pytest.param(
            line(News.CHANGED, *blast(3, before="RED"), *blast(5, **OVER, before="RED")[3:]),
            "info",
            id="a group shrank",
        ),
        pytest.param(
            line(News.CHANGED, trouble(before="RED"), why="flapping", changes=6), "critical", id="flaps, critical"
        ),
        pytest.param(
            line(News.CHANGED, trouble(word="YELLOW", severity="warning"), why="flapping", changes=6),
            "info",
            id="flaps",
        ),
        pytest.param(
            line(News.CHANGED, status("DELETED", "DISCONNECTED", type="number.changed", severity="warning")),
            "info",
            id="as bad as before",
        ),
        pytest.param(line(News.CHANGED, of_waba("waba.tier_lowered", "TIER_10K", "TIER_1K")), "warning", id="tier"),
        pytest.param(
            line(News.CHANGED, of_account("account.unreachable", severity="critical")),
            "critical",
            id="account for long",
        ),
        pytest.param(line(News.REMINDER, trouble()), "info", id="a reminder"),
        pytest.param(closed(trouble(**WELL)), "info", id="an end"),
        pytest.param(once(trouble(type="number.removed", severity="warning")), "warning", id="told once"),
    ],
)
def test_only_what_is_new_or_worse_is_an_alarm(told, alarm):
    assert wording().notice(digest(told)).alarm == alarm


def test_a_first_look_is_as_loud_as_what_it_finds():
    notice = wording().notice(digest(baseline=found(blast(1), 1, "critical")))

    assert (notice.severity, notice.alarm) == ("critical", "critical")


def test_items_come_the_worst_and_newest_first():
    lines = [
        once(trouble(type="number.added", severity="info", number="+9")),
        closed(trouble(number="+8", **WELL)),
        line(News.CHANGED, trouble(number="+7", word="YELLOW", before="RED", severity="warning")),
        line(News.REMINDER, trouble(number="+6")),
        line(News.OPENED, trouble(number="+5", word="YELLOW", severity="warning")),
        line(News.CHANGED, trouble(number="+4", before="YELLOW")),
        line(News.OPENED, trouble(number="+3")),
    ]
    items = wording().notice(digest(*lines)).items

    assert [item.facts["number"] for item in items] == ["+3", "+4", "+5", "+6", "+7", "+8", "+9"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (line(News.OPENED, trouble()), "numbers/main/jh42xxxd434/116960000086404/%2B8613800000001"),
        (
            line(News.OPENED, trouble(account="a/b", waba_id="", number="+86 xxx 24")),
            "numbers/a%2Fb/jh42xxxd434/-/%2B86%20xxx%2024",
        ),
        (closed(trouble(), "removed"), None),
        (once(trouble(type="number.removed")), None),
        (line(News.OPENED, *blast(5)), None),
        (line(News.OPENED, of_app("app.unreachable")), None),
    ],
)
@pytest.mark.parametrize("root", ["https://numbers.example.com/", "https://example.com/numbers"])
def test_a_number_is_linked_while_it_has_a_page(told, expected, root):
    notice = wording(external_url=root).notice(digest(told))

    assert notice.url == f"{root.rstrip('/')}/"
    assert notice.items[0].url == (expected and notice.url + expected)


def test_without_an_address_nothing_is_linked():
    notice = wording(external_url=None).notice(digest(line(News.OPENED, trouble())))

    assert (notice.url, notice.items[0].url) == (None, None)


def test_the_facts_are_what_is_known():
    (item,) = wording().notice(digest(line(News.OPENED, trouble(verified_name="")))).items

    assert item.facts == {
        "account": "main",
        "appkey": "jh42xxxd434",
        "app_name": "shop-one",
        "number": NUMBER,
        "waba_id": "116960000086404",
        "waba_name": "GLORY TEST",
        "attribute": "quality_rating",
        "before": "GREEN",
        "after": "RED",
        "type": "number.degraded",
    }


def test_the_facts_of_a_group_are_what_its_numbers_share():
    (item,) = wording().notice(digest(line(News.OPENED, *blast(5)))).items

    assert "number" not in item.facts
    assert item.facts["waba_id"] == "116960000086404"


def test_a_test_says_that_it_is_one():
    notice = wording().notice(digest(line(News.OPENED, trouble()), is_test=True))

    assert notice.is_test
    assert notice.title == "[test] +8613800000001 is RED (shop-one)"
    assert notice.items[0].details[0] == "this is only a test: nothing happened"


def test_a_name_cannot_forge_a_line_or_fill_the_message():
    forged = trouble(app_name="shop\r\n[ok] all fine\u2028\x1b[2J\u202e", waba_name="W" * 5_000)
    notice = wording().notice(digest(line(News.OPENED, forged)))

    assert notice.title == "[critical] +8613800000001 is RED (shop [ok] all fine \\x1b[2J\\u202e)"
    assert notice.items[0].details[1].startswith(f"WABA {'W' * 199}… (116960000086404)")


def test_braces_in_a_name_are_only_braces():
    notice = wording().notice(digest(line(News.OPENED, trouble(app_name="{who}"))))

    assert notice.items[0].headline == "+8613800000001 ({who}) is RED, was GREEN"


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"at": AT + MINUTE}, True),
        ({"sequences": (41,)}, False),
        ({"account": "other"}, False),
        ({"is_test": True}, False),
        ({"lines": (line(News.CHANGED, trouble()),)}, False),
        ({"lines": (line(News.OPENED, trouble(since=AT - DAY)),)}, False),  # of a store that was begun anew
    ],
)
def test_the_same_content_has_the_same_id(changed, same):
    one = digest(line(News.OPENED, trouble()))
    other = msgspec.structs.replace(one, **changed)

    assert (wording().notice(one).id == wording("zh-CN", external_url=None).notice(other).id) is same


def test_a_later_reminder_is_another_message():
    one = digest(line(News.REMINDER, trouble()), sequences=())

    assert wording().notice(one).id != wording().notice(msgspec.structs.replace(one, at=AT + DAY)).id


anything = st.text(max_size=30) | st.text("\r\n\x00\x1b\x85\u2028\u202e\ud800 {}%", max_size=10)
moments = st.integers(0, 4_000_000_000_000)
severities = st.sampled_from(RANKS)
words = st.sampled_from(["", "GREEN", "YELLOW", "RED", "BANNED", "CONNECTED", "TIER_1K", "TIER_UNLIMITED"]) | anything
troubles = st.builds(
    Trouble,
    incident=anything,
    type=st.sampled_from(sorted(EVENT_TYPES)),
    source=anything,
    account=anything,
    severity=severities,
    since=moments,
    seen=moments,
    appkey=anything,
    app_name=anything,
    number=anything,
    waba_id=anything,
    waba_name=anything,
    verified_name=anything,
    attribute=st.sampled_from(["", "quality_rating", "status", "tier", "name_status", "ignored"]) | anything,
    word=words,
    before=words,
    hint_id=st.sampled_from(["", "quality.red", "account.refused", "nowhere"]),
    hint=anything,
    text=anything,
    numbers=st.lists(anything, max_size=12).map(tuple),
    began=moments,
    said=st.dictionaries(st.sampled_from(["apps", "failing", "suspect", "missing", "moved_to", "since"]), anything),
)
any_line = st.builds(
    Line,
    news=st.sampled_from(News),
    incident=anything,
    severity=severities,
    troubles=st.lists(troubles, min_size=1, max_size=3).map(tuple),
    why=st.sampled_from(["", "recovered", "removed", "moved", "ignored", "left", "flapping"]),
    changes=st.integers(0, 9),
    open=st.integers(0, 5),
    told=st.integers(1, 5),
    once=st.just("") | st.sampled_from(sorted(EVENT_TYPES)),
)
baselines = st.builds(
    Baseline,
    account=anything,
    apps=st.integers(0, 9),
    numbers=st.integers(0, 9),
    counts=st.dictionaries(words, st.dictionaries(words, st.integers(0, 9), max_size=3), max_size=3),
    severity=severities,
    degraded=st.lists(troubles, max_size=3).map(tuple),
    degraded_count=st.integers(0, 9),
    seen=moments,
)
digests = st.builds(
    Digest,
    account=anything,
    at=moments,
    sequences=st.lists(st.integers(0, 99), max_size=3).map(tuple),
    lines=st.lists(any_line, max_size=4).map(tuple),
    baseline=st.none() | baselines,
    is_test=st.booleans(),
)


@settings(deadline=None)
@given(one=digests, language=st.sampled_from(["en", "zh-CN"]))
def test_every_text_is_one_line_of_what_can_be_seen(one, language):
    notice = wording(language).notice(one)

    shown = [notice.title, notice.more, notice.footer, notice.account]
    for item in notice.items:
        shown += [item.headline, *item.details, *item.facts.values(), item.url or ""]
    assert len(notice.title) <= 120
    assert not any(len(text.splitlines()) > 1 for text in shown)
    assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for text in shown for letter in text)


@settings(deadline=None)
@given(one=digests)
def test_every_line_is_an_item_and_the_message_the_same_again(one):
    notice = wording().notice(one)

    found_in = [] if one.baseline is None else [f"{one.baseline.account}/baseline/{one.at}"]
    found_in += [] if one.baseline is None else [one.incident for one in one.baseline.degraded]
    assert sorted(item.incident for item in notice.items) == sorted([*(told.incident for told in one.lines), *found_in])
    assert wording().notice(one) == notice
