"""What a start needs of the machine: folders that are there, addresses that can be opened.

What is missing is told by the option that asked for it, with what to do about it.
"""

import errno
import os
import socket
from collections.abc import Mapping
from typing import Final

from rolesanywhere.agent.gate import authority
from rolesanywhere.agent.server import listen

_ADVICE: Final[Mapping[int, str]] = {
    errno.EADDRINUSE: "give another port, or end the program that has it",
    errno.EACCES: "give a port above 1023",
}
_OTHER_ADVICE: Final = "give an address of this machine"


def require_folder(path: str, what: str, option: str) -> None:
    """Raise ``ValueError`` if the folder of a file, such as the "token" file, is not there."""
    folder = os.path.dirname(path) or "."  # noqa: PTH120 - pathlib costs the server memory
    if not os.path.isdir(folder):  # noqa: PTH112 - as above
        place = f"the folder of the {what} file {path}"
        message = f"{place} is not there: make it, or name another file with {option}"
        raise ValueError(message)


def open_address(
    option: str, address: tuple[str, int], *, hop_limit: int | None = None
) -> socket.socket:
    """Listen at the address that an option named. Raises ``ValueError`` that says both."""
    host, port = address
    try:
        return listen(host, port, hop_limit=hop_limit)
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, _OTHER_ADVICE)
        place = f"the address {authority(host, port)} of {option}"
        words = f"{place} cannot be opened: {error.strerror}; {advice}"
        raise ValueError(words) from error
