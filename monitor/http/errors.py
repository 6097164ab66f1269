"""Why nobody can be called, whoever it is."""


class CannotCallOut(ValueError):
    """Something on the way out is not as it must be; the message is one line without a secret."""
