# ruff: noqa: RUF001 - Chinese has its own punctuation
"""
What to do about an event: one or two plain sentences, in English and in Chinese, each with an id for programs.

Sources: what Meta, the vendor and other providers publish on each state.  Where a meaning is assumed the hint says
what to check, not what happened.
"""

from collections.abc import Mapping
from typing import NamedTuple

from monitor.fleet.answer import FailureReason
from monitor.fleet.policy import Language


class Hint(NamedTuple):
    """One advice in every language."""

    en: str
    zh: str


_NAMES = {
    "verified_name": "name.changed",
    "waba_name": "waba_name.changed",
    "code_verification_status": "code.changed",
    "register_status": "register.changed",
}


def hint(hint_id: str, language: Language) -> str:
    """The advice in this language.  KeyError for an id that is not in the table."""
    advice = HINTS[hint_id]
    return advice.zh if language == "zh-CN" else advice.en


def level_hint(attribute: str, text: str) -> str:
    """The id for a rating or status, by its documented word: `quality.red`, `status.banned`."""
    return f"{'quality' if attribute == 'quality_rating' else attribute}.{text.lower()}"


def persisting_hint(text: str) -> str:
    """The id for a status that lasts: `persisting.restricted`."""
    return f"persisting.{text.lower()}"


def text_hint(attribute: str, text: str) -> str:
    """The id for a changed text: by its word for name_status (`name_status.declined`), else by the attribute."""
    return _NAMES.get(attribute) or f"{attribute}.{text.lower()}"


def failure_hint(reason: FailureReason) -> str:
    """The id for an app that cannot be reached, by the reason: `unreachable.timeout`."""
    return f"unreachable.{reason.value}"


