"""A child process with a deadline, whose standard output is collected without blocking.

The child inherits the environment and standard error. Not ``subprocess``: the server needs none
of its threads and pipes.
"""

import os
import signal
from collections.abc import Callable
from selectors import EVENT_READ, BaseSelector
from typing import Final

_LARGEST_OUTPUT: Final = 1 << 16  # bytes


class Child:
    """One run of a program. ``ended`` is called once with all output and the exit status."""

    def __init__(
        self,
        command: list[str],
        *,
        selector: BaseSelector,
        deadline: float,
        ended: Callable[[bytes, int], None],
    ) -> None:
        """Start the program. ``deadline`` is for the owner to keep. Raises ``OSError``."""
        self.deadline = deadline
        self._selector = selector
        self._ended = ended
        self._output = b""
        self._reader, writer = os.pipe()
        try:
            self._pid = os.posix_spawn(
                command[0],
                command,
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, writer, 1),
                ],
                setsigdef=[signal.SIGPIPE],
            )
        except OSError:
            os.close(self._reader)
            raise
        finally:
            os.close(writer)
        os.set_blocking(self._reader, False)
        selector.register(self._reader, EVENT_READ, self._on_event)

    def stop(self) -> int:
        """Kill the program if it still runs, and give its exit status (negative: the signal)."""
        self._selector.unregister(self._reader)
        os.close(self._reader)
        os.kill(self._pid, signal.SIGKILL)  # ours until waited for: the id cannot be another's
        _, status = os.waitpid(self._pid, 0)
        return os.waitstatus_to_exitcode(status)

    def _on_event(self, _mask: int) -> None:
        chunk = os.read(self._reader, _LARGEST_OUTPUT)
        self._output += chunk
        if not chunk or len(self._output) > _LARGEST_OUTPUT:
            self._ended(self._output, self.stop())
