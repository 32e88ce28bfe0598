"""Hosts of Roles Anywhere by region."""

import pytest

from rolesanywhere.domain.endpoints import roles_anywhere_host
from rolesanywhere.domain.trouble import Refusal


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("ap-northeast-1", "rolesanywhere.ap-northeast-1.amazonaws.com"),
        ("us-gov-west-1", "rolesanywhere.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "rolesanywhere.cn-north-1.amazonaws.com.cn"),
        ("eusc-de-east-1", "rolesanywhere.eusc-de-east-1.amazonaws.eu"),
        ("us-iso-east-1", "rolesanywhere.us-iso-east-1.c2s.ic.gov"),
        ("us-isob-east-1", "rolesanywhere.us-isob-east-1.sc2s.sgov.gov"),
        ("eu-isoe-west-1", "rolesanywhere.eu-isoe-west-1.cloud.adc-e.uk"),
        ("us-isof-south-1", "rolesanywhere.us-isof-south-1.csp.hci.ic.gov"),
        ("xy-new-7", "rolesanywhere.xy-new-7.amazonaws.com"),
    ],
)
def test_every_partition_has_its_suffix(region: str, host: str) -> None:
    """A region's prefix picks the partition's DNS suffix."""
    assert roles_anywhere_host(region) == host


@pytest.mark.parametrize(
    ("region", "fips", "dual_stack", "host"),
    [
        ("us-east-1", True, False, "rolesanywhere-fips.us-east-1.amazonaws.com"),
        ("us-east-1", False, True, "rolesanywhere.us-east-1.api.aws"),
        ("us-gov-east-1", True, True, "rolesanywhere-fips.us-gov-east-1.api.aws"),
        ("cn-north-1", False, True, "rolesanywhere.cn-north-1.api.amazonwebservices.com.cn"),
    ],
)
def test_variants_have_names_of_their_own(
    region: str, *, fips: bool, dual_stack: bool, host: str
) -> None:
    """FIPS changes the service's label, dual stack the suffix."""
    assert roles_anywhere_host(region, fips=fips, dual_stack=dual_stack) == host


@pytest.mark.parametrize(
    "region", ["", "eu", "eu-west-1.evil.example", "eu-west-1/", "EU-WEST-1", "eu-west-1\n"]
)
def test_what_is_no_region_never_becomes_a_host(region: str) -> None:
    """A region comes from a file: it must not be able to name another host."""
    with pytest.raises(Refusal, match="is not an AWS region"):
        roles_anywhere_host(region)


def test_a_missing_variant_is_named() -> None:
    """A partition without IPv6 says so instead of inventing a host."""
    with pytest.raises(Refusal, match="eu-isoe-west-1 has no dual-stack endpoints"):
        roles_anywhere_host("eu-isoe-west-1", dual_stack=True)
