"""What holds for every test."""

from hypothesis import settings

# No test fails because a machine is slow: a deadline is a timed assertion.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
