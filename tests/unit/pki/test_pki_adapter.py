"""The adapter fits its port, and its parts work together."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tests.unit.pki.making import DAY, NOON

from rolesanywhere.api.authority import CASubject, KeyAlgorithm
from rolesanywhere.domain.observed import IssuedCertificate
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.pki.adapter import X509
from rolesanywhere.reconcile.ports import Pki

PKI: Pki = X509()  # mypy holds the adapter to the port's shape


def test_from_nothing_to_a_secret() -> None:
    """Own CA, request, certificate: key and certificate match, the CA stays out of tls.crt."""
    pair = PKI.create_own_authority(
        KeyAlgorithm.EC_PRIME256V1,
        CASubject(common_name="ca"),
        not_before=NOON,
        not_after=NOON + DAY,
    )
    authority = PKI.load_own_authority(pair.private_key, pair.document)
    wanted = PKI.request(
        KeyAlgorithm.EC_PRIME256V1,
        common_name="web.shop",
        organizational_unit="tech",
        organization="Lab",
        uri="spiffe://lab/ns/shop/sa/web",
    )
    leaf = authority.issue(wanted.document, not_before=NOON, not_after=NOON + DAY)
    issued = IssuedCertificate(leaf.decode(), authority.certificate)
    assert PKI.key_matches(wanted.private_key, leaf)
    assert PKI.chain_for(issued) == (leaf, authority.certificate.encode())
    (facts,) = PKI.inspect(leaf)
    assert facts.subject.text == "CN=web.shop,OU=tech,O=Lab"


@pytest.mark.parametrize("algorithm", list(KeyAlgorithm))
def test_every_key_algorithm_makes_a_signed_request(algorithm: KeyAlgorithm) -> None:
    """The key is PKCS#8 and is the request's; URI is the first and only SAN; SHA-256 signs."""
    pair = PKI.request(
        algorithm, common_name="web", organizational_unit=None, organization=None, uri="spiffe://x"
    )
    csr = x509.load_pem_x509_csr(pair.document)
    names = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert pair.private_key.startswith(b"-----BEGIN PRIVATE KEY-----")
    assert load_pem_private_key(pair.private_key, None).public_key() == csr.public_key()
    assert list(names) == [x509.UniformResourceIdentifier("spiffe://x")]
    assert csr.is_signature_valid
    assert csr.signature_hash_algorithm is not None
    assert csr.signature_hash_algorithm.name == "sha256"


@pytest.mark.parametrize(("common_name", "uri"), [("x" * 65, "spiffe://x"), ("x", "spiffe://é")])
def test_names_x509_cannot_carry_are_refused(common_name: str, uri: str) -> None:
    """A name too long or not ASCII is a matter of the spec, and is named."""
    with pytest.raises(Refusal, match="no certificate can carry"):
        PKI.request(
            KeyAlgorithm.EC_PRIME256V1,
            common_name=common_name,
            organizational_unit=None,
            organization=None,
            uri=uri,
        )


def test_a_key_pair_hides_its_key() -> None:
    """Printed by accident, a pair says nothing."""
    pair = PKI.request(
        KeyAlgorithm.EC_PRIME256V1,
        common_name="web",
        organizational_unit=None,
        organization=None,
        uri="spiffe://x",
    )
    assert repr(pair) == "KeyPair(…)"
