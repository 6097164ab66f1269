"""
number-monitor as it is, but people are told after half a second, once a second: production waits ten and sixty.

For tests of what happens over several messages; how long it really waits, tests of the desk and one of the system see.
"""

from monitor.__main__ import main
from monitor.delivery.people import first, gathering

if __name__ == "__main__":
    gathering.COLLECT = 500
    gathering.EVERY = 1_000
    first.ROUND_OVER = 1_000
    main()
