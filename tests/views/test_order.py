from hypothesis import given
from hypothesis import strategies as st

from monitor.fleet.app import App
from monitor.fleet.scales import Severity
from monitor.views.order import listed, worst, worst_first
from tests.metrics.known import entry, known

ENTRIES = [
    entry(Severity.CRITICAL, number="+1", status="BANNED"),
    entry(Severity.CRITICAL, number="+2", status="FLAGGED", quality_rating="RED"),
    entry(Severity.CRITICAL, number="+3", status="FLAGGED"),
    entry(Severity.CRITICAL, number="+4", quality_rating="RED"),
    entry(Severity.WARNING, number="+5", quality_rating="YELLOW"),
    entry(Severity.UNKNOWN, number="+6", quality_rating="", status=""),
    entry(Severity.OK, number="+7", quality_rating="RED"),
    entry(Severity.OK, number="+8"),
    entry(Severity.OK, number="+9"),
]


@given(st.permutations(ENTRIES))
def test_the_worst_comes_first_and_equals_come_in_one_order(entries):
    ordered = worst_first(listed([(App("main", "jh42"), known(*entries))]))

    assert [one.entry.now.number for one in ordered] == [f"+{place}" for place in range(1, 10)]


@given(st.permutations([("a", "2"), ("a", "1"), ("b", "1")]))
def test_equals_are_ordered_by_where_they_belong(keys):
    ordered = worst_first(listed([(App(*key), known(entry())) for key in keys]))

    assert [one.app.key for one in ordered] == [("a", "1"), ("a", "2"), ("b", "1")]


def test_the_worst_of_nothing_is_unknown():
    assert (worst([]), worst([Severity.OK, Severity.UNKNOWN, Severity.WARNING])) == (
        Severity.UNKNOWN,
        Severity.WARNING,
    )
