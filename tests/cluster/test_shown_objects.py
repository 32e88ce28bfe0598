"""What people see of our kinds with kubectl: columns, short names, explanations, status."""

import json
import re
from collections.abc import Iterator
from typing import Final
from uuid import uuid4

import msgspec
import pytest
from hack.cluster.control_plane import ControlPlane
from hack.cluster.kubectl import Kubectl
from tests import manifests
from tests.cluster.objects_api import Manifest, ObjectsApi, RefusedError, connected, named

from rolesanywhere.api import names
from rolesanywhere.api.authority import UsageMode
from rolesanywhere.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from rolesanywhere.api.profile import ProfileEntry, ProfileStatus
from rolesanywhere.api.trust_anchor import CertificateAuthorityStatus, TrustAnchorStatus
from rolesanywhere.api.workload_identity import (
    CertificateStatus,
    IssuanceStatus,
    SessionStatus,
    WorkloadIdentityStatus,
)

MOMENT: Final = "2026-11-24T12:00:00Z"
ANCHOR: Final = "arn:aws:rolesanywhere:ap-northeast-1:111122223333:trust-anchor/0f3e"
PROFILE: Final = "arn:aws:rolesanywhere:ap-northeast-1:111122223333:profile/9a1b"
ROLE: Final = "arn:aws:iam::111122223333:role/rolesanywhere/shop-report-reader-1f0e2d3c"
SESSION: Final = "arn:aws:sts::111122223333:assumed-role/shop-report-reader-1f0e2d3c/0a1b2c"
AUTHORITY: Final = "arn:aws:acm-pca:ap-northeast-1:111122223333:certificate-authority/6d7f"


def ready(reason: Reason, message: str) -> Condition:
    return Condition(
        type=ConditionType.READY,
        status=ConditionStatus.TRUE if reason is Reason.READY else ConditionStatus.FALSE,
        reason=reason,
        message=message,
        last_transition_time=MOMENT,
        observed_generation=1,
    )


STATUSES: Final[dict[str, msgspec.Struct]] = {  # every field is set
    names.TRUST_ANCHOR: TrustAnchorStatus(
        observed_generation=1,
        arn=ANCHOR,
        anchor_id="0f3e",
        account="111122223333",
        certificate_authority=CertificateAuthorityStatus(
            arn=AUTHORITY,
            secret_name="onprem-ca",
            state="ACTIVE",
            subject="CN=sample,OU=tech",
            key_algorithm="RSA_2048",
            usage_mode=UsageMode.SHORT_LIVED,
            serial="0a1b2c",
            not_before=MOMENT,
            not_after="2200-03-15T00:00:00Z",
            certificate="-----BEGIN CERTIFICATE-----\n",
        ),
        conditions=(ready(Reason.READY, "the trust anchor is ready"),),
    ),
    names.PROFILE: ProfileStatus(
        observed_generation=1,
        profiles=(ProfileEntry(arn=PROFILE, roles=1),),
        conditions=(ready(Reason.TRUST_ANCHOR_NOT_READY, "TrustAnchor onprem is not ready yet"),),
    ),
    names.WORKLOAD_IDENTITY: WorkloadIdentityStatus(
        observed_generation=1,
        role_arn=ROLE,
        profile_arn=PROFILE,
        trust_anchor_arn=ANCHOR,
        secret_name="report-reader-aws-identity",
        certificate=CertificateStatus(
            serial="0a1b2c",
            subject="CN=sample,OU=tech",
            issuer="CN=sample,OU=tech",
            not_before="2026-11-24T11:00:00Z",
            not_after="2026-12-01T12:00:00Z",
            issued_at=MOMENT,
            renew_at="2026-11-29T04:33:36Z",
            arn=f"{AUTHORITY}/certificate/0a1b2c",
        ),
        issuance=IssuanceStatus(
            token="0123456789abcdef0123456789abcdef",
            started_at=MOMENT,
            not_after="2026-12-01T12:00:00Z",
            certificate_arn=f"{AUTHORITY}/certificate/0a1b2c",
        ),
        session=SessionStatus(
            assumed_role_arn=SESSION,
            expiration="2026-11-24T13:00:00Z",
            checked_at=MOMENT,
            certificate_serial="0a1b2c",
            role_arn=ROLE,
            packed_policy_size=12,
        ),
        conditions=(ready(Reason.READY, "AWS gave a session"),),
    ),
}
COLUMNS: Final = {  # header and row of `kubectl get --output=wide`; the age is left out
    names.TRUST_ANCHOR: (
        ["NAME", "READY", "ARN", "EXPIRES", "AGE", "REASON", "MESSAGE"],
        ["True", ANCHOR, "2200-03-15T00:00:00Z", "Ready", "the trust anchor is ready"],
    ),
    names.PROFILE: (
        ["NAME", "READY", "TRUST ANCHOR", "ARN", "AGE", "REASON", "MESSAGE"],
        ["False", "onprem", PROFILE, "TrustAnchorNotReady", "TrustAnchor onprem is not ready yet"],
    ),
    names.WORKLOAD_IDENTITY: (
        ["NAME", "READY", "ROLE", "SECRET", "EXPIRES", "AGE", "REASON", "MESSAGE"],
        [
            "True",
            ROLE,
            "report-reader-aws-identity",
            "2026-12-01T12:00:00Z",
            "Ready",
            "AWS gave a session",
        ],
    ),
}
SHORT_NAMES: Final = {
    names.TRUST_ANCHOR: "ta",
    names.PROFILE: "raprofile",
    names.WORKLOAD_IDENTITY: "wi",
}


