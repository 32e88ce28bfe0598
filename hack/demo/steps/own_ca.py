"""Step 8: the story once more with a CA of our own: no Private CA, everything else the same."""

from datetime import UTC, datetime
from typing import Final

from cryptography.x509 import Certificate
from hack.demo import objects
from hack.demo.account import only
from hack.demo.checks import certificates, roles, trust
from hack.demo.cluster import CONTROLLER_NAMESPACE
from hack.demo.objects import Object, Reference
from hack.demo.stage import Stage, anchor_of, identity_of
from hack.demo.steps import certificate, credentials
from hack.demo.telling import Telling, expect, require
from hack.demo.walkthroughs import OWN_CA

SECRET: Final = Reference("Secret", "own-ca", CONTROLLER_NAMESPACE)
_PRIVATE: Final = "PRIVATE KEY"


def tell(stage: Stage, telling: Telling) -> None:
    """Apply the folder of manifests, and look at everything."""
    stage.apply(telling, OWN_CA.folder)
    identity = stage.wait_until(telling, identity_of(OWN_CA), "Ready")
    root = _check_authority(stage, telling)
    anchor_arn = _check_anchor(stage, telling, root)
    _check_certificate(stage, telling, identity, root)
    _check_role(stage, telling, identity, anchor_arn)
    credentials.check_once_more(stage, telling, OWN_CA, stage.new_pod(OWN_CA))
    _change_trust(stage, telling, identity)


def _check_authority(stage: Stage, telling: Telling) -> Certificate:
    secret = objects.read(stage.kubectl, SECRET)
    telling.look(str(SECRET))
    root = certificates.read(secret.data["tls.crt"])
    certificates.check_root(telling, root, key="EC secp256r1")
    certificates.check_pair(telling, secret.data["tls.key"], root)
    telling.look("acm-pca ListCertificateAuthorities")
    only(stage.account.authorities(), "private CA")
    telling.fact("private CAs", "still one, that of step 1")
    return root


def _check_anchor(stage: Stage, telling: Telling, root: Certificate) -> str:
    """Check the trust anchor and give its ARN."""
    anchor = objects.read(stage.kubectl, anchor_of(OWN_CA))
    found = only(stage.account.anchors(owner=anchor.uid), "trust anchor of this object")
    source = found["source"]
    telling.look("rolesanywhere ListTrustAnchors")
    telling.fact("trust anchor", found["trustAnchorArn"])
    expect(telling, "source", source["sourceType"], "CERTIFICATE_BUNDLE")
    bundle = source["sourceData"]["x509CertificateData"]
    require(_PRIVATE not in bundle, "the CA's key to stay in the cluster", "AWS has it")
    require(
        certificates.read(bundle.encode()) == root,
        "AWS to have the CA's certificate",
        "it has another one",
    )
    telling.fact("bundle", "the CA's certificate, and no key")
    return str(found["trustAnchorArn"])


def _check_certificate(stage: Stage, telling: Telling, identity: Object, root: Certificate) -> None:
    secret = certificate.read_secret(stage, telling, identity)
    leaf = certificates.read(secret.data["tls.crt"])
    certificates.check_leaf(telling, leaf, OWN_CA, now=datetime.now(UTC))
    certificates.check_pair(telling, secret.data["tls.key"], leaf)
    certificates.check_issuer(telling, leaf, root, "our own CA")


def _check_role(stage: Stage, telling: Telling, identity: Object, anchor_arn: str) -> None:
    role = roles.find(stage.account, identity.uid)
    telling.look("iam GetRole, ListAttachedRolePolicies")
    telling.fact("role", role["Arn"])
    roles.check_rights(telling, stage.account, role)
    policy = stage.account.trust_policy(role["RoleName"])
    roles.check_trust(telling, policy, OWN_CA, anchor_arn)


def _change_trust(stage: Stage, telling: Telling, identity: Object) -> None:
    reference = identity_of(OWN_CA)
    role = roles.find(stage.account, identity.uid)
    newest = trust.last_event(stage, reference)
    with stage.operator_paused():
        before = trust.edit(stage, telling, role["RoleName"])
        trust.check_refused(telling, stage.new_pod(OWN_CA), role["Arn"])
    trust.check_repaired(
        stage, telling, reference, after=newest, role=role["RoleName"], policy=before
    )
    credentials.check_once_more(stage, telling, OWN_CA, stage.new_pod(OWN_CA))
