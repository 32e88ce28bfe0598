"""The exchange's report: what AWS and the files said, in the server's terms."""

from datetime import UTC, datetime
from functools import partial

import pytest
from tests.flow.agent_process import MountedSecret
from tests.flow.scripted_aws import Behaviour, ScriptedAws, refused

from rolesanywhere.agent.exchange import exchange
from rolesanywhere.agent.launch import write_task
from rolesanywhere.agent.report import Failure, read


def failure_of(secret: MountedSecret) -> Failure:
    """Run one exchange here; gives what its report says."""
    task = write_task({"folder": str(secret.root)}, {})
    said = read(exchange(task, now=partial(datetime.now, UTC)), clock=0.0)
    assert isinstance(said, Failure)
    return said


@pytest.mark.parametrize(
    ("behaviour", "reason", "is_refused", "retry_after"),
    [
        (refused(403, "AccessDeniedException", "no"), "SessionRefused", True, None),
        (refused(429, "TooMany", "slow", {"Retry-After": "17"}), "Throttled", False, 17.0),
        (refused(503, "Unavailable", "later", {"Retry-After": "3"}), "AWSUnavailable", False, 3.0),
        (refused(503, "Unavailable", "later"), "AWSUnavailable", False, None),
    ],
)
def test_what_aws_said_reaches_the_report(
    aws: ScriptedAws,
    secret: MountedSecret,
    behaviour: Behaviour,
    reason: str,
    *,
    is_refused: bool,
    retry_after: float | None,
) -> None:
    """The server decides by it when to ask again."""
    aws.then(behaviour)
    said = failure_of(secret)
    assert (said.reason, said.refused, said.retry_after) == (reason, is_refused, retry_after)
