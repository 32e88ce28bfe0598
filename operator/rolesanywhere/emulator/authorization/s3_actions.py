"""S3: which action on which bucket or object a request is.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from rolesanywhere.emulator.authorization.access import Access
from rolesanywhere.emulator.http.message import Request

_READING: Final = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "DELETE": "Delete", "POST": "Put"}
# Sub-resources: what their parameter in the query is called, and what actions call them. Those of
# which Delete is the same right as Put are marked.
_BUCKET_PARTS: Final[Mapping[str, tuple[str, bool]]] = {
    "policy": ("BucketPolicy", False),
    "policyStatus": ("BucketPolicyStatus", False),
    "acl": ("BucketAcl", False),
    "cors": ("BucketCORS", True),
    "lifecycle": ("LifecycleConfiguration", True),
    "tagging": ("BucketTagging", True),
    "encryption": ("EncryptionConfiguration", True),
    "versioning": ("BucketVersioning", True),
    "website": ("BucketWebsite", False),
    "logging": ("BucketLogging", True),
    "notification": ("BucketNotification", True),
    "replication": ("ReplicationConfiguration", True),
    "publicAccessBlock": ("BucketPublicAccessBlock", True),
    "ownershipControls": ("BucketOwnershipControls", True),
    "object-lock": ("BucketObjectLockConfiguration", True),
    "accelerate": ("AccelerateConfiguration", True),
    "inventory": ("InventoryConfiguration", True),
    "requestPayment": ("BucketRequestPayment", True),
    "location": ("BucketLocation", False),
}
_OBJECT_PARTS: Final[Mapping[str, str]] = {
    "acl": "ObjectAcl",
    "tagging": "ObjectTagging",
    "retention": "ObjectRetention",
    "legal-hold": "ObjectLegalHold",
    "attributes": "ObjectAttributes",
}
_OF_ACCOUNT: Final = {"GET": "ListAllMyBuckets"}
_OF_BUCKET: Final = {
    "GET": "ListBucket",
    "HEAD": "ListBucket",
    "PUT": "CreateBucket",
    "DELETE": "DeleteBucket",
}
_OF_OBJECT: Final = {
    "GET": "GetObject",
    "HEAD": "GetObject",
    "PUT": "PutObject",
    "DELETE": "DeleteObject",
    "POST": "PutObject",
}
_CONDITIONS: Final = ("prefix", "delimiter", "max-keys")


def s3_accesses(request: Request, partition: str) -> list[Access]:
    """Give what the request needs: one access, for a copy also to read the source."""
    parameters = request.query_parameters
    bucket, key = bucket_and_key(request)
    if not bucket:
        return [Access(f"s3:{_OF_ACCOUNT.get(request.method, 'Unknown')}")]
    arn = f"arn:{partition}:s3:::{bucket}"
    if not key:
        context = {f"s3:{name}": tuple(parameters.get(name, ())) for name in _CONDITIONS}
        held = {name: values for name, values in context.items() if values}
        return [Access(f"s3:{_bucket_action(request.method, parameters)}", arn, held)]
    accesses = [Access(f"s3:{_object_action(request.method, parameters)}", f"{arn}/{key}")]
    source = request.header("x-amz-copy-source")
    if source is not None and request.method == "PUT":
        path = unquote(source.partition("?")[0]).removeprefix("/")
        accesses.append(Access("s3:GetObject", f"arn:{partition}:s3:::{path}"))
    return accesses


def bucket_and_key(request: Request) -> tuple[str, str]:
    """Split a path, or a host such as ``bucket.localhost``, into bucket and key."""
    host = (request.header("host") or "").rpartition(":")[0]
    path = unquote(request.path)
    if host.endswith(".localhost"):
        return host.removesuffix(".localhost"), path.removeprefix("/")
    bucket, _, key = path.removeprefix("/").partition("/")
    return bucket, key


def _bucket_action(method: str, parameters: Mapping[str, list[str]]) -> str:
    part = next((name for name in _BUCKET_PARTS if name in parameters), None)
    if part is not None:
        name, deleted_by_put = _BUCKET_PARTS[part]
        verb = _READING.get(method, "Get")
        return f"Put{name}" if verb == "Delete" and deleted_by_put else f"{verb}{name}"
    if "uploads" in parameters:
        return "ListBucketMultipartUploads"
    if "versions" in parameters:
        return "ListBucketVersions"
    if method == "POST":
        return "DeleteObject" if "delete" in parameters else "PutObject"
    return _OF_BUCKET.get(method, "Unknown")


def _object_action(method: str, parameters: Mapping[str, list[str]]) -> str:
    versioned = "Version" if "versionId" in parameters else ""
    part = next((name for name in _OBJECT_PARTS if name in parameters), None)
    if part is not None:
        name = _OBJECT_PARTS[part].replace("Object", f"Object{versioned}", 1)
        return f"{_READING.get(method, 'Get')}{name}"
    if "uploadId" in parameters and method == "DELETE":
        return "AbortMultipartUpload"
    if "uploadId" in parameters and method == "GET":
        return "ListMultipartUploadParts"
    action = _OF_OBJECT.get(method, "Unknown")
    return f"{action}{versioned}" if action in {"GetObject", "DeleteObject"} else action
