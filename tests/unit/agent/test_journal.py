"""The agent's log, and readers who do not read."""

import json
import os

from rolesanywhere.agent.journal import Journal


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
