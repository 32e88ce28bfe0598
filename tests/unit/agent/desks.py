"""A desk behind a gate, for tests of everything else about gates."""

from rolesanywhere.agent.reply import Reply
from rolesanywhere.agent.request import Request


class Desk:
    """Answers everything, with as much as it is told to."""

    def __init__(self) -> None:
        self.body = b"fine"

    def answer(self, request: Request) -> Reply:
        """Answer."""
        assert request.method == b"GET"
        return Reply(200, self.body)
