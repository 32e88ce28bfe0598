"""Why ``credential-process`` has nothing to print. Its own module, since it costs no import."""

UNUSABLE = 1  # exit status: what is here will not do
USAGE = 2
REFUSED = 3  # AWS says no
NOT_IN_TIME = 4  # AWS says nothing of use
INTERRUPTED = 130  # as a shell says it of a command that SIGINT ended


class NoSession(Exception):  # noqa: N818 - it says what there is not
    """No session: the message for people, the exit status for programs."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
