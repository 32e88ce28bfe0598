"""A region's partition, as ARNs name it.

https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
"""

from typing import Final

_PREFIXES: Final = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "eusc-": "aws-eusc"}


def partition_of(region: str) -> str:
    """Give the partition of a region: ``aws`` for most."""
    found = (name for prefix, name in _PREFIXES.items() if region.startswith(prefix))
    return next(found, "aws")