HINTS: Mapping[str, Hint] = {
    "quality.green": Hint(
        "Quality is high again: resume marketing in small batches and watch the rating.",
        "质量已恢复为高：营销消息请小批量恢复，并留意评级变化。",
    ),
    "quality.yellow": Hint(
        "Quality is medium: slow down marketing and look at the newest templates and audiences.",
        "质量为中：请放慢营销发送，检查最近的模板和受众。",
    ),
    "quality.red": Hint(
        "Quality is low: stop marketing templates from this number today, keep replies running, review opt-in and the "
        "templates of the last 7 days, then resume in small batches.",
        "质量为低：今天停止该号码的营销模板，保留会话回复；检查用户订阅同意和近 7 天的模板，之后小批量恢复。",
    ),
    "status.connected": Hint(
        "The number is connected and can send within its limit.",
        "号码已连接，可在限额内发送。",
    ),
    "status.flagged": Hint(
        "The number is flagged for low quality: treat it as RED, stop marketing and review the templates of the last "
        "7 days.",
        "号码因质量低被标记：按 RED 处理，停止营销，检查近 7 天的模板。",
    ),
    "status.rate_limited": Hint(
        "Sending is throttled: slow down and compare the volume with the portfolio's limit; it should clear within "
        "24 hours.",
        "发送被限速：请放慢速度，并与业务组合的限额比较；通常 24 小时内恢复。",
    ),
    "status.restricted": Hint(
        "The 24-hour limit is reached or a policy restriction applies: spread sends; if it lasts over 24 hours, open "
        "Business Support Home and ask for a review.",
        "已达 24 小时限额或受到政策限制：请分散发送；若超过 24 小时，请在 Business Support Home 申请复核。",
    ),
    "status.pending": Hint(
        "The number is not registered: finish its registration and check its display name and certificate.",
        "号码未完成注册：请完成注册，并检查显示名称和证书。",
    ),
    "status.unverified": Hint(
        "Ownership of the number is not proven: request and enter the code, then register it.",
        "号码归属未验证：请获取并填写验证码，然后注册。",
    ),
    "status.disconnected": Hint(
        "The number is not registered any more: find out who deregistered it, then register it once with the right "
        "PIN; after 10 tries in 72 hours it is blocked.",
        "号码已不再注册：先查明是谁注销的，再用正确的 PIN 注册一次；72 小时内 10 次尝试后会被锁定。",
    ),
    "status.migrated": Hint(
        "The number was moved to another WABA or provider: confirm that this was planned and look for it there.",
        "号码已迁移到其他 WABA 或服务商：请确认是否为计划内迁移，并到新位置查看。",
    ),
    "status.deleted": Hint(
        "The number was deleted from its WABA: confirm it with the customer and retire it in your systems.",
        "号码已从 WABA 删除：请与客户确认，并在系统中停用。",
    ),
    "status.banned": Hint(
        "The number is banned: stop all traffic of this customer, appeal in Business Support Home and switch to a "
        "spare number.",
        "号码已被封禁：停止该客户的全部发送，在 Business Support Home 申诉，并切换到备用号码。",
    ),
    "persisting.restricted": Hint(
        "Restricted for over 24 hours: this is no daily limit; open Business Support Home, read the kind and end of "
        "the restriction, and ask for a review.",
        "受限已超过 24 小时：这不是每日限额；请在 Business Support Home 查看限制类型和结束时间，并申请复核。",
    ),
    "persisting.rate_limited": Hint(
        "Throttled for over 24 hours: stop bulk sending from this number and ask the vendor why.",
        "限速已超过 24 小时：停止该号码的批量发送，并向服务商询问原因。",
    ),
    "persisting.pending": Hint(
        "A new number still waits for registration after 24 hours: check its display name and certificate, then "
        "register it.",
        "新号码 24 小时后仍未完成注册：请检查显示名称和证书，然后注册。",
    ),
    "persisting.unverified": Hint(
        "A new number is still unverified after 24 hours: request a new code, enter it and register.",
        "新号码 24 小时后仍未验证：请重新获取验证码，填写后注册。",
    ),
    "tier.lowered": Hint(
        "The messaging limit is lower (unique recipients in 24 hours, shared by the business portfolio): plan "
        "campaigns by the new limit and look for a policy notice.",
        "消息限额降低（24 小时内的不同收件人数，由业务组合共享）：请按新限额安排活动，并查看是否有政策通知。",
    ),
    "tier.raised": Hint(
        "The messaging limit is higher: raise the volume step by step.",
        "消息限额提高：请逐步增加发送量。",
    ),
    "tier.rule": Hint(
        "The lower messaging limit has held for 7 days and is taken as the rule from now on.",
        "较低的消息限额已持续 7 天，今后按此限额视为正常。",
    ),
    "name_status.approved": Hint("The display name is approved.", "显示名称已通过审核。"),
    "name_status.available_without_review": Hint(
        "The name can be used but is not approved yet: its review comes when the limit rises.",
        "名称可用但尚未审核：限额提高时会进行审核。",
    ),
    "name_status.pending_review": Hint(
        "The name is under review: sending goes on; wait for the result.",
        "名称审核中：发送不受影响，请等待结果。",
    ),
    "name_status.declined": Hint(
        "The name was declined: edit it by the display name guidelines or appeal; 10 changes are allowed in 30 days.",
        "名称被拒绝：请按显示名称规范修改或申诉；30 天内最多修改 10 次。",
    ),
    "name_status.expired": Hint(
        "The name's certificate has expired: the number goes on, but cannot be registered again before the name is "
        "submitted anew.",
        "名称证书已过期：号码可继续使用，但重新提交名称之前无法再次注册。",
    ),
    "name_status.none": Hint("There is no name certificate: submit a display name.", "没有名称证书：请提交显示名称。"),
    "name.changed": Hint(
        "The display name changed: confirm it; after an approved rename register the number again within 14 days.",
        "显示名称已变更：请确认；改名获批后需在 14 天内重新注册号码。",
    ),
    "waba_name.changed": Hint("The WABA was renamed: confirm it.", "WABA 已改名：请确认。"),
    "code.changed": Hint(
        "The verification of the number's code changed: nothing to do while it is connected.",
        "号码验证码状态已变化：连接正常时无需处理。",
    ),
    "register.changed": Hint(
        "The vendor's registration step changed: nothing to do while the number is connected.",
        "服务商的注册步骤已变化：号码连接正常时无需处理。",
    ),
    "number.added": Hint("A number appeared in this app: it is watched from now on.", "该应用出现新号码：已开始监控。"),
    "number.removed": Hint(
        "The number is no longer in this app's list: confirm with the customer that this was meant.",
        "号码已不在该应用的列表中：请与客户确认是否为有意操作。",
    ),
    "number.moved": Hint(
        "The number lives elsewhere in this account and can send there: send from its new place.",
        "号码已转到本账号的其他位置并可发送：请从新位置发送。",
    ),
    "ignored.started": Hint(
        "A rule of the configuration says that this number's trouble is known: it raises no alarm.",
        "配置规则说明该号码的问题已知：不再告警。",
    ),
    "ignored.ended": Hint(
        "No rule says any more that this number's trouble is known: it raises alarms again.",
        "该号码不再被规则视为已知问题：恢复告警。",
    ),
    "app.baseline": Hint(
        "The app is watched from now on: look at the numbers that are already in trouble.",
        "已开始监控该应用：请查看已处于异常的号码。",
    ),
    "app.recovered": Hint("The app can be polled again.", "该应用已可正常查询。"),
    "app.suspect": Hint(
        "The answer lost many numbers or values at once and is held back: check the app at the vendor; if it is true, "
        "run `number-monitor accept`.",
        "应答一次丢失大量号码或数值，已暂缓采信：请到服务商处核对；若属实，运行 `number-monitor accept`。",
    ),
    "app.trusted": Hint("The app's answers are believed again.", "该应用的应答已恢复采信。"),
    "app.removed": Hint(
        "The app left the configuration and is not watched any more.", "该应用已从配置中移除，不再监控。"
    ),
    "account.unreachable": Hint(
        "Most apps of the account cannot be polled: check the network, the proxy and the vendor's state before "
        "anything else.",
        "账号的大多数应用无法查询：请先检查网络、代理和服务商状态。",
    ),
    "account.refused": Hint(
        "The vendor refuses this account's credentials: check access key, secret, the integrator permission and this "
        "machine's clock.",
        "服务商拒绝该账号的凭据：请检查 access key、密钥、集成商权限以及本机时钟。",
    ),
    "account.recovered": Hint("The account can be polled again.", "该账号已可正常查询。"),
    "account.suspect": Hint(
        "Most apps of the account lost numbers or values at once: this looks like the vendor's trouble; nothing is "
        "believed before it is over or you run `number-monitor accept`.",
        "账号的大多数应用同时丢失号码或数值：疑为服务商故障；恢复之前不采信，除非运行 `number-monitor accept`。",
    ),
    "account.trusted": Hint("The account's answers are believed again.", "该账号的应答已恢复采信。"),
    "app_list.held": Hint(
        "The list of apps came back empty or much shorter and is held back: check its source.",
        "应用列表为空或明显变短，已暂缓采用：请检查其来源。",
    ),
    "app_list.accepted": Hint("The list of apps is believed.", "应用列表已采用。"),
    "vendor.unmapped": Hint(
        "The vendor uses a word that nobody documented: it counts as unknown; look for a newer version or report it.",
        "服务商使用了未记载的取值：按未知处理；请查看是否有新版本，或反馈给我们。",
    ),
    "unreachable.timeout": Hint(
        "The vendor does not answer in time: check the network and the proxy, or raise poll.timeout.",
        "服务商未及时应答：请检查网络和代理，或调大 poll.timeout。",
    ),
    "unreachable.connect": Hint(
        "No connection to the vendor: check network, firewall and proxy.", "无法连接服务商：请检查网络、防火墙和代理。"
    ),
    "unreachable.dns": Hint(
        "The vendor's name cannot be resolved: check DNS and base_url.", "无法解析服务商域名：请检查 DNS 和 base_url。"
    ),
    "unreachable.tls": Hint(
        "No secure connection: check this machine's clock, its certificates and an intercepting proxy.",
        "无法建立安全连接：请检查本机时钟、证书以及中间代理。",
    ),
    "unreachable.proxy": Hint(
        "The proxy refuses or is down: check `proxy` or HTTPS_PROXY.",
        "代理拒绝或不可用：请检查 `proxy` 或 HTTPS_PROXY。",
    ),
    "unreachable.http_3xx": Hint(
        "The vendor redirects, which is never followed: check base_url.",
        "服务商返回重定向（不会跟随）：请检查 base_url。",
    ),
    "unreachable.http_4xx": Hint(
        "The vendor's server refuses the call: check base_url and any gateway between.",
        "服务商服务器拒绝请求：请检查 base_url 和中间网关。",
    ),
    "unreachable.http_5xx": Hint(
        "The vendor's server fails: wait, and contact its support if it lasts.",
        "服务商服务器出错：请等待；若持续请联系其支持。",
    ),
    "unreachable.throttled": Hint(
        "The vendor asks for fewer calls: lower rate_limit or raise the interval.",
        "服务商要求减少请求：请降低 rate_limit 或增大间隔。",
    ),
    "unreachable.auth": Hint(
        "The vendor refuses the credentials for this app: check access key, secret and this machine's clock.",
        "服务商拒绝该应用的凭据：请检查 access key、密钥和本机时钟。",
    ),
    "unreachable.app_rejected": Hint(
        "The vendor does not know this appkey, or it belongs to another customer: check it, or remove it from the list "
        "of apps.",
        "服务商不认识该 appkey，或它属于其他客户：请核对，或从应用列表中移除。",
    ),
    "unreachable.request": Hint(
        "The vendor finds our call wrong: look for a newer version of number-monitor.",
        "服务商认为请求有误：请查看 number-monitor 是否有新版本。",
    ),
    "unreachable.vendor": Hint(
        "The vendor reports an error of its own: wait, and contact its support if it lasts.",
        "服务商报告内部错误：请等待；若持续请联系其支持。",
    ),
    "unreachable.too_large": Hint(
        "The answer is larger than any list of numbers should be: check base_url.",
        "应答超出号码列表应有的大小：请检查 base_url。",
    ),
    "unreachable.decode": Hint(
        "The answer is no JSON: check base_url and any proxy between.",
        "应答不是 JSON：请检查 base_url 和中间代理。",
    ),
    "unreachable.schema": Hint(
        "The answer is JSON but no list of numbers: check base_url, or look for a newer version.",
        "应答是 JSON 但不是号码列表：请检查 base_url，或查看是否有新版本。",
    ),
    "unreachable.internal": Hint(
        "number-monitor itself failed at this app: its log says where; please report it.",
        "number-monitor 处理该应用时出错：日志中有位置，请反馈。",
    ),
}
