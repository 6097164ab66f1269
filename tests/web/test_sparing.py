"""What strangers cause is answered and told in measure."""

import structlog

from monitor.web.admission import Rate
from monitor.web.sparing import LINES, SparingLog, TokenBucket


def test_tokens_come_back_with_time_up_to_the_burst():
    now = [0.0]
    bucket = TokenBucket(Rate(interval=2, burst=2), monotonic=lambda: now[0])

    def taken() -> list[bool]:
        return [bucket.take() for _ in range(3)]

    first = taken()
    now[0] = 2.0
    after_one_interval = taken()
    now[0] = 1000.0

    assert (first, after_one_interval, taken()) == ([True, True, False], [True, False, False], [True, True, False])


def test_strangers_cannot_fill_the_log_and_nothing_is_kept_quiet():
    now = [0.0]
    with structlog.testing.capture_logs() as lines:
        log = SparingLog(structlog.get_logger(), monotonic=lambda: now[0])
        for _ in range(1_000):
            log.warning("password refused", address="192.0.2.7")
        now[0] = LINES.interval
        log.warning("password refused", address="192.0.2.8")

    assert len(lines) == LINES.burst + 1
    assert (lines[-1]["untold_before"], lines[-1]["address"]) == (1_000 - LINES.burst, "192.0.2.8")
    assert "untold_before" not in lines[0]
