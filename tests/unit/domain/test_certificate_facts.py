"""Names and serials of certificates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.facts import name

from rolesanywhere.domain.certificate import serial_hex


def test_a_name_gives_the_first_value() -> None:
    """An attribute may be repeated; the first in certificate order counts."""
    subject = name(("OU", "Security"), ("CN", "web"), ("OU", "Research"))
    assert subject.first("OU") == "Security"
    assert subject.first("O") is None


@pytest.mark.parametrize(("serial", "text"), [(1, "01"), (0xAB, "ab"), (291, "0123"), (0, "00")])
def test_serials_are_written_as_roles_anywhere_does(serial: int, text: str) -> None:
    """Lower-case hex of even length: 291 is 0123."""
    assert serial_hex(serial) == text


@given(st.integers(min_value=1, max_value=2**160 - 1))
def test_serials_keep_their_value(serial: int) -> None:
    """Whatever the padding, it is the same number."""
    text = serial_hex(serial)
    assert int(text, 16) == serial
    assert len(text) % 2 == 0
    assert text == text.lower()
