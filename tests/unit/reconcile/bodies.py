"""Our three kinds as people write them: the walkthrough's story, with EC keys since those are fast.

``changes`` are laid over the spec, key by key; None takes a key away.
"""

from collections.abc import Mapping
from typing import Any, Final

REGION: Final = "ap-northeast-1"
S3_READ: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
EC2_READ: Final = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
BOUNDARY: Final = "arn:aws:iam::123456789012:policy/bound"
SUBJECT: Final = {"commonName": "sample", "organizationalUnit": "tech"}
PRIVATE_CA: Final = {
    "awsPrivateCA": {"create": {"keyAlgorithm": "EC_prime256v1", "subject": SUBJECT}}
}
OWN_CA: Final = {"ownCA": {"secretName": "onprem-ca", "create": {"subject": SUBJECT}}}
REPORTS: Final = "arn:aws:iam::123456789012:role/reports"

Manifest = dict[str, Any]


def existing_ca(arn: str) -> Manifest:
    return {"awsPrivateCA": {"arn": arn}}


def anchor(source: Mapping[str, Any] = OWN_CA, **changes: Any) -> Manifest:  # noqa: ANN401 - JSON
    spec = {"region": REGION, "source": source, "deletionPolicy": "Delete", **changes}
    return {"kind": "TrustAnchor", "metadata": {"name": "onprem"}, "spec": _without_none(spec)}


def profile(**changes: Any) -> Manifest:  # noqa: ANN401 - JSON
    spec = {
        "trustAnchorRef": {"name": "onprem"},
        "allowedNamespaces": {"names": ["shop"]},
        "subject": {"organizationalUnit": "tech"},
        "roles": {
            "existing": [{"arn": REPORTS}],
            "managed": {"allowedPolicyArns": [S3_READ, EC2_READ]},
        },
        **changes,
    }
    return {"kind": "Profile", "metadata": {"name": "default"}, "spec": _without_none(spec)}


def identity(name: str = "report", namespace: str = "shop", **changes: Any) -> Manifest:  # noqa: ANN401 - JSON
    spec = {
        "profileRef": {"name": "default"},
        "serviceAccountName": name,
        "role": {"managed": {"policyArns": [S3_READ]}},
        **changes,
    }
    metadata = {"name": name, "namespace": namespace}
    return {"kind": "WorkloadIdentity", "metadata": metadata, "spec": _without_none(spec)}


def _without_none(spec: Manifest) -> Manifest:
    return {key: value for key, value in spec.items() if value is not None}
