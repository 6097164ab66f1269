import pytest
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from monitor.fleet.answer import FailureReason
from monitor.fleet.event import EVENT_TYPES
from monitor.metrics.instruments import Instruments, Registry

ATTRIBUTES = ("quality_rating", "status")


@pytest.fixture
def registry():
    return Registry()


@pytest.fixture
def instruments(registry):
    return Instruments(
        registry,
        version="0.1.0",
        revision="abc",
        failure_reasons=FailureReason,
        event_types=EVENT_TYPES,
        attributes=ATTRIBUTES,
    )


def samples(registry, prefix):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name.startswith(prefix)
    }


def test_every_known_label_set_of_an_account_starts_at_zero(registry, instruments):
    instruments.add_account("main")

    shown = samples(registry, "number_monitor_")
    assert {name[2] for name in shown if name[0] == "number_monitor_poll_failures_total"} == set(FailureReason)
    assert {name[2:] for name in shown if name[0] == "number_monitor_events_total"} == {
        (kind, severity) for kind, severities in EVENT_TYPES.items() for severity in severities
    }
    assert {name[2] for name in shown if name[0] == "number_monitor_unmapped_values_total"} == set(ATTRIBUTES)
    assert {name[2] for name in shown if name[0] == "number_monitor_account_paused"} == {
        "throttled",
        "auth",
        "unreachable",
    }
    for name in ("polls_total", "calls_total", "suspect_answers_total", "polls_waiting", "apps"):
        assert shown[f"number_monitor_{name}", "main"] == 0
    for name in ("call_duration_seconds", "poll_lateness_seconds"):
        assert shown[f"number_monitor_{name}_count", "main"] == 0


def test_every_known_label_set_of_a_sink_starts_at_zero(registry, instruments):
    instruments.add_sink("ops")

    shown = samples(registry, "number_monitor_")
    assert {name[2] for name in shown if name[0] == "number_monitor_delivery_failures_total"} == {
        "refused",
        "throttled",
        "unavailable",
        "timeout",
    }
    for name in ("deliveries_total", "deliveries_dead_total", "delivery_backlog", "dead_letters"):
        assert shown[f"number_monitor_{name}", "ops"] == 0


def test_an_account_that_is_added_again_keeps_its_counts(registry, instruments):
    instruments.add_account("main")
    instruments.polls.labels("main").inc()
    instruments.add_account("main")

    assert samples(registry, "number_monitor_polls_total") == {("number_monitor_polls_total", "main"): 1}


def everything_measured(instruments):
    """Every metric with at least one sample."""
    instruments.add_account("main")
    instruments.add_sink("ops")
    instruments.poll_interval.labels("main").set(60)
    instruments.rate_limit.labels("main").set(20)
    instruments.clock_skew.labels("main").set(-0.25)
    instruments.app_source_up.labels("main", "file").set(1)
    instruments.app_source_last_success.labels("main", "file").set(1_795_420_812)
    instruments.delivery_oldest.labels("ops").set(1_795_420_812)
    instruments.config_reload_success_time.set(1_795_420_812)


def test_an_account_that_left_leaves_nothing(registry, instruments):
    before = samples(registry, "number_monitor_")
    everything_measured(instruments)
    instruments.remove_sink("ops")
    instruments.config_reload_success_time.set(0)
    instruments.remove_account("main")

    assert samples(registry, "number_monitor_") == before


def test_a_sink_that_left_leaves_nothing(registry, instruments):
    instruments.add_account("main")
    before = samples(registry, "number_monitor_")
    instruments.add_sink("ops")
    instruments.delivery_oldest.labels("ops").set(5)
    instruments.remove_sink("ops")

    assert samples(registry, "number_monitor_") == before


def test_a_time_stamp_has_no_sample_before_it_has_a_value(registry, instruments):
    instruments.add_account("main")
    instruments.add_sink("ops")

    assert [name for name in samples(registry, "number_monitor_") if name[0].endswith("_timestamp_seconds")] == []


def test_a_time_stamp_that_is_over_has_no_sample(registry, instruments):
    instruments.delivery_oldest.labels("ops").set(1_795_420_812)
    instruments.delivery_oldest.labels("ops").set(0)

    assert samples(registry, "number_monitor_delivery_oldest") == {}


def test_what_was_never_measured_has_no_sample(registry, instruments):
    instruments.add_account("main")

    assert samples(registry, "number_monitor_clock_skew") == {}


def test_the_build_names_its_versions(registry, instruments):
    (names,) = samples(registry, "number_monitor_build_info")

    assert names[:3] == ("number_monitor_build_info", "0.1.0", "abc")


def test_the_process_is_measured_too(registry, instruments):
    names = {name[0] for name in samples(registry, "p")}

    assert {"process_resident_memory_bytes", "process_start_time_seconds", "python_info"} <= names
    assert "python_gc_collections_total" in names


def test_no_created_samples_are_shown_and_other_registries_keep_theirs(registry, instruments):
    everything_measured(instruments)
    other = CollectorRegistry()
    Counter("other_total", "Somebody else's.", registry=other).inc()

    assert b"_created" not in generate_latest(registry)
    assert b"_created" not in generate_openmetrics(registry)
    assert b"other_created" in generate_latest(other)


def test_both_parsers_read_the_same_samples(registry, instruments):
    everything_measured(instruments)

    plain = own_samples(parse_text(generate_latest(registry).decode()))
    openmetrics = own_samples(parse_openmetrics(generate_openmetrics(registry).decode()))

    assert plain == openmetrics


def own_samples(families):
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
        if sample.name.startswith("number_monitor_")
    }
