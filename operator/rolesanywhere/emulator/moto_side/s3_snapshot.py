"""S3 as JSON-able values, and back: buckets, their policies, and the objects in them.

The latest version of each object, with its metadata; a bucket's other settings are not kept.
"""

import base64
from collections.abc import Mapping
from typing import Any

from rolesanywhere.emulator.moto_side.state import MotoState

Values = dict[str, Any]


def snapshot_s3(state: MotoState) -> Values:
    """Give all buckets and what is in them."""
    return {
        "buckets": [
            {
                "name": bucket.name,
                "region": bucket.region_name,
                "policy": None if bucket.policy is None else bucket.policy.decode(),
                "versioning": bucket.versioning_status,
                "objects": [_object(key) for key in bucket.keys.values()],
            }
            for bucket in state.s3.buckets.values()
        ]
    }


def load_s3(state: MotoState, values: Mapping[str, Any]) -> None:
    """Put a snapshot into an empty S3."""
    for given in values["buckets"]:
        bucket = state.s3.create_bucket(given["name"], given["region"])
        bucket.versioning_status = given["versioning"]
        if given["policy"] is not None:
            bucket.policy = given["policy"].encode()
        for each in given["objects"]:
            body = base64.b64decode(each["body"])
            made = state.s3.put_object(given["name"], each["key"], body, disable_notification=True)
            made.set_metadata(dict(each["metadata"]), replace=True)


def _object(key: Any) -> Values:  # noqa: ANN401 - moto's own object
    return {
        "key": key.name,
        "body": base64.b64encode(key.value).decode(),
        "metadata": dict(key.metadata),
    }
