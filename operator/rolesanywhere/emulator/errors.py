"""The one error type of the emulator: AWS's code, AWS's words, an HTTP status.

How it looks on the wire is the protocol's business (``http``).
"""


class AwsError(Exception):
    """A refusal as AWS would word it. ``because`` is for whoever runs the emulator, never sent.

    The wire shows ``code`` and ``message`` only: AWS does not tell a caller which predicate of a
    trust policy failed, and neither does its emulator.
    """

    def __init__(
        self, code: str, message: str, *, status: int = 400, because: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.because = because
