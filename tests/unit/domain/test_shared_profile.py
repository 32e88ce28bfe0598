"""Names of profiles in the AWS shared credentials file."""

import pytest

from rolesanywhere.domain.shared_profile import is_profile_name


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("shop_1.eu-2", True),
        ("my profile", True),
        ("\xe9t\xe9", True),
        ("", False),
        ("a ", False),
        ("\ta", False),
        ("[a", False),
        ("a]", False),
        ("a\nb", False),
        ("a\rb", False),
        ("a\x1bb", False),
    ],
)
def test_a_name_stands_between_brackets_on_a_line(name: str, *, is_one: bool) -> None:
    """Whatever else it held would be another profile's, or a setting, to whoever reads the file."""
    assert is_profile_name(name) is is_one
