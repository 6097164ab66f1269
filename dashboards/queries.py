"""
PromQL that every dashboard speaks.

Every selector carries `job` and `instance`, which pick the daemon.  What several replicas of a daemon say of one thing
is made one with `max`: a number is not two numbers because it is watched twice.  Where replicas share a store, each
account is one replica's at a time, and what another still shows of it, because it was cut off, is left out.  Tiers go
through `clamp_max`, since infinity is drawn as nothing, and are never summed: the limit is the business portfolio's.
"""

from dashboards.states import UNLIMITED

ENTRY = "account, appkey, waba_id, number"
APP = "account, appkey"

DAEMON = ('job=~"$job"', 'instance=~"$instance"')
ANY_ACCOUNT = 'account=~"$account"'

#: By what a replica's series of an account are known in the jobs of the fleet and of the daemon alike.
REPLICA = "account, cluster, namespace, instance"


def selector(metric: str, *matchers: str) -> str:
    """A metric of the daemons that are picked."""
    return f"{metric}{{{', '.join((*DAEMON, *matchers))}}}"


def outdone(offset: str = "") -> str:
    """
    By account the replicas that another outdoes: it holds the lease, and its epoch is higher.

    The epoch of who holds no lease counts as 0.  Nothing where there are no leases, or nobody holds one.
    """
    epoch, held = selector("number_monitor_lease_epoch"), selector("number_monitor_lease_held")
    rank = f"{epoch}{offset} * {held}{offset}"
    return f"{rank} < ignoring (instance, pod) group_left () max without (instance, pod) ({rank})"


def current(series: str, offset: str = "") -> str:
    """Of series of accounts those of the replica that watches the account; of all where there are no leases."""
    return f"{series}{offset} unless on ({REPLICA}) ({outdone(offset)})"


def one(metric: str, *matchers: str) -> str:
    """A gauge of an account or what belongs to it."""
    return f"max without (instance, pod) ({current(selector(metric, *matchers))})"


def before(metric: str, *matchers: str) -> str:
    """The same gauge a step earlier, for what changes; `$__interval` is the step, whatever it is stretched to."""
    return f"max without (instance, pod) ({current(selector(metric, *matchers), ' offset $__interval')})"


def alike(metric: str, *matchers: str) -> str:
    """A gauge of which every replica says the same: the sinks, the configuration."""
    return f"max without (instance, pod) ({selector(metric, *matchers)})"


def best(labels: str, metric: str, *matchers: str, above: str = "") -> str:
    """A gauge with exactly these labels, for tables and joins; where it is `above` a figure, looked at first."""
    return f"max by ({labels}) ({current(f'{selector(metric, *matchers)}{above}')})"


def grown(labels: str, metric: str, *matchers: str) -> str:
    """
    By how much a counter of an account grew in the hour before.

    Replicas that share a store count what each of them did, so that it is added up; others, that watch the same
    account each with a store of its own, count the same.
    """
    found = f"increase({selector(metric, *matchers)}[1h])"
    shared = f"on (account) group by (account) ({selector('number_monitor_lease_epoch')})"
    return (
        f"sum by ({labels}) (sum without (instance, pod) ({found} and {shared})"
        f" or max without (instance, pod) ({found} unless {shared}))"
    )


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
