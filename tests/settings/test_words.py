"""The copies of the domain's words that settings keeps are those of the domain."""

from monitor.delivery.people import rules
from monitor.fleet import attributes, event, ignoring, policy, scales
from monitor.settings import model, people_sinks, words
from monitor.settings.store_url import StoreUrl


def test_the_states_are_those_of_the_scales():
    assert {"quality_rating": tuple(scales.QUALITY_RATING), "status": tuple(scales.STATUS)} == words.STATES


def test_the_types_and_attributes_of_events_are_the_fleets():
    assert tuple(event.EVENT_TYPES) == words.EVENT_TYPES
    assert (*attributes.ATTRIBUTES, ignoring.IGNORED) == words.EVENT_ATTRIBUTES


def test_the_default_dwell_is_the_policys():
    assert model.DEFAULT_DWELL == policy.DEFAULT_DWELL


def test_the_defaults_of_judging_are_the_policys():
    default = policy.Policy()
    poll = model.Poll()

    assert (poll.confirm_removal, poll.confirm_removal_for_ms) == (default.confirm_removal, default.confirm_removal_for)
    assert model.Events().recovery_dwell_ms == default.recovery_dwell
    assert model.Store(url=StoreUrl(("sqlite:////n.db",))).retention_ms == default.retention
    assert model.People().language == default.language


def test_what_people_are_told_late_is_as_delivery_has_it():
    assert people_sinks.DEFAULT_SETTLE == rules.DEFAULT_SETTLE
