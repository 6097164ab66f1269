"""The clocks of this machine, for the composition root and the commands to hand to everything else."""

import time


def wall_clock() -> int:
    """Milliseconds since 1970, UTC; may be set while we run."""
    return time.time_ns() // 1_000_000


monotonic = time.monotonic  #: seconds; never set
