"""What a team's program may do with the credentials it finds: read S3, and nothing of EC2."""

from typing import Final

from hack.demo.pod import CONTENT, Said
from hack.demo.telling import Telling, expect, require

_DENIED: Final = "An error occurred (UnauthorizedOperation) when calling the DescribeInstances"


def check(telling: Telling, said: Said, *, role: str, serial: str) -> None:
    """Check a run: who the program was, that S3 was allowed, and EC2 denied."""
    everything = f"{said.output}{said.complaint}".strip() or "nothing"
    require(said.status == 0, "the program to end well", f"it ended {said.status}: {everything}")
    who = said.about("who_am_i")
    wanted = f"assumed-role/{role}/{serial}"
    require(
        who.endswith(f":{wanted}"),
        f"the program to be {wanted}, with the certificate's serial number for a session name",
        f"it is {who or 'nobody'}",
    )
    telling.fact("role", role)
    telling.fact("session", f"{serial} (the certificate's serial number)")
    expect(telling, "reads S3", said.about("read_report"), CONTENT)
    refusal = said.about("list_machines")
    require(
        refusal.startswith(_DENIED),
        f"EC2 to answer {_DENIED!r}",
        f"it answered {refusal or 'nothing'}",
    )
    telling.fact("lists EC2", "denied: UnauthorizedOperation")


def check_refused(telling: Telling, said: Said) -> None:
    """Check a run without credentials: it ends before it asks AWS for anything."""
    require(
        said.status != 0 and "AccessDeniedException" in said.complaint and not said.output,
        "the program to find no credentials, for AccessDeniedException",
        f"it said {said.output}{said.complaint}",
    )
    telling.fact("credentials", "none: the agent answers 503 SessionRefused, with AWS's words")
