"""Chance."""

from rolesanywhere.agent.chance import draw


def test_draws_differ() -> None:
    """What is due for many agents at once is done by each at a moment of its own."""
    drawn = {draw() for _ in range(20)}
    assert len(drawn) > 10
    assert all(0 <= each < 1 for each in drawn)
