"""The server process: started by ``launch``, holds credentials, never a private key."""

import sys
from collections.abc import Sequence
from typing import Final

from rolesanywhere.agent.options import parse
from rolesanywhere.agent.standard_stream import say
from rolesanywhere.agent.wiring import Agent
from rolesanywhere.pki.seclusion import seclude

_CANNOT_START: Final = 1


def main(arguments: Sequence[str], roots: str) -> int:
    """Run the agent; ``roots`` are the folders the exchange imports from. Gives the exit status."""
    options = parse(arguments)
    seclude(dies_with_parent=False)
    try:
        agent = Agent(options, roots)
    except (OSError, ValueError) as error:
        say(sys.stderr, f"rolesanywhere agent: {_words(error)}\n")
        return _CANNOT_START
    return agent.run()


def _words(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename} cannot be used: {error.strerror}"
    return str(error)
