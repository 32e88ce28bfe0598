"""IP addresses as text."""

import pytest

from rolesanywhere.domain.addresses import is_loopback


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("10.0.0.7", False),
        ("0.0.0.2", False),
        ("::", False),
        ("localhost", False),
        ("[::1]", False),
        ("", False),
    ],
)
def test_loopback(text: str, *, found: bool) -> None:
    """Whatever is no such address is not, names among it."""
    assert is_loopback(text) is found
