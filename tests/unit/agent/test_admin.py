"""What the second port says to whoever asks for readiness."""

import pytest
from tests.unit.agent.heads import read

from rolesanywhere.agent.admin import Admin

REQUEST = read(b"GET", b"/readyz")


@pytest.mark.parametrize(
    ("lacking", "status", "body"),
    [
        ("", 200, b"ok\n"),
        ("no credentials for a\n/x: no room", 503, b"no credentials for a\n/x: no room\n"),
        ("/\udcff: no room", 503, b"/?: no room\n"),
    ],
)
def test_what_is_missing_to_be_ready_is_said(lacking: str, status: int, body: bytes) -> None:
    """`kubectl describe` shows it with the failed probe."""
    admin = Admin(lacking=lambda: lacking, metrics=bytes)
    reply = admin.answer(REQUEST)
    assert (reply.status, reply.body) == (status, body)
