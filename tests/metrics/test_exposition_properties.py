"""
Whatever the vendor sends and however apps come and go, the text says what is known, once.

Against a rendering that shares nothing with the room but the contract: a dictionary of samples, made anew each time.
"""

from collections import Counter
from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from monitor.fleet.app import App
from monitor.fleet.scales import QUALITY_RATING, STATUS, TIERS, Severity, quality_value, status_value, tier_limit
from monitor.fleet.snapshot import Snapshot
from monitor.metrics.exposition import Exposition
from monitor.metrics.families import NUMBER_FAMILIES
from tests.metrics.known import SUSPICION, TIMED_OUT, entry, known

NASTY = st.text(
    alphabet=st.one_of(st.sampled_from('\x00\x1b\r\n\t"\\{}#,= \u2028\u202e\ud800\ufffd'), st.characters()), max_size=6
)
TEXTS = st.one_of(NASTY, st.just("long " * 50))
NUMBERS = st.one_of(st.sampled_from(["+8613800000001", "+8613800000002", "+86 xxx 24"]), NASTY)
ENTRIES = st.builds(
    entry,
    severity=st.sampled_from(Severity),
    number=NUMBERS,
    waba_id=st.one_of(st.sampled_from(["", "116960000086404"]), NASTY),
    waba_name=TEXTS,
    verified_name=TEXTS,
    quality_rating=st.one_of(st.sampled_from([*QUALITY_RATING, "", "UNKNOW"]), NASTY),
    status=st.one_of(st.sampled_from([*STATUS, "UNKNOWN", "LINKED"]), NASTY),
    tier=st.one_of(st.sampled_from([*TIERS, "", "TIER_5K"]), NASTY),
    name_status=TEXTS,
    code_verification_status=TEXTS,
    register_status=TEXTS,
)
SNAPSHOTS = st.builds(
    lambda entries, last_success, failure, suspicion: known(
        *entries, last_success=last_success, failure=failure, suspicion=suspicion
    ),
    st.lists(ENTRIES, max_size=4),
    st.sampled_from([None, 1_795_420_812_345]),
    st.sampled_from([None, TIMED_OUT]),
    st.sampled_from([None, SUSPICION]),
)
KEYS = st.tuples(st.sampled_from(["main", "two"]), st.sampled_from(["jh1", "jh2", 'jh"3\n']))
LABELS = st.dictionaries(st.sampled_from(["team", "te-am", "te.am"]), TEXTS, max_size=3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("replace"), KEYS, SNAPSHOTS, st.booleans(), TEXTS, LABELS),
        st.tuples(st.just("succeed"), KEYS, st.integers(0, 4_000_000_000_000)),
        st.tuples(st.just("remove"), KEYS),
    ),
    max_size=8,
)
World = dict[tuple[str, str], tuple[App, Snapshot, bool]]


@settings(deadline=None, max_examples=150)
@given(STEPS)
def test_any_course_of_things_is_shown_as_a_plain_rendering_says(steps):
    shown = Exposition(number_series=list(NUMBER_FAMILIES))
    world: World = {}
    for step in steps:
        take(step, shown, world)

    for samples in (parsed(shown, parse_text, openmetrics=False), parsed(shown, parse_openmetrics, openmetrics=True)):
        assert Counter(map(recognised, samples)) == Counter(map(recognised, expected(world)))
        assert len({identity_of(sample) for sample in samples}) == len(samples)


@settings(deadline=None, max_examples=150)
@given(STEPS)
def test_the_counts_add_up_to_the_exposed_entries(steps):
    shown = Exposition(number_series=["severity"])
    world: World = {}
    for step in steps:
        take(step, shown, world)

    samples = parsed(shown, parse_text, openmetrics=False)
    for attribute in ("quality_rating", "status", "tier"):
        counted = sum(value for name, _, value in samples if name == f"nxcloud_numbers_by_{attribute}")
        assert counted == sum(name == "nxcloud_number_severity" for name, _, _ in samples)


def take(step, shown, world: World):
    match step:
        case ("replace", (account, appkey), snapshot, withdrawn, name, labels):
            app = App(account, appkey, name, labels=tuple(sorted(labels.items())))
            shown.replace(app, snapshot, withdrawn=withdrawn)
            world[app.key] = (app, snapshot, withdrawn)
        case ("succeed", key, at) if is_settled(world.get(key)):
            app, snapshot, withdrawn = world[key]
            shown.succeeded(key, at)
            world[key] = (app, with_success(snapshot, at), withdrawn)
        case ("remove", key):
            shown.remove(key)
            world.pop(key, None)


def is_settled(one):
    """An unchanged answer is all there is to say of an app only after a success, and while nothing is wrong."""
    return one is not None and one[1].last_success is not None and one[1].failure is None


