"""Names of what the operator makes, derived so that asking twice gives the same name."""

import hashlib
import re
from typing import Final

from rolesanywhere.api import names

ROLE_NAME_LENGTH: Final = 64  # IAM's limit, characters
ANCHOR_NAME_LENGTH: Final = 255  # Roles Anywhere's limit, characters
SECRET_NAME_LENGTH: Final = 253  # Kubernetes' limit, characters
TOKEN_LENGTH: Final = 32  # acm-pca allows 36 characters
_HASH_LENGTH: Final = 8


def fingerprint(*parts: str, length: int = _HASH_LENGTH) -> str:
    """Give the first ``length`` hex digits of a hash over the parts, separated unambiguously."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]


def roles_anywhere_name(name: str) -> str:
    """Give a Kubernetes name in the alphabet of Roles Anywhere: no dot, slash or colon."""
    return re.sub(r"[^ a-zA-Z0-9_-]", "-", name)[:ANCHOR_NAME_LENGTH]


def role_name(namespace: str, name: str, *, cluster_id: str) -> str:
    """Give a managed role's name: at most 64, lower case since IAM ignores case, unique by hash."""
    end = fingerprint(cluster_id, namespace, name)
    start = re.sub(r"[^a-z0-9-]", "-", f"{namespace}-{name}".lower())
    return f"{start[: ROLE_NAME_LENGTH - len(end) - 1]}-{end}"


def identity_secret_name(name: str) -> str:
    """Give the name of the Secret with an identity's certificate."""
    return _bounded(f"{name}-aws-identity")


def issuance_secret_name(uid: str) -> str:
    """Give the name of the Secret that holds an identity's issue in flight."""
    return f"issuance-{fingerprint(uid, length=TOKEN_LENGTH)}"


def statement_id(cluster_id: str, uid: str) -> str:
    """Give the Sid of an identity's statement in a trust policy: letters and digits only."""
    return f"RolesAnywhere{fingerprint(cluster_id, uid, length=16)}"


def token(*parts: str) -> str:
    """Give an idempotency token for AWS: the same for the same parts."""
    return fingerprint(*parts, length=TOKEN_LENGTH)


def workload_uri(trust_domain: str, namespace: str, service_account: str) -> str:
    """Give the SPIFFE ID of a ServiceAccount, the first SAN of its certificate."""
    return f"spiffe://{trust_domain}/ns/{namespace}/sa/{service_account}"


def ownership_tags(
    kind: str, namespace: str | None, name: str, uid: str, *, cluster_id: str
) -> dict[str, str]:
    """Give the tags by which an AWS object is known as ours."""
    path = f"{kind}/{namespace}/{name}" if namespace else f"{kind}/{name}"
    return {
        names.TAG_MANAGED_BY: names.MANAGER,
        names.TAG_CLUSTER: cluster_id,
        names.TAG_OWNER: path[:256],
        names.TAG_OWNER_UID: uid,
    }


def _bounded(name: str) -> str:
    if len(name) <= SECRET_NAME_LENGTH:
        return name
    start = name[: SECRET_NAME_LENGTH - _HASH_LENGTH - 1].rstrip("-.")  # no label may begin with -
    return f"{start}-{fingerprint(name)}"
