"""Names that appear in the cluster and in AWS: group, kinds, labels, tags, keys of the Secret."""

from typing import Final

GROUP: Final = "rolesanywhere.dev"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"

TRUST_ANCHOR: Final = "TrustAnchor"
TRUST_ANCHORS: Final = "trustanchors"
PROFILE: Final = "Profile"
PROFILES: Final = "profiles"
WORKLOAD_IDENTITY: Final = "WorkloadIdentity"
WORKLOAD_IDENTITIES: Final = "workloadidentities"
PLURALS: Final = {
    TRUST_ANCHOR: TRUST_ANCHORS,
    PROFILE: PROFILES,
    WORKLOAD_IDENTITY: WORKLOAD_IDENTITIES,
}

FINALIZER: Final = f"{GROUP}/finalizer"
MANAGER: Final = "rolesanywhere-operator"  # field manager, managed-by label, AWS tag value
MANAGED_BY_LABEL: Final = "app.kubernetes.io/managed-by"
OWNER_UID_LABEL: Final = f"{GROUP}/owner-uid"  # which object a Secret belongs to
ROLE_IN_SECRET_LABEL: Final = f"{GROUP}/secret"  # what a Secret holds: one of the next three
SECRET_OF_IDENTITY: Final = "identity"  # the certificate a pod mounts
SECRET_OF_ISSUANCE: Final = "issuance"  # an issue in flight: key, request, token
SECRET_OF_AUTHORITY: Final = "authority"  # an own CA's key and certificate

ISSUED_AT: Final = f"{GROUP}/issued-at"  # annotations of Secrets, from here on; RFC 3339
AUTHORITY: Final = f"{GROUP}/authority"  # fingerprint of the CA certificate that vouched
CERTIFICATE_ARN: Final = f"{GROUP}/certificate-arn"  # Private CA only
NOT_AFTER: Final = f"{GROUP}/not-after"  # of an issue in flight: frozen before it is sent
TOKEN: Final = f"{GROUP}/token"  # of an issue in flight: its idempotency token, no secret
PURPOSE: Final = f"{GROUP}/purpose"  # of an issue in flight: fingerprint of what was asked for
REQUEST: Final = "request.csr"  # key in the Secret of an issue in flight, PEM

TAG_MANAGED_BY: Final = f"{GROUP}/managed-by"
TAG_CLUSTER: Final = f"{GROUP}/cluster"
TAG_OWNER: Final = f"{GROUP}/owner"  # "<Kind>/<namespace>/<name>" or "<Kind>/<name>", for people
TAG_OWNER_UID: Final = f"{GROUP}/owner-uid"

TLS_KEY: Final = "tls.key"  # PKCS#8 PEM
TLS_CRT: Final = "tls.crt"  # leaf, then intermediates, no root
CA_CRT: Final = "ca.crt"  # the root, for people and other programs
AGENT_JSON: Final = "agent.json"  # `AgentConfiguration`, for the agent

ROLES_ANYWHERE_PRINCIPAL: Final = "rolesanywhere.amazonaws.com"