def with_success(snapshot, at):
    return known(*snapshot.entries.values(), last_success=at, failure=snapshot.failure, suspicion=snapshot.suspicion)


def parsed(shown, parse, *, openmetrics):
    text = b"".join(shown.pieces(openmetrics=openmetrics)).decode() + ("# EOF\n" if openmetrics else "")
    return [(sample.name, sample.labels, sample.value) for family in parse(text) for sample in family.samples]


def identity_of(sample):
    name, labels, _ = sample
    return name, frozenset(labels.items())


def recognised(sample):
    """A sample to compare: an identity that had to be altered is only known by its beginning."""
    name, labels, value = sample
    shortened = {key: text.split("\ufffd")[0] for key, text in labels.items()}
    return name, frozenset(shortened.items()), value


def clean(text):
    """What the contract says of label values, character by character."""
    return "".join("\ufffd" if is_bad(letter) else letter for letter in text[:200])


def is_bad(letter):
    code = ord(letter)
    return (code < 0x20 and letter not in "\n\t") or 0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF


def expected(world: World):
    for account in {app.account for app, _, _ in world.values()}:
        yield from expected_counts(account, world)
    for app, snapshot, withdrawn in world.values():
        yield from expected_app(app, snapshot, withdrawn)
        if not withdrawn:
            for one in snapshot.entries.values():
                yield from expected_number(app, one)


def expected_counts(account, world: World):
    rows = [
        one.now
        for app, snapshot, withdrawn in world.values()
        if app.account == account and not withdrawn
        for one in snapshot.entries.values()
    ]
    aliases = {"LINKED": "CONNECTED", "VERIFIED": "CONNECTED", "PAUSED": "RESTRICTED"}
    aliases |= {"UNLINKED": "DISCONNECTED", "OFFLINE": "DISCONNECTED"}
    for attribute, documented in (("quality_rating", QUALITY_RATING), ("status", STATUS), ("tier", TIERS)):
        counts = dict.fromkeys([*documented, "UNKNOWN", "OTHER"], 0)
        if attribute == "tier":
            counts["NONE"] = 0
        for row in rows:
            word = getattr(row, attribute)
            word = aliases.get(word, word) if attribute == "status" else word
            if attribute == "tier" and word in {"", "TIER_NOT_SET"}:
                word = "NONE"
            elif word in {"", "UNKNOW", "NA"}:
                word = "UNKNOWN"
            elif word not in documented and word != "UNKNOWN":
                word = "OTHER"
            counts[word] += 1
        for word, count in counts.items():
            yield f"nxcloud_numbers_by_{attribute}", {"account": account, attribute: word}, count


def expected_app(app, snapshot, withdrawn):
    own = {"account": app.account, "appkey": app.appkey}
    if snapshot.failure is not None:
        yield "nxcloud_app_up", own, 0
        yield "nxcloud_app_failure_info", {**own, "reason": "timeout", "code": ""}, 1
    elif snapshot.last_success is not None or snapshot.suspicion is not None:
        yield "nxcloud_app_up", own, 1
    if not withdrawn and (snapshot.last_success is not None or snapshot.entries):
        yield "nxcloud_app_numbers", own, len(snapshot.entries)
    yield "nxcloud_app_suspect", own, int(snapshot.suspicion is not None)
    if snapshot.last_success is not None:
        yield "nxcloud_app_last_success_timestamp_seconds", own, snapshot.last_success / 1000
    labels = dict(app.labels)
    names = [name for name in ("team", "te-am", "te.am") if name in labels]
    taken = ["label_team"] if "team" in labels else []
    for name in names:
        if name != "team":
            taken.append("label_te_am" if "label_te_am" not in taken else "label_te_am_conflict1")
    roster = {taken[place]: clean(labels[name]) for place, name in enumerate(names)}
    yield "nxcloud_app_info", {**own, "app_name": clean(app.name), **roster}, 1


def expected_number(app, one):
    row = one.now
    own = {
        "account": app.account,
        "appkey": app.appkey,
        "waba_id": clean(row.waba_id),
        "number": clean(row.number),
    }
    yield "nxcloud_number_quality_rating", own, quality_value(row.quality_rating)
    yield "nxcloud_number_status", own, status_value(row.status)
    yield "nxcloud_number_severity", own, int(one.severity)
    limit = tier_limit(row.tier)
    if limit is not None:
        yield "nxcloud_number_tier", own, inf if limit == inf else limit
    described = ("waba_name", "verified_name", "name_status", "code_verification_status", "register_status")
    yield (
        "nxcloud_number_info",
        {**own, "app_name": clean(app.name), **{name: clean(getattr(row, name)) for name in described}},
        1,
    )
