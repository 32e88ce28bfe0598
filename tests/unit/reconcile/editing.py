"""The identity's Secret, and what people and tenants may do to it and to others."""

from collections.abc import Callable
from dataclasses import replace

from tests.unit.reconcile.cluster import (
    REPORT,
    Cluster,
)

from rolesanywhere.api.authority import KeyAlgorithm
from rolesanywhere.domain.certificate import CertificateFacts
from rolesanywhere.domain.observed import SecretRecord
from rolesanywhere.pki import inspection
from rolesanywhere.pki.adapter import X509

SECRET = ("shop", "report-aws-identity")
OTHER_KEY = X509().request(
    KeyAlgorithm.EC_PRIME256V1,
    common_name="x",
    organizational_unit=None,
    organization=None,
    uri="spiffe://x",
)


def the_secret(cluster: Cluster) -> SecretRecord:
    return cluster.secrets.kept[SECRET]


def the_leaf(cluster: Cluster) -> CertificateFacts:
    return inspection.inspect(the_secret(cluster).data["tls.crt"])[0]


def look_again(cluster: Cluster) -> None:
    """Have the identity looked at once more, as a resync would."""
    cluster.look_soon(REPORT)
    cluster.settle()


def edit(cluster: Cluster, change: Callable[[SecretRecord], SecretRecord]) -> None:
    """Do what somebody with kubectl does."""
    cluster.secrets.put(change(the_secret(cluster)))


def without(name: str) -> Callable[[SecretRecord], SecretRecord]:
    def change(secret: SecretRecord) -> SecretRecord:
        return replace(secret, data={k: v for k, v in secret.data.items() if k != name})

    return change


def with_data(name: str, value: bytes) -> Callable[[SecretRecord], SecretRecord]:
    return lambda secret: replace(secret, data={**secret.data, name: value})


def with_note(name: str, value: str) -> Callable[[SecretRecord], SecretRecord]:
    key = f"rolesanywhere.dev/{name}"
    return lambda secret: replace(secret, annotations={**secret.annotations, key: value})
