"""Step 5: the certificate in the workload's Secret."""

from datetime import UTC, datetime
from typing import Final

from cryptography.x509 import Certificate
from hack.demo import objects
from hack.demo.account import only
from hack.demo.checks import certificates
from hack.demo.objects import Object, Reference
from hack.demo.stage import Stage, identity_of
from hack.demo.telling import Telling, expect, require
from hack.demo.walkthroughs import NAMESPACE, PRIVATE_CA

_KEYS: Final = {"agent.json", "ca.crt", "tls.crt", "tls.key"}


def tell(stage: Stage, telling: Telling) -> None:
    """Look at the Secret, and compare its certificate with the one Private CA issued."""
    telling.note("The same object makes key, request and certificate; each renewal has a new key.")
    identity = stage.wait_until(telling, identity_of(PRIVATE_CA), "CertificateReady")
    secret = read_secret(stage, telling, identity)
    leaf = certificates.read(secret.data["tls.crt"])
    certificates.check_leaf(telling, leaf, PRIVATE_CA, now=datetime.now(UTC))
    certificates.check_pair(telling, secret.data["tls.key"], leaf)
    root = certificates.read(secret.data["ca.crt"])
    certificates.check_issuer(telling, leaf, root, "the CA in ca.crt")
    _check_origin(stage, telling, identity.status["certificate"]["arn"], leaf, root)


def _check_origin(
    stage: Stage, telling: Telling, arn: str, leaf: Certificate, root: Certificate
) -> None:
    """Check that AWS has issued this certificate, and by the CA of step 1."""
    authority = only(stage.account.authorities(), "private CA")["Arn"]
    answer = stage.account.private_ca.get_certificate(
        CertificateAuthorityArn=authority, CertificateArn=arn
    )
    telling.look("acm-pca GetCertificate")
    for name, ours, theirs in (
        ("tls.crt", leaf, answer["Certificate"]),
        ("ca.crt", root, answer["CertificateChain"]),
    ):
        is_same = certificates.read(theirs.encode()) == ours
        require(is_same, f"{name} to be what Private CA gives", "it is another certificate")
    telling.fact("tls.crt, ca.crt", "are what the CA of step 1 issued, and its own certificate")


def read_secret(stage: Stage, telling: Telling, identity: Object) -> Object:
    """Read an identity's Secret and check which keys it holds."""
    reference = Reference("Secret", identity.status["secretName"], NAMESPACE)
    secret = objects.read(stage.kubectl, reference)
    telling.look(str(reference))
    expect(telling, "type", secret.document["type"], "kubernetes.io/tls")
    expect(telling, "keys", set(secret.data), _KEYS)
    return secret
