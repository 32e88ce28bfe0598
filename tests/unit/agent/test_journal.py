"""The agent's log, and readers who do not read."""

import json
import os
from pathlib import Path

import pytest

from rolesanywhere.agent.journal import Journal


@pytest.mark.timeout(10)  # who waits for a reader waits for ever
def test_a_reader_that_stopped_reading_stops_nobody() -> None:
    """Lines are dropped while the pipe is full; when there is room they come again."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stream:
        journal = Journal(stream, lambda: 0.0)
        for number in range(5000):
            journal.info("full", number=number)
        os.read(reader, 1 << 20)
        journal.info("room")
        last = os.read(reader, 1 << 20).splitlines()[-1]
    os.close(reader)
    assert json.loads(last)["event"] == "room"


def test_a_stream_that_was_never_open_is_no_hindrance() -> None:
    """Python has None for a standard error that is closed at the start."""
    Journal(None, lambda: 0.0).info("unheard")


def test_nothing_is_left_to_be_written_later() -> None:
    """The interpreter would do it at its end, and fail where the disk is full."""
    with Path("/dev/full").open("w") as stream:  # closing it writes what is left
        Journal(stream, lambda: 0.0).info("unheard")
