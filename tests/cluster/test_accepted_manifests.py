"""Good manifests: what the API server takes, and what it fills in."""

from collections.abc import Iterator
from typing import Final
from uuid import uuid4

import botocore.session
import msgspec
import pytest
from hack.cluster.control_plane import ControlPlane
from tests import manifests
from tests.cluster.objects_api import Manifest, ObjectsApi, connected, named

from rolesanywhere.api import names
from rolesanywhere.api.profile import ProfileSpec
from rolesanywhere.api.trust_anchor import TrustAnchorSpec
from rolesanywhere.api.workload_identity import WorkloadIdentitySpec

SPECS: Final[dict[str, type[msgspec.Struct]]] = {
    names.TRUST_ANCHOR: TrustAnchorSpec,
    names.PROFILE: ProfileSpec,
    names.WORKLOAD_IDENTITY: WorkloadIdentitySpec,
}
ACCEPTED: Final = manifests.accepted()
DOCUMENTED: Final = [
    pytest.param(document, id=place) for place, document in manifests.documented().items()
]
GOOD: Final = manifests.good()
FILLED_IN: Final[dict[str, Manifest]] = {  # the good manifests' specs, as `kubectl get` shows them
    names.TRUST_ANCHOR: {
        "region": "ap-northeast-1",
        "source": {
            "awsPrivateCA": {
                "create": {
                    "subject": {"commonName": "sample", "organizationalUnit": "tech"},
                    "usageMode": "ShortLived",
                    "keyAlgorithm": "RSA_2048",
                    "validity": {"years": 10},
                }
            }
        },
        "deletionPolicy": "Retain",
    },
    names.PROFILE: {
        "trustAnchorRef": {"name": "onprem"},
        "sessionDuration": "1h",
        "allowedNamespaces": {"names": ["shop"]},
        "roles": {
            "managed": {
                "path": "/rolesanywhere/",
                "allowedPolicyArns": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
                "allowInlinePolicies": False,
                "maxSessionDuration": "1h",
            }
        },
        "deletionPolicy": "Delete",
    },
    names.WORKLOAD_IDENTITY: {
        "profileRef": {"name": "default"},
        "serviceAccountName": "report",
        "role": {"managed": {"policyArns": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]}},
        "certificate": {
            "duration": "168h",
            "renewAt": "67%",
            "privateKey": {"algorithm": "ECDSA"},
        },
        "deletionPolicy": "Delete",
    },
}


@pytest.fixture(scope="module")
def objects(plane: ControlPlane) -> Iterator[ObjectsApi]:
    with connected(plane.admin_kubeconfig) as api:
        yield api


def of_case(case: manifests.Case) -> str:
    return case.case


def decoded(manifest: Manifest) -> msgspec.Struct:
    return msgspec.convert(manifest["spec"], SPECS[manifest["kind"]])


@pytest.mark.parametrize("case", [c for c in ACCEPTED if c.before is None], ids=of_case)
def test_a_good_manifest_is_accepted(objects: ObjectsApi, case: manifests.Case) -> None:
    """It is stored whole, and means to the programs what it meant before defaults came in."""
    stored = objects.try_create(named(case.manifest, "accepted"))
    assert decoded(stored) == decoded(case.manifest)


@pytest.mark.parametrize("case", [c for c in ACCEPTED if c.before], ids=of_case)
def test_a_good_change_is_accepted(objects: ObjectsApi, case: manifests.Case) -> None:
    """What may change does."""
    assert case.before
    name = f"accepted-{uuid4().hex[:10]}"
    with objects.existing(named(case.before, name)):
        stored = objects.try_change(named(case.manifest, name))
    assert decoded(stored) == decoded(case.manifest)


@pytest.mark.parametrize("document", DOCUMENTED)
def test_a_documented_manifest_is_accepted(objects: ObjectsApi, document: Manifest) -> None:
    """Whoever copies it from the documentation can apply it."""
    stored = objects.try_create(named(document, "documented"))
    assert decoded(stored) == decoded(document)


@pytest.mark.parametrize("kind", GOOD)
def test_defaults_are_shown(objects: ObjectsApi, kind: str) -> None:
    """``kubectl get --output=yaml`` shows what will be done, not only what was typed."""
    assert objects.try_create(named(GOOD[kind], "accepted"))["spec"] == FILLED_IN[kind]


@pytest.mark.parametrize("partition", botocore.session.get_session().get_available_partitions())
def test_every_region_is_accepted(objects: ObjectsApi, partition: str) -> None:
    """No region that the SDK knows is taken for a mistake."""
    regions = botocore.session.get_session().get_available_regions("sts", partition)
    assert regions
    for region in regions:
        anchor = manifests.merged(GOOD[names.TRUST_ANCHOR], {"spec": {"region": region}})
        objects.try_create(named(anchor, "accepted"))


def arns(resource: str, count: int, length: int) -> list[str]:
    """Give ARNs of a length, with paths as long as that takes."""
    starts = [f"arn:aws-us-gov:iam::111122223333:{resource}/{place}/" for place in range(count)]
    return [f"{start}{'p' * (length - len(start) - 5)}/name" for start in starts]


FULL: Final = {
    names.PROFILE: {
        "sessionPolicy": f'{{"Statement": "{"p" * 99_000}"}}',
        "allowedNamespaces": {
            "names": [f"{'n' * 60}{place:03}" for place in range(250)],
            "selector": {
                "matchLabels": {f"{'k' * 250}/{place:063}": "v" * 63 for place in range(20)},
                "matchExpressions": [
                    {"key": f"{'k' * 250}/{'n' * 63}", "operator": "In", "values": ["v" * 63] * 50}
                ]
                * 20,
            },
        },
        "roles": {
            "existing": [{"arn": arn} for arn in arns("role", 250, 1011)],
            "managed": {
                "path": f"/{'p' * 510}/",
                "allowedPolicyArns": arns("policy", 100, 2048),
            },
        },
    },
    names.WORKLOAD_IDENTITY: {
        "profileRef": {"name": "p" * 253},
        "serviceAccountName": "s" * 253,
        "role": {
            "managed": {
                "policyArns": arns("policy", 10, 2048),
                "inlinePolicies": {
                    f"{place:0128}": f'{{"Statement": "{"p" * 20_000}"}}' for place in range(10)
                },
                "trustConditions": {
                    f"ForAnyValue:{operator}IfExists": {
                        f"{'k' * 250}{key}": ["v" * 200] * 10 for key in range(20)
                    }
                    for operator in (
                        "StringEquals",
                        "StringNotEquals",
                        "StringEqualsIgnoreCase",
                        "StringNotEqualsIgnoreCase",
                        "StringLike",
                        "StringNotLike",
                        "NumericLessThanEquals",
                        "DateGreaterThan",
                        "NotIpAddress",
                        "ArnNotLike",
                    )
                },
            }
        },
    },
}


@pytest.mark.parametrize("kind", FULL)
def test_a_full_manifest_is_accepted(objects: ObjectsApi, kind: str) -> None:
    """Filled to its bounds, a manifest costs the API server no more than rules may cost."""
    full = manifests.merged(GOOD[kind], {"spec": FULL[kind]})
    assert decoded(objects.try_create(named(full, "accepted"))) == decoded(full)
