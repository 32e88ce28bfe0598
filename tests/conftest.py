"""How all processes of the tests run: they seldom look for garbage among all objects there are.

AWS's service models and thousands of collected tests are among them, the process lives for a
minute, and a fifth of all time was spent on finding next to nothing.
"""

import atexit
import gc

YOUNG, MIDDLE, _ = gc.get_threshold()
gc.set_threshold(YOUNG, MIDDLE, 1000)  # of the middle generation's collections, instead of 10
atexit.register(gc.freeze)  # pytest has looked by then


def pytest_collection_finish() -> None:
    """Leave what stays until the end out of all collections, pytest's last ones included."""
    gc.freeze()
