"""How a fake service answers a call of boto3: by the method of the operation's name, or a code."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from botocore import xform_name

Given = Mapping[str, Any]
Shape = dict[str, Any]  # an answer as AWS's models have it


class Code(StrEnum):
    """AWS's words for what it refuses."""

    MISSING = "NoSuchEntity"
    TAKEN = "EntityAlreadyExists"
    IN_USE = "DeleteConflict"
    NOT_YET = "RequestInProgressException"


class Refused(Exception):  # noqa: N818 - as it reads where it is raised
    """The answer is this error."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


class Answers:
    """A service. Each operation is a private method in boto3's spelling: ``_get_role``."""

    def answer(self, call: str, given: Given) -> Shape:
        """Carry an operation out. Raises ``Refused``."""
        found: Shape | None = getattr(self, f"_{xform_name(call)}")(given)
        return found or {}
