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
    "What other processes watch is being read": "正在读取其他进程监控的内容",
    "The one number needs attention": "唯一的号码需要关注",
    "{some} of {all} needs attention": "{all}中有 {some} 个需要关注",
    "{some} of {all} need attention": "{all}中有 {some} 个需要关注",
    "No app can be polled": "所有应用都无法查询",
    "Waiting for the first answer": "正在等待首次应答",
    "No numbers are listed": "没有任何号码",
    "No number needs attention, {some} of {all} cannot send": "没有号码需要关注，{all} 个中有 {some} 个无法发送",
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
    "{accounts} that other processes watch not read yet": "另有 {accounts}由其他进程监控，尚未读取",
    "last answer {age} ago": "最近应答于 {age}前",
    "answers {newest} to {oldest} old": "应答距今 {newest}至 {oldest}",
    # the first page
    "No app has answered lately": "近期没有任何应用应答",
    "{apps} without an answer lately": "{apps}近期没有应答",
    "number-monitor itself is stuck: {why}": "number-monitor 自身已停滞：{why}",
    "No app has answered for {age}.": "所有应用已 {age}没有应答。",
    "Everything below is how it was at {moment}.": "以下均为 {moment} 时的状态。",
    "Numbers by quality rating": "按质量评级统计的号码",
    "Search for a number, app, WABA or name": "按号码、应用、WABA 或名称搜索",
    "Number, app, WABA or name": "号码、应用、WABA 或名称",
    "Any state": "所有状态",
    "In trouble": "异常",
    "Critical": "严重",
    "Warning": "警告",
    "Not judged": "无法判断",
    "Fine": "正常",
    "Cannot send": "无法发送",
    "Not rated": "未评级",
    "RED": "RED",
    "YELLOW": "YELLOW",
    "GREEN": "GREEN",
    "Account": "账号",
    "All accounts": "所有账号",
    "Search": "搜索",
    "Numbers that need attention": "需要关注的号码",
    "Found: {numbers}": "找到 {numbers}",
    "Show all again": "返回全部",
    "Nothing found": "没有找到",
    "No number is like that now. A number can be written in any way, and a part of it will do.": (
        "目前没有这样的号码。号码写法不限，输入一部分即可。"
    ),
    "Number": "号码",
    "State": "状态",
    "State, and what to do": "状态与处理建议",
    "Since": "持续时间",
    "as of {age} ago": "{age}前的数据",
    "App": "应用",
    "Back": "上一页",
    "Further": "下一页",
    "Page {page} of {pages}": "第 {page} 页，共 {pages} 页",
    "The worst {shown} of {all} can be seen here; narrow the search, or ask the API for all.": (
        "共 {all} 个，此处可查看最严重的 {shown} 个；请缩小搜索范围，或通过 API 获取全部。"
    ),
    "Apps that cannot be polled": "无法查询的应用",
    "in {place}": "位于 {place}",
    "code {code}": "代码 {code}",
    "and {count} more": "以及另外 {count} 个",
    "Failing for {age}.": "已失败 {age}。",
    "Last answer {age} ago; its numbers are shown as they were then.": "最近应答于 {age}前；号码按当时的状态显示。",
    "It has never answered.": "从未应答。",
    "Held back as suspect": "因可疑而暂缓采信",
    "What is listed here was lost all at once. That is more often the vendor's fault than the truth, so the last state "
    "that was believed is kept until several answers agree.": (
        "以下内容是一次性丢失的。这多半是服务商的故障而非事实，因此在多次应答一致之前保留最后采信的状态。"
    ),
    "The list of apps from {source} came back with {held} instead of {before}.": (
        "来自{source}的应用列表只有 {held} 个应用，原有 {before} 个。"
    ),
    "the file": "文件",
    "the address": "网址",
    "the configuration": "配置",
    "{what}, for {age}": "{what}，已持续 {age}",
    "It is true: believe it …": "确认属实：采信 …",
    "The next answers of account {name} are believed as they are: what they lack is gone, and that is told.": (
        "账号 {name} 的下一次应答将被直接采信：其中没有的号码视为已消失，并发出通知。"
    ),
    "Believe account {name}": "采信账号 {name}",
    "If you know that it is true:": "如果您确认属实：",
    "What the symbols mean": "符号说明",
    "with a critical number": "有严重号码",
    "without an answer": "没有应答",
    "with a warning": "有警告",
    "with an answer held back": "应答暂缓采信",
    "not judged": "无法判断",
    "fine": "正常",
    "lost": "没有应答",
    "suspect": "可疑",
    "no answer": "没有应答",
    "{some} of {all}": "{all} 个中 {some} 个",
    "Recent events": "最近的事件",
    "All events": "全部事件",
    "The store cannot be read now, so there are no events to show; polling goes on.": (
        "目前无法读取存储，因此没有可显示的事件；查询继续进行。"
    ),
    "Nothing has been told yet.": "尚无事件。",
    # why apps fail
    "The vendor does not answer in time": "服务商未及时应答",
    "The vendor cannot be connected to": "无法连接服务商",
    "The vendor's name cannot be looked up": "无法解析服务商的域名",
    "No secure connection to the vendor": "无法与服务商建立安全连接",
    "The proxy does not let us through": "代理不予放行",
    "The vendor redirects, which is not followed": "服务商要求重定向，不予跟随",
    "The vendor refuses the request": "服务商拒绝请求",
    "The vendor's server is broken": "服务商的服务器故障",
    "The vendor asks us to slow down": "服务商要求降低频率",
    "The vendor refuses the credentials": "服务商拒绝凭据",
    "The vendor rejects the appkey": "服务商拒绝该 appkey",
    "The vendor finds the call wrong": "服务商认为调用有误",
    "The vendor reports an error of its own": "服务商报告自身错误",
    "The answer is too large": "应答过大",
    "The answer cannot be read": "应答无法解读",
    "The answer has an unknown form": "应答的格式未知",
    "A fault in number-monitor itself": "number-monitor 自身的错误",
    # an entry's page
    "App {name}": "应用 {name}",
    "Account {name}": "账号 {name}",
    "As of {age} ago": "{age}前的数据",
    "Its app has not answered since the start": "启动以来其应用尚未应答",
    "Details": "详情",
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
    "History": "历史",
    "from {begin} to {end}": "{begin} 至 {end}",
    "24h": "24 小时",
    "7d": "7 天",
    "30d": "30 天",
    "all": "全部",
    "{sink}: {state}": "{sink}：{state}",
    "waiting": "等待发送",
    "delivered": "已送达",
    "quiet": "无需通知",
    "dead": "已放弃",
    "discarded": "已丢弃",
    # an app's page
    "Its last answer is held back as suspect: {what}, for {age}. Its numbers are shown as they were last believed.": (
        "其最近应答因可疑而暂缓采信：{what}，已持续 {age}。号码按最后采信的状态显示。"
    ),
    "Last polls": "最近的查询",
    "Time": "时间",
    "Outcome": "结果",
    "Bytes": "字节",
    "Duration": "耗时",
    "Answered": "已应答",
    "Answered, the same as before": "已应答，与之前相同",
    "not asked: calls are held off": "未查询：调用暂停中",
    "Not asked since the start.": "启动以来尚未查询。",
    "Poll now": "立即查询",
    "Schedule and budget": "计划与额度",
    "It is watched by {process}, which knows its schedule and its last polls.": (
        "它由 {process} 监控，计划和最近的查询记录在那里。"
    ),
    "Who watches what": "各进程监控的账号",
    "Process": "进程",
    "Accounts": "账号",
    "this one": "当前进程",
    "none: it stands by": "无，处于待命状态",
    "Asked every": "查询间隔",
    "instead of {wanted}, as the account's rate limit does not suffice for all of its apps": (
        "而非 {wanted}，因为账号的调用额度不足以查询其所有应用"
    ),
    "Next poll": "下次查询",
    "{apps} ask for {demand} calls a second, of {rate} that there may be": (
        "{apps}每秒需要 {demand} 次调用，上限为 {rate} 次"
    ),
    "Held off": "暂停",
    "The vendor refuses the credentials: one call an interval tries again": "服务商拒绝凭据：每个间隔重试一次",
    "The vendor cannot be reached: a few calls an interval try again": "无法连接服务商：每个间隔重试几次",
    # the events' page
    "Number, WABA, app or account that it is about": "相关的号码、WABA、应用或账号",
    "Whole number": "完整号码",
    "What happened": "事件类型",
    "Whatever happened": "所有类型",
    "Since when": "起始时间",
    "Whenever": "不限时间",
    "the last {time}": "最近 {time}",
    "1h": "1 小时",
    "Take these away as": "导出为",
    "or": "或",
    "No such event.": "没有这样的事件。",
    "Newest": "最新",
    "Older": "更早",
    # the settings' page
    "The configuration on disk cannot be taken over; the one below stays in force:": (
        "磁盘上的配置无法生效；下面的配置继续有效："
    ),
    "The store does not work: what is seen is shown, nothing new is told until it does.": (
        "存储不可用：继续显示所见状态，恢复之前不发出新的通知。"
    ),
    "What runs here": "运行信息",
    "Version": "版本",
    "Running for": "已运行",
    "since {moment}": "自 {moment}",
    "Listening on": "监听地址",
    "Store": "存储",
    "Configuration": "配置",
    "in force since {moment}": "自 {moment} 生效",
    "Where events go": "事件的去向",
    "Sink": "接收端",
    "Type": "类型",
    "Waiting": "等待发送",
    "Given up": "已放弃",
    "paused: {why}": "已暂停：{why}",
    "Configuration in force": "当前配置",
    "With its defaults, without its secrets.": "包含默认值，不含机密。",
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
    "To the content": "跳到正文",
    "Pages": "页面",
    "Numbers": "号码",
    "Settings": "设置",
    "The connection to number-monitor is lost: what you see is getting old.": (
        "与 number-monitor 的连接已断开：所见内容正在过时。"
    ),
    "For programs": "供程序使用",
    "Metrics": "指标",
    "Numbers in trouble": "异常号码",
    "All numbers": "全部号码",
    "Apps": "应用",
    "Events": "事件",
    "Made {moment}.": "生成于 {moment}。",
}
