"""The state between two runs, in a file only its owner reads: it holds private keys."""

import json
import os
import tempfile
from pathlib import Path

from rolesanywhere.emulator.control.controlled import Controlled, UnusableSnapshot


def load_state(account: Controlled, path: Path) -> bool:
    """Load a file, if it is there. Raises ``UnusableSnapshot`` and ``OSError``."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return False
    try:
        read = json.loads(text)
    except ValueError as error:
        message = f"{path} is no JSON"
        raise UnusableSnapshot(message) from error
    if not isinstance(read, dict):
        message = f"{path} holds no state"
        raise UnusableSnapshot(message)
    account.load(read)
    return True


def save_state(account: Controlled, path: Path) -> None:
    """Write the file as a whole or not at all, mode 0600. Raises ``OSError``."""
    text = json.dumps(account.snapshot(), default=str)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
