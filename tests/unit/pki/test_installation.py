"""Which certificates a CA may install as its own, as acm-pca has it."""

import pytest
from cryptography import x509
from tests.unit.pki.making import DAY, NOON, Made, make, make_ca

from rolesanywhere.pki.installation import (
    CertificateMismatch,
    ForbiddenInstallation,
    MalformedCertificate,
    examine,
)
from rolesanywhere.pki.templates import Issuer

ROOT = make_ca("CN=root")
MIDDLE = make_ca("CN=middle", ROOT, path_length=1)
LOWER = make_ca("CN=lower", MIDDLE, path_length=0)
STRANGER = make_ca("CN=stranger")
NONCRITICAL = x509.BasicConstraints(ca=True, path_length=None)
POINT = x509.DistributionPoint([x509.UniformResourceIdentifier("http://x/y.crl")], None, None, None)


def issuer_of(made: Made) -> Issuer:
    return Issuer(made.key, made.certificate.subject)


def test_a_root() -> None:
    """A self-signed CA:true certificate is a root's, without a chain."""
    installed = examine(issuer_of(ROOT), ROOT.pem, b"", is_root=True)
    assert (installed.certificate, installed.chain) == (ROOT.pem.decode(), "")
    assert installed.path_length is None
    assert installed.facts.not_after == NOON + DAY


def test_a_subordinate() -> None:
    """A subordinate's chain begins with its issuer and ends with the root."""
    installed = examine(issuer_of(LOWER), LOWER.pem, MIDDLE.pem + ROOT.pem, is_root=False)
    assert installed.chain == (MIDDLE.pem + ROOT.pem).decode().rstrip("\n")
    assert installed.path_length == 0


@pytest.mark.parametrize(
    ("made", "chain", "error", "says"),
    [
        (b"nonsense", b"", MalformedCertificate, "no readable PEM"),
        (ROOT.pem + ROOT.pem, b"", MalformedCertificate, "exactly one"),
        (STRANGER.pem, b"", CertificateMismatch, "is not the certificate authority's"),
        (make("CN=root").pem, b"", MalformedCertificate, "not a critical CA:true"),
        (make("CN=root", ca=None).pem, b"", MalformedCertificate, "no basicConstraints"),
        (make_ca("CN=root", usage=("crl_sign",)).pem, b"", MalformedCertificate, "keyCertSign"),
        (
            make_ca("CN=root", ca=None, extra=[(NONCRITICAL, False)]).pem,
            b"",
            MalformedCertificate,
            "not a critical CA:true",
        ),
        (
            make_ca("CN=root", extra=[(x509.CRLDistributionPoints([POINT]), True)]).pem,
            b"",
            MalformedCertificate,
            "must not be marked critical",
        ),
        (ROOT.pem, STRANGER.pem, ForbiddenInstallation, "has no certificate chain"),
        (make_ca("CN=root", STRANGER).pem, b"", ForbiddenInstallation, "only a self-signed"),
    ],
)
def test_not_a_roots(made: bytes, chain: bytes, error: type[ValueError], says: str) -> None:
    """Each fault of a root's certificate has its own error."""
    with pytest.raises(error, match=says):
        examine(issuer_of(ROOT), made, chain, is_root=True)


@pytest.mark.parametrize(
    ("made", "chain", "error", "says"),
    [
        (LOWER.pem, b"", MalformedCertificate, "does not end with its root"),
        (LOWER.pem, MIDDLE.pem, MalformedCertificate, "does not end with its root"),
        (LOWER.pem, ROOT.pem, CertificateMismatch, "did not sign the one before"),
        (LOWER.pem, b"nonsense", MalformedCertificate, "no readable PEM"),
        (make_ca("CN=lower").pem, ROOT.pem, ForbiddenInstallation, "self-signed"),
        (
            make_ca("CN=lower", make_ca("CN=middle", make_ca("CN=root", path_length=0))).pem,
            make_ca("CN=middle", make_ca("CN=root", path_length=0)).pem
            + make_ca("CN=root", path_length=0).pem,
            MalformedCertificate,
            "allows 0 CAs below",
        ),
    ],
)
def test_not_a_subordinates(made: bytes, chain: bytes, error: type[ValueError], says: str) -> None:
    """Each fault of a subordinate's certificate and chain has its own error."""
    with pytest.raises(error, match=says):
        examine(issuer_of(LOWER), made, chain, is_root=False)
