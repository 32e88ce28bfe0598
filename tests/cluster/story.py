"""Three objects that belong together, as manifests: names of their own, a region of their own.

Roles Anywhere's quota of one call per second is a region's: stories in several regions run side by
side, and none waits for another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.cluster.api_server import Manifest, Ref
from tests.manifests import merged

from rolesanywhere.api import names

OPERATOR_NAMESPACE: Final = "rolesanywhere-system"
S3_READ_ONLY: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
SUBJECT: Final = {"commonName": "sample", "organizationalUnit": "tech"}
END_OF_ROOTS: Final = "2200-03-15T00:00:00Z"
VALIDITY: Final = {"notAfter": END_OF_ROOTS}


@dataclass(frozen=True, slots=True)
class Story:
    """A TrustAnchor, a Profile and WorkloadIdentities. ``name`` is the first two's."""

    name: str
    region: str
    namespace: str

    @property
    def anchor(self) -> Ref:
        """Name the TrustAnchor."""
        return Ref(names.TRUST_ANCHOR, self.name)

    @property
    def profile(self) -> Ref:
        """Name the Profile."""
        return Ref(names.PROFILE, self.name)

    @property
    def authority_secret(self) -> Ref:
        """Name the Secret of an own CA."""
        return Ref("Secret", self.name, OPERATOR_NAMESPACE)

    def identity(self, name: str = "web") -> Ref:
        """Name a WorkloadIdentity."""
        return Ref(names.WORKLOAD_IDENTITY, name, self.namespace)

    def secret(self, name: str = "web") -> Ref:
        """Name a WorkloadIdentity's Secret."""
        return Ref("Secret", f"{name}-aws-identity", self.namespace)

    def anchor_of(self, source: Mapping[str, Any]) -> Manifest:
        """Describe a TrustAnchor."""
        spec = {"region": self.region, "source": dict(source), "deletionPolicy": "Delete"}
        return _manifest(self.anchor, spec)

    def own_ca(self) -> Manifest:
        """Describe a TrustAnchor with an own CA the operator makes."""
        create = {"subject": SUBJECT, "validity": VALIDITY}
        return self.anchor_of({"ownCA": {"secretName": self.name, "create": create}})

    def brought_ca(self) -> Manifest:
        """Describe a TrustAnchor with an own CA that is a Secret already."""
        return self.anchor_of({"ownCA": {"secretName": self.name}})

    def private_ca(self, key_algorithm: str = "EC_prime256v1") -> Manifest:
        """Describe a TrustAnchor with a Private CA the operator makes."""
        create = {"keyAlgorithm": key_algorithm, "subject": SUBJECT, "validity": VALIDITY}
        return self.anchor_of({"awsPrivateCA": {"create": create}})

    def existing_ca(self, arn: str) -> Manifest:
        """Describe a TrustAnchor with a Private CA that is there already."""
        return self.anchor_of({"awsPrivateCA": {"arn": arn}})

    def profile_of(self, changes: Mapping[str, Any] | None = None) -> Manifest:
        """Describe a Profile that allows the namespace managed roles; ``changes`` is a patch."""
        spec = {
            "trustAnchorRef": {"name": self.name},
            "allowedNamespaces": {"names": [self.namespace]},
            "subject": {"organizationalUnit": "tech"},
            "roles": {"managed": {"allowedPolicyArns": [S3_READ_ONLY]}},
        }
        return _manifest(self.profile, merged(spec, changes or {}))

    def identity_of(self, name: str = "web", changes: Mapping[str, Any] | None = None) -> Manifest:
        """Describe a WorkloadIdentity with a managed role; ``changes`` is a patch."""
        spec = {
            "profileRef": {"name": self.name},
            "serviceAccountName": name,
            "role": {"managed": {"policyArns": [S3_READ_ONLY]}},
        }
        return _manifest(self.identity(name), merged(spec, changes or {}))


def with_role(arn: str) -> Manifest:
    """Give the change to an identity that names an existing role."""
    return {"role": {"managed": None, "arn": arn}}


def with_roles(*arns: str, managed_trust: bool = True) -> Manifest:
    """Give the change to a Profile that allows existing roles."""
    existing = [{"arn": arn, "manageTrustPolicy": managed_trust} for arn in arns]
    return {"roles": {"existing": existing}}


def namespace(name: str, labels: Mapping[str, str] | None = None) -> Manifest:
    """Describe a namespace."""
    metadata = {"name": name, "labels": dict(labels or {})}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def tls_secret(ref: Ref, private_key: str, certificate: str) -> Manifest:
    """Describe a kubernetes.io/tls Secret from PEM."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": ref.name, "namespace": ref.namespace},
        "type": "kubernetes.io/tls",
        "stringData": {"tls.key": private_key, "tls.crt": certificate},
    }


def _manifest(ref: Ref, spec: Manifest) -> Manifest:
    place = {"namespace": ref.namespace} if ref.namespace else {}
    return {
        "apiVersion": names.API_VERSION,
        "kind": ref.kind,
        "metadata": {"name": ref.name, **place},
        "spec": spec,
    }
