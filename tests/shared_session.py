"""The one boto3 session of a process of tests: service models and endpoints are read once."""

from functools import cache
from typing import Any

import boto3


@cache
def session() -> Any:  # noqa: ANN401 - boto3 ships no types
    """Give it; credentials, region and endpoint are each client's own, or the environment's."""
    return boto3.Session()
