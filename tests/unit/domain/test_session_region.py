"""The region of a session."""

import pytest

from rolesanywhere.domain.session_region import session_region

ANCHOR = "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/a"
PROFILE = "arn:aws:rolesanywhere:eu-west-1:111122223333:profile/p"


@pytest.mark.parametrize(
    ("anchor", "named", "region"),
    [
        (ANCHOR, None, "eu-west-1"),
        (ANCHOR, "", "eu-west-1"),
        (ANCHOR, "eu-central-1", "eu-central-1"),
        (ANCHOR.replace("arn:aws:", "arn:aws-cn:"), None, "eu-west-1"),
    ],
)
def test_it_is_the_anchors_unless_named(anchor: str, named: str | None, region: str) -> None:
    """In every partition."""
    assert session_region(anchor, PROFILE, named=named) == region


@pytest.mark.parametrize(
    ("anchor", "profile", "message"),
    [
        ("", PROFILE, "'' is not the ARN of a trust anchor"),
        ("arn:aws:iam::1:role/r", PROFILE, "is not the ARN of a trust anchor"),
        (ANCHOR.replace("eu-west-1", ""), PROFILE, "is not the ARN of a trust anchor"),
        (ANCHOR, "profile/p", "'profile/p' is not the ARN of a profile"),
        (ANCHOR, PROFILE.replace("west", "north"), "in eu-west-1, the profile in eu-north-1"),
    ],
)
def test_what_cannot_be_is_said(anchor: str, profile: str, message: str) -> None:
    """AWS would only say AccessDenied."""
    with pytest.raises(ValueError, match=r"ARN|profile") as caught:
        session_region(anchor, profile)
    assert message in str(caught.value)
