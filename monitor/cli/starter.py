"""
The first configuration of a user, with a comment for each next step.  Pure.

What is commented out is right as it stands: without its `# ` it is taken, once the files that it names are there.
"""

import json
import re
from collections.abc import Sequence

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*|https?://[A-Za-z0-9./:_-]+")
_WORDS_OF_YAML = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def starter(
    *, account: str, access_key: str, secret_file: str, appkeys: Sequence[str], base_url: str | None = None
) -> str:
    """
    The text of the file.

    Args:
        account: The account's name.
        access_key: Its key.
        secret_file: Where its secret is: a path, relative to the configuration or absolute.
        appkeys: Its apps, in the order given.
        base_url: Where the vendor is; None: where it always is.
    """
    vendor = "" if base_url is None else f"\n    base_url: {scalar(base_url)}"
    apps = "\n".join(f"      - {scalar(appkey)}" for appkey in appkeys)
    return f"""\
# number-monitor: the beginning of a configuration, written by `number-monitor init`.
# After a change:  number-monitor check    A running daemon takes it over within 30 seconds.
# Lines that begin with "# " and a key can be uncommented as they are; docs/configuration.md has all the others.

accounts:
  - name: {scalar(account)}  # the label `account` of metrics and events
    access_key: {scalar(access_key)}
    access_secret_file: {scalar(secret_file)}  # the secret alone in a file{_beside(secret_file)}{vendor}
    # proxy: http://proxy.example.com:3128  # else HTTPS_PROXY and NO_PROXY of the environment
    # rate_limit: 20  # calls a second, retries included
    # apps_file: apps.csv  # more apps, one a line: appkey,name
    apps:
{apps}
      # - {{appkey: jh43xxxd435, name: shop-two, labels: {{team: emea}}}}  # a name and labels, for messages and rules

# poll: {{interval: 60s, degraded_interval: 20s}}  # each app; and those with a number in trouble

# people: {{language: en, timezone: Asia/Shanghai}}  # or zh-CN: of messages, pages and tables

# web: {{listen: ["127.0.0.1:8620"]}}  # the page and /metrics

# Where events go beside standard output; docs/delivery.md has three lines for each receiver.
# Try one:  number-monitor sinks test mail
# events:
#   sinks:
#     - {{name: mail, type: email, host: smtp.example.com, port: 587,
#        user: numbers@example.com, password_file: smtp.secret,
#        from: numbers@example.com, to: ops@example.com}}
#     - {{name: team, type: slack, url_file: slack.secret}}  # dingtalk, feishu, lark, wecom likewise
"""


def scalar(text: str) -> str:
    """The text as a value in YAML, quoted where it has to be; a dollar is one, and begins no variable."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML:
        return text
    return json.dumps(text.replace("$", "$$"), ensure_ascii=False)


def _beside(secret_file: str) -> str:
    return "" if secret_file.startswith("/") else ", beside this one"
