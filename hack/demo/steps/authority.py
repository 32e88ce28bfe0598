"""Step 1: a certificate authority in AWS Private CA, active, with its own certificate."""

from hack.demo.account import only
from hack.demo.checks import certificates
from hack.demo.stage import Stage, anchor_of
from hack.demo.telling import Telling, expect
from hack.demo.walkthroughs import PRIVATE_CA


def tell(stage: Stage, telling: Telling) -> None:
    """Apply the TrustAnchor, and look at the CA it makes."""
    manifest, _, _ = PRIVATE_CA.manifests
    stage.apply(telling, manifest)
    anchor = stage.wait_until(telling, anchor_of(PRIVATE_CA), "CAReady")
    authority = only(stage.account.authorities(owner=anchor.uid), "CA of this object")
    arn = authority["Arn"]
    described = stage.account.private_ca.describe_certificate_authority(CertificateAuthorityArn=arn)
    facts = described["CertificateAuthority"]
    settings = facts["CertificateAuthorityConfiguration"]
    telling.look("acm-pca DescribeCertificateAuthority")
    telling.fact("CA", arn)
    expect(telling, "status", facts["Status"], "ACTIVE")
    expect(telling, "mode", facts["UsageMode"], "SHORT_LIVED_CERTIFICATE")
    expect(telling, "signs by", settings["SigningAlgorithm"], "SHA256WITHRSA")
    answer = stage.account.private_ca.get_certificate_authority_certificate(
        CertificateAuthorityArn=arn
    )
    telling.look("acm-pca GetCertificateAuthorityCertificate")
    root = certificates.read(answer["Certificate"].encode())
    certificates.check_root(telling, root, key="RSA 2048")