@pytest.fixture(scope="module")
def objects(plane: ControlPlane) -> Iterator[ObjectsApi]:
    with connected(plane.admin_kubeconfig) as api:
        yield api


@pytest.fixture(params=STATUSES)
def shown(request: pytest.FixtureRequest, objects: ObjectsApi) -> Iterator[Manifest]:
    """Give a stored object of each kind, with a full status."""
    kind = str(request.param)
    manifest = named(manifests.good()[kind], f"shown-{uuid4().hex[:10]}")
    with objects.existing(manifest):
        yield objects.set_status(manifest, as_json(STATUSES[kind]))


def as_json(given: msgspec.Struct) -> Manifest:
    written: Manifest = json.loads(msgspec.json.encode(given))
    return written


def cells(line: str) -> list[str]:
    return re.split(r" {2,}", line.strip())


def unset(given: object) -> list[str]:
    """List the fields of a struct, and of those in it, that say nothing."""
    if isinstance(given, tuple):
        return [name for each in given for name in unset(each)]
    if not isinstance(given, msgspec.Struct):
        return []
    values = {name: getattr(given, name) for name in given.__struct_fields__}
    empty = [name for name, value in values.items() if value in (None, ())]
    return empty + [name for value in values.values() for name in unset(value)]


@pytest.mark.parametrize("kind", STATUSES)
def test_no_field_is_missing_here(kind: str) -> None:
    """The statuses above have every field, so that the next test sees each of them."""
    assert unset(STATUSES[kind]) == []


def test_a_full_status_is_kept_whole(shown: Manifest) -> None:
    """Nothing the operator writes is pruned, refused or changed."""
    assert shown["status"] == as_json(STATUSES[shown["kind"]])


def test_columns_show_what_people_look_for(shown: Manifest, kubectl: Kubectl) -> None:
    """Ready, the ARN, role or Secret, the end, the age; reason and message when asked for."""
    name, short_name = shown["metadata"]["name"], SHORT_NAMES[shown["kind"]]
    header, row = kubectl("get", short_name, name, "--output=wide").stdout.splitlines()
    columns, values = COLUMNS[shown["kind"]]
    found = dict(zip(cells(header), cells(row), strict=True))
    assert list(found) == columns
    assert re.fullmatch(r"\d+s", found.pop("AGE"))
    assert list(found.values()) == [name, *values]


