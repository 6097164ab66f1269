import pytest

from monitor.views.relative import relative

NOW = 1_795_420_800_000
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (0, "now"),
        (999, "now"),
        (SECOND, "1 s ago"),
        (59 * SECOND, "59 s ago"),
        (MINUTE, "1 min ago"),
        (HOUR - 1, "59 min ago"),
        (HOUR, "1 h ago"),
        (2 * DAY - 1, "47 h ago"),
        (2 * DAY, "2 d ago"),
        (400 * DAY, "400 d ago"),
        (-5 * MINUTE, "in 5 min"),
        (-500, "now"),
    ],
)
def test_how_long_ago_a_moment_was(before, said):
    assert relative(NOW - before, NOW) == said
