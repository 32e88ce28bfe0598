"""The region a session is asked for in."""

import pytest

from rolesanywhere.domain.session_region import session_region

ANCHOR = "arn:aws:rolesanywhere:eu-west-1:123456789012:trust-anchor/a"
PROFILE = "arn:aws:rolesanywhere:eu-west-1:123456789012:profile/p"


@pytest.mark.parametrize(
    ("named", "region"), [(None, "eu-west-1"), ("", "eu-west-1"), ("eu-west-2", "eu-west-2")]
)
def test_the_arns_tell_the_region(named: str | None, region: str) -> None:
    """Unless one is named: a VPC endpoint of another region, say."""
    assert session_region(ANCHOR, PROFILE, named=named) == region


@pytest.mark.parametrize(
    ("anchor", "profile", "told"),
    [
        (
            ANCHOR,
            PROFILE.replace("eu-west-1", "eu-west-2"),
            "the trust anchor is in eu-west-1, the profile in eu-west-2: both must be in one",
        ),
        ("anchor", PROFILE, "'anchor' is not the ARN of a trust anchor of Roles Anywhere"),
        (ANCHOR, "arn:aws:iam::1:role/a", "is not the ARN of a profile of Roles Anywhere"),
        (ANCHOR.replace("arn:", "urn:"), PROFILE, "is not the ARN of a trust anchor"),
        (ANCHOR.replace("eu-west-1", ""), PROFILE, "is not the ARN of a trust anchor"),
    ],
)
def test_arns_that_cannot_work_are_named(anchor: str, profile: str, told: str) -> None:
    """AWS would only say AccessDenied."""
    with pytest.raises(ValueError, match=told):
        session_region(anchor, profile)
