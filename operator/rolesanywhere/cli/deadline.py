"""A bound on what knows none: name resolution, which no timeout ends and no signal interrupts."""

import os
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """Do it in a thread and give its result, or raise what it raises.

    Raises ``TimeoutError`` after so many seconds; the thread is then left to itself (``leave``).
    """
    results: list[Result] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    for error in errors:
        raise error
    for result in results:
        return result
    message = f"not done within {seconds:.0f} seconds"
    raise TimeoutError(message)


def leave(status: int) -> int:
    """End the process at once if a thread was left to itself; else give the status back.

    What was said must have been flushed. An ordinary end would clean up OpenSSL while that thread
    may be in it.
    """
    if threading.active_count() > 1:
        os._exit(status)
    return status
