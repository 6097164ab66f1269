# ruff: noqa: RUF001 - Chinese has its own punctuation
"""
What people's messages say, in the language of `people.language`.

Pure.  English stands where it is said and is the key.  A test compares the catalogue with what is said.  Words of the
vendor, and why an app fails, stay as they are.
"""

from collections.abc import Callable, Mapping

from monitor.fleet.policy import Language

Translate = Callable[[str], str]


def english(text: str) -> str:
    """The text as it is."""
    return text


def translator(language: Language) -> Translate:
    """What turns a text into the language, with the same {places}."""
    if language == "en":
        return english
    return lambda text: CHINESE.get(text, text)


def tidied(text: str) -> str:
    """A text whose parts were put together: a full-width bracket brings its own space, our own words need none."""
    return text.replace("） ", "）").replace("为 异常", "为异常")


CHINESE: Mapping[str, str] = {
    # how much and how long
    "{count} number": "{count} 个号码",
    "{count} numbers": "{count} 个号码",
    "{count} app": "{count} 个应用",
    "{count} apps": "{count} 个应用",
    "{count} day": "{count} 天",
    "{count} days": "{count} 天",
    "{count} h": "{count} 小时",
    "{count} min": "{count} 分钟",
    "{count} s": "{count} 秒",
    "{count} time": "{count} 次",
    "{count} times": "{count} 次",
    "{one} {other}": "{one} {other}",
    "{moment} ({zone})": "{moment}（{zone}）",
    # how things stand beside each other
    ", ": "，",
    "; ": "；",
    "{some} and {count} more": "{some}，另有 {count} 个",
    "{sentence} ({app})": "{sentence}（{app}）",
    "{sentence} ({extent})": "{sentence}（{extent}）",
    "{sentence}: {text}": "{sentence}：{text}",
    "{sentence}, after {lasted}": "{sentence}，历时 {lasted}",
    "{account}: {sentence}": "{account}：{sentence}",
    "[{marker}] {sentence}": "【{marker}】{sentence}",
    # how bad
    "critical": "严重",
    "warning": "警告",
    "info": "信息",
    "ok": "恢复",
    "reminder": "提醒",
    "test": "测试",
    # what it is about
    "account {name}": "账号 {name}",
    "app {name}": "应用 {name}",
    "app {name} ({appkey})": "应用 {name}（{appkey}）",
    "WABA {name}": "WABA {name}",
    "WABA {name} ({waba_id})": "WABA {name}（{waba_id}）",
    "{name} (WABA {waba_id})": "{name}（WABA {waba_id}）",
    "{number} ({app})": "{number}（{app}）",
    "verified name {name}": "认证名称 {name}",
    "numbers: {names}": "号码：{names}",
    "out of it: {names}": "已结束：{names}",
    "first seen at {number}": "首次见于 {number}",
    "at {moment}": "时间 {moment}",
    "since {moment}": "自 {moment} 起",
    "so at first sight, {moment}": "{moment} 首次查看时已是如此",
    "between {first} and {last}": "{first} 至 {last} 之间",
    # attributes
    "quality": "质量",
    "status": "状态",
    "tier": "等级",
    "state": "状态",
    "name status": "名称状态",
    "code verification": "验证码验证",
    "registration": "注册",
    "verified name": "认证名称",
    "WABA name": "WABA 名称",
    # a number's state
    "{word} ({gloss})": "{word}（{gloss}）",
    "{word}, {gloss}": "{word}，{gloss}",
    "cannot send": "无法发送",
    "sends with limits": "发送受限",
    "{who} is {state}": "{who} 为 {state}",
    "{who} is {state}, was {before}": "{who} 变为 {state}，此前为 {before}",
    "{who} has been {word} for over 24 h": "{who} 为 {word} 已超过 24 小时",
    "{who} got worse: {state}, was {before}": "{who} 恶化为 {state}，此前为 {before}",
    "{who} improved to {state}, was {before}": "{who} 好转为 {state}，此前为 {before}",
    "{who} has been {state} for over 24 h": "{who} 处于 {state} 已超过 24 小时",
    "{who} is still {state}, since {since} ({lasted})": "{who} 自 {since} 起仍为 {state}（已 {lasted}）",
    "{who} still {word} after {lasted}": "{who} 仍为 {word}，已 {lasted}",
    "{who} changes often": "{who} 频繁变化",
    "{who}: {attribute} changes often": "{who}：{attribute}频繁变化",
    "{who}: {attribute} changes often: {times} within the hour; quiet until it has been calm for an hour": (
        "{who}：{attribute}频繁变化，一小时内 {times}；稳定一小时之前不再通知"
    ),
    "{who} changes often: {times} within the hour; quiet until it has been calm for an hour": (
        "{who} 频繁变化：一小时内 {times}；稳定一小时之前不再通知"
    ),
    # how a number's trouble is over
    "{who} recovered": "{who} 已恢复",
    "{who} recovered after {lasted}": "{who} 已恢复，历时 {lasted}",
    "{who} is {state} again": "{who} 已恢复为 {state}",
    "{who} is {state} again, was {before}": "{who} 已恢复为 {state}，此前为 {before}",
    "{who} is {state} again, was {before} for {lasted}": "{who} 已恢复为 {state}，此前为 {before}，历时 {lasted}",
    "{who} is gone from the app's list; it did not recover": "{who} 已从应用的列表中消失；并未恢复",
    "{who}, last seen {last}, is gone from the app's list; it did not recover": (
        "{who} 已从应用的列表中消失，最后状态为 {last}；并未恢复"
    ),
    "{who} is gone, last seen {last}": "{who} 已消失，最后状态为 {last}",
    "{who} sends from another place in the account now": "{who} 现由账号内的其他位置发送",
    "{who} sends from app {place} now": "{who} 现由应用 {place} 发送",
    "{who} sends from WABA {place} now": "{who} 现由 WABA {place} 发送",
    "{who} moved to app {place}": "{who} 已迁移到应用 {place}",
    "{who} moved to WABA {place}": "{who} 已迁移到 WABA {place}",
    "{who} is ignored from now on": "{who} 今后被忽略",
    "{who} is not ignored any more": "{who} 不再被忽略",
    "{who} is not watched any more: its app left the configuration": "{who} 不再监控：其应用已从配置中移除",
    "{who} is not in trouble any more": "{who} 已无异常",
    # what is told once
    "{who} appeared in the app's list": "{who} 出现在应用的列表中",
    "{who} appeared in the app's list ({word})": "{who} 出现在应用的列表中（{word}）",
    "{who} is gone from the app's list": "{who} 已从应用的列表中消失",
    "{who}: {attribute} is {word}": "{who}：{attribute}为 {word}",
    "{who}: {attribute} is {word}, was {before}": "{who}：{attribute}变为 {word}，此前为 {before}",
    "{who} left the configuration and is not watched any more": "{who} 已从配置中移除，不再监控",
    "{who} gave its first answer and is watched from now on": "{who} 首次应答，已开始监控",
    "{who}: the vendor used a word for {attribute} that nobody documented: {word}": (
        "{who}：服务商在{attribute}中使用了未记载的取值：{word}"
    ),
    "{who}: unknown word for {attribute}: {word}": "{who}：{attribute}出现未知取值：{word}",
    "{who}: {kind}": "{who}：{kind}",
    # WABAs
    "{who}: messaging tier is {word} ({count})": "{who}：消息等级为 {word}（{count}）",
    "{who}: messaging tier lowered from {before} to {word} ({count})": (
        "{who}：消息等级由 {before} 降为 {word}（{count}）"
    ),
    "{who}: messaging tier lowered to {word}": "{who}：消息等级降为 {word}",
    "{who}: messaging tier raised from {before} to {word} ({count})": (
        "{who}：消息等级由 {before} 升为 {word}（{count}）"
    ),
    "{who}: messaging tier raised to {word}": "{who}：消息等级升为 {word}",
    "{who}: messaging tier is back at {word}": "{who}：消息等级已恢复为 {word}",
    "{who}: the lower messaging tier {word} has held for 7 days and is the rule now": (
        "{who}：较低的消息等级 {word} 已持续 7 天，今后视为正常"
    ),
    # apps and accounts
    "{who} cannot be polled": "{who} 无法查询",
    "{who} still cannot be polled": "{who} 仍无法查询",
    "{who} can be polled again": "{who} 恢复查询",
    "{who}: the vendor refuses the credentials": "{who}：服务商拒绝凭据",
    "{who}: the vendor still refuses the credentials": "{who}：服务商仍拒绝凭据",
    "answers of {who} lost too much to be believed at once": "{who} 的应答一次丢失过多，暂不采信",
    "answers of {who} are still not believed": "{who} 的应答仍未采信",
    "answers of most apps of {who} lost too much to be believed at once": (
        "{who} 大多数应用的应答一次丢失过多，暂不采信"
    ),
    "answers of most apps of {who} are still not believed": "{who} 大多数应用的应答仍未采信",
    "the last known state stays in force": "继续沿用最后已知的状态",
    "answers of {who} are believed again": "{who} 的应答恢复采信",
    "the list of apps of {who} shrank too much to be believed at once": "{who} 的应用列表一次缩短过多，暂不采用",
    "the list of apps of {who} is still not believed": "{who} 的应用列表仍未采用",
    "the last one stays in force": "继续沿用之前的列表",
    "the list of apps of {who} is believed": "{who} 的应用列表已采用",
    "{some} of {all} apps": "{all} 个应用中的 {some} 个",
    "{before} apps before, {after} now": "之前 {before} 个应用，现在 {after} 个",
    "{count} missing": "缺失 {count} 个",
    "{count} without a value": "{count} 个没有数值",
    # groups
    "in trouble": "异常",
    "in trouble ({words})": "{words}",
    "{some} more of {numbers} of {waba} recovered since": "{waba} 的 {numbers}中又有 {some} 个已恢复",
    "{some} more of {numbers} of {waba} are out of it": "{waba} 的 {numbers}中又有 {some} 个已结束",
    "{count} in all is {state}": "共 {count} 个为 {state}",
    "{count} in all are {state}": "共 {count} 个为 {state}",
    "all {numbers}": "全部 {numbers}",
    "the last {some} of {numbers}": " {numbers}中最后 {some} 个",
    "{numbers} of {waba} recovered": "{waba} 的{numbers}已恢复",
    "{numbers} of {waba} are not in trouble any more": "{waba} 的{numbers}已无异常",
    "{numbers} of {waba} is {state}": "{waba} 的 {numbers}为 {state}",
    "{numbers} of {waba} are {state}": "{waba} 的 {numbers}为 {state}",
    "{numbers} of {waba} is now {state}": "{waba} 的 {numbers}现为 {state}",
    "{numbers} of {waba} are now {state}": "{waba} 的 {numbers}现为 {state}",
    "{numbers} of {waba} is still {state}, since {since} ({lasted})": (
        "{waba} 的 {numbers}自 {since} 起仍为 {state}（已 {lasted}）"
    ),
    "{numbers} of {waba} are still {state}, since {since} ({lasted})": (
        "{waba} 的 {numbers}自 {since} 起仍为 {state}（已 {lasted}）"
    ),
    "{some} of {numbers} of {waba} recovered since": "{waba} 的 {numbers}中 {some} 个已恢复",
    "{some} of {numbers} of {waba} are out of it": "{waba} 的 {numbers}中 {some} 个已结束",
    "{count} is still {state}": "{count} 个仍为 {state}",
    "{count} are still {state}": "{count} 个仍为 {state}",
    "{count} did not recover but is gone": "{count} 个并未恢复而是消失",
    "{count} did not recover but are gone": "{count} 个并未恢复而是消失",
    "{numbers} of {waba} are gone from the app's list; they did not recover": (
        "{waba} 的{numbers}已从应用的列表中消失；并未恢复"
    ),
    "{numbers} of {waba} send from another place in the account now": "{waba} 的{numbers}现由账号内的其他位置发送",
    "{numbers} of {waba} are ignored from now on": "{waba} 的{numbers}今后被忽略",
    "{numbers} of {waba} are not watched any more: their app left the configuration": (
        "{waba} 的{numbers}不再监控：其应用已从配置中移除"
    ),
    "{numbers} of {waba} change often: {times} within the hour; quiet until it has been calm for an hour": (
        "{waba} 的 {numbers}频繁变化：一小时内 {times}；稳定一小时之前不再通知"
    ),
    # first answers
    "first look at {account}: {numbers} in {apps}; {attention}": "首次查看 {account}：{apps}共 {numbers}；{attention}",
    "none needs attention": "没有号码需要关注",
    "{count} needs attention": "{count} 个需要关注",
    "{count} need attention": "{count} 个需要关注",
    "first look: none of {numbers} needs attention": "首次查看：{numbers}均无需关注",
    "first look: {count} of {numbers} needs attention": "首次查看：{numbers}中 {count} 个需要关注",
    "first look: {count} of {numbers} need attention": "首次查看：{numbers}中 {count} 个需要关注",
    "quality: {counts}": "质量：{counts}",
    "status: {counts}": "状态：{counts}",
    "the worst is listed, the others are on the status page": "列出最严重的 1 个，其余见状态页",
    "the worst {count} are listed, the others are on the status page": "列出最严重的 {count} 个，其余见状态页",
    # titles of many
    "{count} number {severity}": "{count} 个号码{severity}",
    "{count} numbers {severity}": "{count} 个号码{severity}",
    "{count} WABA {severity}": "{count} 个 WABA {severity}",
    "{count} WABAs {severity}": "{count} 个 WABA {severity}",
    "{count} app {severity}": "{count} 个应用{severity}",
    "{count} apps {severity}": "{count} 个应用{severity}",
    "the account {severity}": "账号{severity}",
    "{count} troubles of the account {severity}": "账号的 {count} 个问题{severity}",
    "{count} {severity}": "{count} 个{severity}",
    "{count} recovered": "{count} 个已恢复",
    "{count} closed": "{count} 个已结束",
    "{count} still open": "{count} 个仍未恢复",
    "{count} for information": "{count} 条信息",
    "nothing new": "无新情况",
    # the end
    "and {count} more: {each}": "另有 {count} 项：{each}",
    "{count} critical": "{count} 项严重",
    "{count} warning": "{count} 项警告",
    "{count} not listed": "{count} 项未列出",
    "data of {moment}, {age} old": "数据时间 {moment}，距今 {age}",
    "this is only a test: nothing happened": "这只是测试：没有发生任何事情",
}
