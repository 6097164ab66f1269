"""
PromQL that every dashboard speaks.

Every selector carries `job` and `instance`, which pick the daemon.  What several replicas of a daemon say of one thing
is made one with `max`: a number is not two numbers because it is watched twice.  Tiers go through `clamp_max`, since
infinity is drawn as nothing, and are never summed: the limit is the business portfolio's.
"""

from dashboards.states import UNLIMITED

ENTRY = "account, appkey, waba_id, number"
APP = "account, appkey"

DAEMON = ('job=~"$job"', 'instance=~"$instance"')
ANY_ACCOUNT = 'account=~"$account"'


def selector(metric: str, *matchers: str) -> str:
    """A metric of the daemons that are picked."""
    return f"{metric}{{{', '.join((*DAEMON, *matchers))}}}"


def one(metric: str, *matchers: str) -> str:
    """A gauge of which every replica says the same."""
    return f"max without (instance, pod) ({selector(metric, *matchers)})"


def before(metric: str, *matchers: str) -> str:
    """The same gauge a step earlier, for what changes; `$__interval` is the step, whatever it is stretched to."""
    return f"max without (instance, pod) ({selector(metric, *matchers)} offset $__interval)"


def best(labels: str, metric: str, *matchers: str) -> str:
    """The same with exactly these labels, for tables and joins."""
    return f"max by ({labels}) ({selector(metric, *matchers)})"


def rate(labels: str, metric: str, *matchers: str) -> str:
    """What all replicas together do in a second."""
    return f"sum by ({labels}) (rate({selector(metric, *matchers)}[$__rate_interval]))"


def tier(*matchers: str) -> str:
    """The tier of entries, infinity as a figure that can be drawn."""
    return f"clamp_max({one('nxcloud_number_tier', *matchers)}, {UNLIMITED})"


def with_names(left: str, names: str, *matchers: str) -> str:
    """
    Entries with names of the info series.

    While replicas disagree on a name there would be two of an entry, which no join takes: `topk` keeps one.
    """
    info = f"topk by ({ENTRY}) (1, {best(f'{ENTRY}, {names}', 'nxcloud_number_info', *matchers)})"
    return f"{left} * on ({ENTRY}) group_left ({names}) {info}"


def with_app_name(left: str, *matchers: str) -> str:
    """Apps with their names, likewise."""
    info = f"topk by ({APP}) (1, {best(f'{APP}, app_name', 'nxcloud_app_info', *matchers)})"
    return f"{left} * on ({APP}) group_left (app_name) {info}"


def quantile(share: float, labels: str, histogram: str, *matchers: str) -> str:
    """A quantile of a histogram over all replicas."""
    return f"histogram_quantile({share}, {rate(labels, f'{histogram}_bucket', *matchers)})"


def of_daemon(left: str) -> str:
    """Of series that every process has, those of a daemon."""
    return f"{left} and on (job, instance) {selector('number_monitor_build_info')}"
