"""How all processes of the tests run: they seldom look for garbage, least among all objects.

AWS's service models and thousands of collected tests are among them, the process lives for a
minute, and a quarter of all time was spent on finding next to nothing.
"""

import atexit
import gc

gc.set_threshold(50_000, 20, 1000)  # instead of 700 new objects, 10 and 10 collections
atexit.register(gc.freeze)  # pytest has looked by then


def pytest_collection_finish() -> None:
    """Leave what stays until the end out of all collections, pytest's last ones included."""
    gc.freeze()
