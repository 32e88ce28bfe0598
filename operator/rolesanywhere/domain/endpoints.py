"""Where Roles Anywhere answers: host names by region, partition and variant.

Pure. The suffixes are those of botocore's ``endpoints`` and ``partitions`` data.
"""

import re
from dataclasses import dataclass
from typing import Final

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.trouble import Refusal

# A region becomes part of a host name: nothing that could end it may be in there.
_REGION: Final = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,16}){2,4}")


@dataclass(frozen=True, slots=True)
class _Partition:
    """DNS suffixes of a partition; ``dual_stack`` None: it has no IPv6 endpoints."""

    region_prefix: str
    suffix: str
    dual_stack: str | None


_PARTITIONS: Final = (
    _Partition("us-gov-", "amazonaws.com", "api.aws"),
    _Partition("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    _Partition("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    _Partition("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    _Partition("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    _Partition("eu-isoe-", "cloud.adc-e.uk", None),
    _Partition("us-isof-", "csp.hci.ic.gov", None),
    _Partition("", "amazonaws.com", "api.aws"),  # every other region
)


def roles_anywhere_host(region: str, *, fips: bool = False, dual_stack: bool = False) -> str:
    """Give the host of Roles Anywhere in a region: ``rolesanywhere.eu-west-1.amazonaws.com``.

    ``fips`` and ``dual_stack`` pick the variant, as AWS_USE_FIPS_ENDPOINT and
    AWS_USE_DUALSTACK_ENDPOINT do in the SDKs. Raises ``Refusal`` for what is no region and for a
    variant the partition does not have.
    """
    if _REGION.fullmatch(region) is None:
        message = f"{region!r} is not an AWS region such as eu-west-1"
        raise Refusal(Reason.INVALID_SPEC, message)
    partition = next(each for each in _PARTITIONS if region.startswith(each.region_prefix))
    suffix = partition.dual_stack if dual_stack else partition.suffix
    if suffix is None:
        message = f"region {region} has no dual-stack endpoints: unset AWS_USE_DUALSTACK_ENDPOINT"
        raise Refusal(Reason.INVALID_SPEC, message)
    return f"rolesanywhere{'-fips' if fips else ''}.{region}.{suffix}"
