"""Our own writes of trust policies outlive IAM's lag, and hide nobody else's."""

from typing import Any

import pytest

from rolesanywhere.aws.trust_memory import SETTLE_SECONDS, TrustMemory


def policy(*sids: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Sid": sid, "Effect": "Allow"} for sid in sids]}


class Clock:
    """Monotonic seconds, set by the test."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Give them."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory(clock: Clock) -> TrustMemory:
    """Remember that A's policy was replaced by one of A and B, and this by one of A, B and C."""
    memory = TrustMemory(clock=clock)
    memory.note("reports", policy("A", "B"), policy("A"))
    memory.note("reports", policy("A", "B", "C"), policy("A", "B"))
    return memory


@pytest.mark.parametrize(
    ("read", "freshest"),
    [
        (policy("A"), policy("A", "B", "C")),
        (policy("A", "B"), policy("A", "B", "C")),
        (policy("A", "B", "C"), policy("A", "B", "C")),
        (policy("A", "B", "C", "Theirs"), policy("A", "B", "C", "Theirs")),
        (policy("Theirs"), policy("Theirs")),
    ],
    ids=["two writes behind", "one behind", "up to date", "somebody added", "somebody replaced"],
)
def test_a_read_that_lags_gives_our_last_write(
    memory: TrustMemory, read: dict[str, Any], freshest: dict[str, Any]
) -> None:
    """What our own writes replaced is stale; a policy never seen is somebody's newer one."""
    assert memory.freshest("reports", read) == freshest


def test_another_role_is_not_meant(memory: TrustMemory) -> None:
    """Two roles may have had the same policy."""
    assert memory.freshest("orders", policy("A")) == policy("A")


def test_after_a_while_iam_is_right(memory: TrustMemory, clock: Clock) -> None:
    """Somebody may have gone back to the policy of before."""
    clock.seconds = SETTLE_SECONDS
    assert memory.freshest("reports", policy("A")) == policy("A")


def test_a_deleted_role_is_forgotten(memory: TrustMemory) -> None:
    """A new role of the name has its own history."""
    memory.forget("reports")
    assert memory.freshest("reports", policy("A")) == policy("A")