def test_details_are_left_out_unless_asked_for(shown: Manifest, kubectl: Kubectl) -> None:
    """A terminal of usual width shows a row in one line."""
    listed = kubectl("get", SHORT_NAMES[shown["kind"]], shown["metadata"]["name"]).stdout
    assert cells(listed.splitlines()[0]) == COLUMNS[shown["kind"]][0][:-2]


@pytest.mark.parametrize("category", ["aws", "rolesanywhere"])
def test_all_kinds_are_listed_together(shown: Manifest, kubectl: Kubectl, category: str) -> None:
    """``kubectl get aws`` shows everything there is."""
    listed = kubectl("get", category, "--namespace=default", "--output=name").stdout.split()
    assert f"{shown['kind'].lower()}.{names.GROUP}/{shown['metadata']['name']}" in listed


def test_status_is_not_written_along_with_the_spec(objects: ObjectsApi) -> None:
    """A manifest with a status, as a backup has it, does not claim what nobody observed."""
    manifest = named(manifests.good()[names.PROFILE], "shown")
    status = as_json(STATUSES[names.PROFILE])
    assert "status" not in objects.try_create(manifest | {"status": status})


@pytest.mark.parametrize(
    ("kind", "change", "fault"),
    [
        (names.TRUST_ANCHOR, {"reason": "Odd"}, "status.conditions[0].reason: Unsupported value"),
        (names.PROFILE, {"type": "Odd"}, "status.conditions[0].type: Unsupported value"),
        (names.WORKLOAD_IDENTITY, {"status": "Odd"}, "status.conditions[0].status: Unsupported"),
    ],
)
def test_a_word_of_no_list_is_refused(
    objects: ObjectsApi, kind: str, change: Manifest, fault: str
) -> None:
    """Alerts may rely on the words of conditions: there are no others."""
    manifest = named(manifests.good()[kind], f"shown-{uuid4().hex[:10]}")
    condition = as_json(ready(Reason.READY, "")) | change
    with objects.existing(manifest), pytest.raises(RefusedError) as caught:
        objects.set_status(manifest, {"conditions": [condition]})
    assert caught.value.answer[0].startswith(fault)


@pytest.mark.parametrize(
    ("resource", "selector"),
    [
        ("profiles", "spec.trustAnchorRef.name=onprem"),
        ("workloadidentities", "spec.profileRef.name=default"),
        ("workloadidentities", "spec.serviceAccountName=report"),
    ],
)
def test_whoever_refers_to_an_object_can_be_listed(
    kubectl: Kubectl, objects: ObjectsApi, resource: str, selector: str
) -> None:
    """Before a TrustAnchor or Profile is deleted, one command shows who uses it."""
    kind = names.PROFILE if resource == "profiles" else names.WORKLOAD_IDENTITY
    manifest = named(manifests.good()[kind], f"shown-{uuid4().hex[:10]}")
    name = f"{kind.lower()}.{names.GROUP}/{manifest['metadata']['name']}"
    with objects.existing(manifest):
        found = kubectl("get", resource, f"--field-selector={selector}", "--output=name").stdout
        other = kubectl("get", resource, f"--field-selector={selector}x", "--output=name").stdout
    assert name in found.split()
    assert name not in other.split()


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("ta.spec.source.awsPrivateCA.create.validity", "exactly one of years and notAfter"),
        ("raprofile.spec.roles.managed.path", "/rolesanywhere/ if left out"),
        ("wi.spec.certificate.renewAt", "10% to 90%; 67% if left out"),
    ],
)
def test_fields_are_explained(kubectl: Kubectl, field: str, sentence: str) -> None:
    """``kubectl explain`` is documentation enough to fill in a field."""
    assert sentence in " ".join(kubectl("explain", field).stdout.split())
