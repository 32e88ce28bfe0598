"""What goes wrong in the demo, said to a person."""


class DemoError(Exception):
    """The demo cannot go on; the message says what to do."""


class ExpectationError(DemoError):
    """A step does not hold: "expected … but …"."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, but {found}")


class StepFailedError(DemoError):
    """A step of the story failed; the message names it."""

    def __init__(self, number: int, title: str, why: str) -> None:
        super().__init__(f"step {number} ({title}): {why}")
