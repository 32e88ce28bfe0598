"""What a measurement may end with beside its tables: a goal that no machine is too slow for."""


class Missed(Exception):  # noqa: N818 - it says what the goal is
    """A goal that was missed; raised when the tables are printed."""
