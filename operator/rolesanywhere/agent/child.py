"""A child process with a deadline, whose standard output is collected without blocking.

It is told its task on standard input: arguments and environment of a process can be read by
others. It inherits standard error. Not ``subprocess``: the server needs none of its threads.
"""

import os
import signal
from collections.abc import Callable, Mapping
from typing import Final

from rolesanywhere.agent.poller import READ, Poller

_LARGEST_OUTPUT: Final = 1 << 16  # bytes


class Child:
    """One run of a program. ``ended`` is called once with all output and the exit status."""

    def __init__(
        self,
        command: list[str],
        *,
        task: bytes,
        environment: Mapping[str, str],
        poller: Poller,
        deadline: float,
        ended: Callable[[bytes, int], None],
    ) -> None:
        """Start the program. ``deadline`` is for the owner to keep. Raises ``OSError``."""
        self.deadline = deadline
        self._poller = poller
        self._ended = ended
        self._output = b""
        self._reader, writer = os.pipe()
        try:
            self._pid = _spawn(command, task, environment, writer)
        except OSError:
            os.close(self._reader)
            raise
        finally:
            os.close(writer)
        os.set_blocking(self._reader, False)
        poller.register(self._reader, READ, self._on_event)

    def stop(self) -> int:
        """Kill the program if it still runs, and give its exit status (negative: the signal)."""
        self._poller.unregister(self._reader)
        os.close(self._reader)
        os.kill(self._pid, signal.SIGKILL)  # ours until waited for: the id cannot be another's
        _, status = os.waitpid(self._pid, 0)
        return os.waitstatus_to_exitcode(status)

    def _on_event(self) -> bool:
        """Collect output; True at the end, which is what the owner waits for."""
        chunk = os.read(self._reader, _LARGEST_OUTPUT)
        self._output += chunk
        if not chunk or len(self._output) > _LARGEST_OUTPUT:
            self._ended(self._output, self.stop())
            return True
        return False


def _spawn(command: list[str], task: bytes, environment: Mapping[str, str], output: int) -> int:
    """Start a program that finds its task on standard input; gives its id. Raises ``OSError``."""
    reader, writer = os.pipe()
    try:
        _fill(writer, task)
        return os.posix_spawn(
            command[0],
            command,
            environment,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, reader, 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
            ],
            setsigdef=[signal.SIGPIPE],
        )
    finally:
        os.close(reader)
        os.close(writer)


def _fill(writer: int, task: bytes) -> None:
    """Write a task that nobody reads yet: what a pipe takes at once, mostly 64 KiB, or nothing."""
    os.set_blocking(writer, False)
    if os.write(writer, task) < len(task):
        message = f"its task of {len(task)} bytes is more than a pipe takes"
        raise OSError(0, message)
