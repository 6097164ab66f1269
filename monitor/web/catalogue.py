# ruff: noqa: RUF001 - Chinese has its own punctuation
"""
What the pages say, in the language of `people.language`.

Pure.  English stands where it is said and is the key; what is missing here is said in English.  A test compares the
catalogue with what is said.  Words of the vendor, and why an app fails, stay as they are.
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


CHINESE: Mapping[str, str] = {
    # how much and how long
    "{count} number": "{count} 个号码",
    "{count} numbers": "{count} 个号码",
    "{count} app": "{count} 个应用",
    "{count} apps": "{count} 个应用",
    "{count} account": "{count} 个账号",
    "{count} accounts": "{count} 个账号",
    "{amount} d": "{amount} 天",
    "{amount} h": "{amount} 小时",
    "{amount} min": "{amount} 分钟",
    "{amount} s": "{amount} 秒",
    # severities and states
    "critical": "严重",
    "warning": "警告",
    "ok": "正常",
    "info": "信息",
    "unknown": "未知",
    "none": "无",
    "not rated": "未评级",
    "cannot send": "无法发送",
    "{word}, last known": "{word}（最后已知）",
    # the headline and the facts
    "No apps are watched yet": "尚未监控任何应用",
    "The one number needs attention": "唯一的号码需要关注",
    "{some} of {all} needs attention": "{all}中有 {some} 个需要关注",
    "{some} of {all} need attention": "{all}中有 {some} 个需要关注",
    "No app can be polled": "所有应用都无法查询",
    "Waiting for the first answer": "正在等待首次应答",
    "No numbers are listed": "没有任何号码",
    "No number needs attention, {some} of {all} cannot be judged yet": (
        "没有号码需要关注，{all} 个中有 {some} 个尚无法判断"
    ),
    "The one number is fine": "唯一的号码正常",
    "The one number was fine when last asked": "唯一的号码在上次查询时正常",
    "All {all} numbers are fine": "全部 {all} 个号码正常",
    "All {all} numbers were fine when last asked": "全部 {all} 个号码在上次查询时正常",
    "{apps} cannot be polled": "{apps}无法查询",
    "{apps} held back as suspect": "{apps}的应答可疑，暂缓采信",
    "{apps} not asked yet": "{apps}尚未查询",
    "last answer {age} ago": "最近应答于 {age}前",
    "answers {newest} to {oldest} old": "应答距今 {newest}至 {oldest}",
    # the first page
    "Numbers by quality rating": "按质量评级统计的号码",
    "Numbers that need attention": "需要关注的号码",
    "Number": "号码",
    "State": "状态",
    "Since": "持续时间",
    "App": "应用",
    "What to do": "处理建议",
    "The worst {shown} of {all} are shown;": "共 {all} 个，显示最严重的 {shown} 个；",
    "the API lists all": "API 列出全部",
    "Apps that cannot be polled": "无法查询的应用",
    "in {place}": "位于 {place}",
    "code {code}": "代码 {code}",
    "Failing for {age}.": "已失败 {age}。",
    "Last answer {age} ago; its numbers are shown as they were then.": "最近应答于 {age}前；号码按当时的状态显示。",
    "It has never answered.": "从未应答。",
    "{shown} of {all} are shown;": "共 {all} 个，显示 {shown} 个；",
    "Answers held back as suspect": "因可疑而暂缓采信的应答",
    "These apps lost many numbers or values at once. That is more often the vendor's fault than the truth, so the last "
    "state that was believed is kept until several answers agree. If you know that it is true:": (
        "这些应用一次丢失大量号码或数值。这多半是服务商的故障而非事实，因此在多次应答一致之前保留最后采信的状态。如果您确认属实："
    ),
    "{what}, for {age}": "{what}，已持续 {age}",
    "{shown} of {all} are shown.": "共 {all} 个，显示 {shown} 个。",
    "Recent events": "最近的事件",
    "The store cannot be read now, so there are no events to show; polling goes on.": (
        "目前无法读取存储，因此没有可显示的事件；查询继续进行。"
    ),
    "Nothing has been told yet.": "尚无事件。",
    # an entry's page
    "App {name}": "应用 {name}",
    "Account {name}": "账号 {name}",
    "As of {age} ago": "{age}前的数据",
    "Its app has not answered since the start": "启动以来其应用尚未应答",
    "What": "项目",
    "Now": "当前",
    "Quality rating": "质量评级",
    "Status": "号码状态",
    "Messaging tier": "消息等级",
    "First seen": "首次出现",
    "The same number elsewhere": "其他位置的同一号码",
    "What was told of it": "该号码的事件",
    "Nothing has been told of it yet.": "该号码尚无事件。",
    "Verified name": "认证名称",
    "Name status": "名称状态",
    "WABA": "WABA",
    "WABA name": "WABA 名称",
    "Code verification": "验证码验证",
    "Registration": "注册",
    "1, creation failed": "1，创建失败",
    "2, local registration failed": "2，本地注册失败",
    "3, creating": "3，创建中",
    "4, created": "4，已创建",
    "5, registered": "5，已注册",
    "Its app cannot be polled, so this is the last known state: {why}": "其应用无法查询，这是最后已知的状态：{why}",
    "Its app's last answer is held back as suspect; this is the last state that was believed.": (
        "其应用的最近应答可疑，暂缓采信；这是最后采信的状态。"
    ),
    "The answer has several rows of this identity: the worst is shown, and no change is told.": (
        "应答中该号码有多行：显示最差的一行，不通知变化。"
    ),
    "It was missing from the last answer; it stays until that is confirmed.": (
        "最近的应答中没有该号码；确认之前继续保留。"
    ),
    "It is ignored by the configuration: its severity is ok, and its events are info.": (
        "配置已忽略该号码：严重程度为正常，事件为信息。"
    ),
    "It can send from another place in the account: it has moved, and its severity here is ok.": (
        "该号码可在账号内的其他位置发送：它已迁移，此处的严重程度为正常。"
    ),
    # what was lost
    "its list came back empty": "列表为空",
    "{numbers} missing": "缺失 {numbers}",
    "{numbers} without a value": "{numbers}没有数值",
    "{one} and {other}": "{one}，{other}",
    "many numbers lost": "丢失大量号码",
    # events: attributes, and what follows the subject
    "quality": "质量",
    "status": "状态",
    "tier": "等级",
    "name status": "名称状态",
    "code verification": "验证码验证",
    "registration": "注册",
    "verified name": "认证名称",
    "ignored": "忽略",
    "degraded": "恶化",
    "improved": "好转",
    "recovered": "恢复",
    "is still in trouble": "仍处于异常",
    "changed": "变化",
    "appeared": "出现",
    "is gone": "消失",
    "moved": "迁移",
    "messaging tier lowered": "消息等级下降",
    "messaging tier raised": "消息等级上升",
    "first answer": "首次应答",
    "cannot be polled": "无法查询",
    "can be polled again": "恢复查询",
    "lost numbers, which is held back as suspect": "丢失号码，因可疑而暂缓采信",
    "is believed again": "恢复采信",
    "left the list of apps": "已从应用列表移除",
    "most apps lost numbers, which is held back as suspect": "大多数应用丢失号码，因可疑而暂缓采信",
    "the list of apps shrank, which is held back": "应用列表变短，暂缓采用",
    "the list of apps is believed": "应用列表已采用",
    "the vendor used a word nobody documented": "服务商使用了未记载的取值",
    "{happening}: {change}": "{happening}：{change}",
    "{numbers}, {bad} in trouble": "{numbers}，{bad} 个异常",
    # around every page
    "For programs": "供程序使用",
    "Metrics": "指标",
    "Numbers in trouble": "异常号码",
    "All numbers": "全部号码",
    "Apps": "应用",
    "Events": "事件",
    "Made {moment}.": "生成于 {moment}。",
}
