"""Ten thousand hostile answers: nothing breaks, nothing that cannot be parsed is shown, no sample comes twice."""

from collections import Counter

import pytest

from monitor.fleet.answer import FailureReason
from monitor.fleet.app import App
from monitor.metrics.exposition import Exposition
from tests.fuzz.course import INPUTS, Course
from tests.fuzz.shown import check_quickly, check_with_parsers, check_with_promtool
from tests.metrics.known import SHOP_ONE, entry, known
from tests.system.conftest import command  # noqa: F401  # a fixture

SEED = 20261123  #: another one each time is `python -m benchmarks fuzz`'s to try
GROUPS = 10
COURSES = 10_000 // INPUTS // GROUPS
THOROUGH = 4  #: every so many-th course is read by real parsers


@pytest.mark.parametrize("group", range(GROUPS))
async def test_whatever_is_answered_is_survived_and_shown_as_it_should_be(group):
    found: Counter[str] = Counter()
    for index in range(group * COURSES, (group + 1) * COURSES):
        course = Course(SEED, index)
        try:
            await course.run(thoroughly=index % THOROUGH == 0)
        except Exception as error:
            error.add_note(f"python -m benchmarks.fuzz {SEED} {index} repeats it")
            raise
        found += course.found

    assert min(found[kind] for kind in ("answered", "unchanged", "events", FailureReason.DECODE, FailureReason.SCHEMA))


async def test_a_course_is_the_same_again():
    first, second = Course(SEED, 7), Course(SEED, 7)
    await first.run(thoroughly=False)
    await second.run(thoroughly=False)

    assert first.found == second.found
    assert list(first.exposition.pieces(openmetrics=False)) == list(second.exposition.pieces(openmetrics=False))


async def test_prometheus_own_parser_reads_it_too(command):  # noqa: F811
    promtool = command("promtool")
    for index in range(3):
        course = Course(SEED, index)
        await course.run(thoroughly=False)

        check_with_promtool(course.exposition, promtool)


class Forged(Exposition):
    """Shows what it should not."""

    def __init__(self, text: bytes) -> None:
        super().__init__(number_series=["severity"])
        self.replace(SHOP_ONE, known(entry()))
        self.replace(App("main", "b"), known(entry()))
        self._text = text

    def pieces(self, *, openmetrics):
        yield from super().pieces(openmetrics=openmetrics)
        yield self._text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b'nxcloud_app_info{account="main",appkey="b",app_name=""} 1\n', id="twice"),
        pytest.param(b'nxcloud_app_info{account="a\nb"} 1\n', id="a line within a value"),
        pytest.param(b'nxcloud_app_info{account="a"b"} 1\n', id="a quote within a value"),
        pytest.param(b'nxcloud_app_info{account="a\\b"} 1\n', id="an escape that there is not"),
        pytest.param(b'nxcloud_app_info{account="a"} one\n', id="no number"),
        pytest.param(b'nxcloud_app_info{account="a"} 1', id="no end"),
        pytest.param(b'nxcloud_app_info{account="\xff"} 1\n', id="no text"),
    ],
)
def test_what_should_not_be_shown_is_found(text):
    check_quickly(Forged(b""))

    with pytest.raises((AssertionError, UnicodeDecodeError)):
        check_quickly(Forged(text))


def test_the_parsers_find_a_sample_that_comes_twice():
    with pytest.raises((AssertionError, ValueError)):
        check_with_parsers(Forged(b'nxcloud_app_info{account="main",appkey="b",app_name=""} 1\n'))
