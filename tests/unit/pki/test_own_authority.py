"""The own CA: made, loaded, refused, and at work."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.unit.pki.making import (
    AUTHORITY_USAGE,
    DAY,
    NOON,
    OUTDATED,
    Made,
    make,
    make_ca,
    signed_weakly,
    version_1,
)

from rolesanywhere.api.authority import CASubject, KeyAlgorithm
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.certificate import KeyPair
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.pki.authority import create, load
from rolesanywhere.pki.inspection import inspect
from rolesanywhere.pki.path import validate
from rolesanywhere.pki.requests import request

END_OF_TIME = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
SUBJECT = CASubject(
    common_name="sample", organizational_unit="tech", organization="Lab", country="JP"
)
URI = "spiffe://lab/ns/shop/sa/web"


def made(algorithm: KeyAlgorithm = KeyAlgorithm.EC_PRIME256V1) -> KeyPair:
    return create(algorithm, SUBJECT, not_before=NOON - DAY, not_after=END_OF_TIME)


def csr(algorithm: KeyAlgorithm = KeyAlgorithm.EC_PRIME256V1) -> bytes:
    return request(
        algorithm,
        common_name="web.shop",
        organizational_unit="tech",
        organization=None,
        uri=URI,
    ).document


def parsed(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)


def key_id(certificate: x509.Certificate) -> x509.SubjectKeyIdentifier:
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value


def key_id_of_key(certificate: x509.Certificate) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())


def test_a_new_authority_is_what_a_trust_anchor_must_be() -> None:
    """CA:true, pathLen 0, keyCertSign and cRLSign, critical, and dates to the end of time."""
    pem = made().document
    certificate = parsed(pem)
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    (facts,) = inspect(pem)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)
    assert usage.critical
    assert facts.key_usage == frozenset({"keyCertSign", "cRLSign"})
    assert key_id(certificate) == key_id_of_key(certificate)
    assert facts.subject.attributes == (("C", "JP"), ("O", "Lab"), ("OU", "tech"), ("CN", "sample"))
    assert facts.subject == facts.issuer
    assert (facts.not_before, facts.not_after) == (NOON - DAY, END_OF_TIME)


def test_serials_are_random_and_positive() -> None:
    """At most 159 bits, never the same."""
    authority = load(*pair(made()))
    serials = {
        inspect(authority.issue(csr(), not_before=NOON, not_after=NOON + DAY))[0].serial
        for _ in range(8)
    }
    assert len(serials) == 8
    assert all(0 < serial < 1 << 159 for serial in serials)


def pair(key_pair: KeyPair) -> tuple[bytes, bytes]:
    return key_pair.private_key, key_pair.document


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        (KeyAlgorithm.RSA_2048, "sha256"),
        (KeyAlgorithm.EC_PRIME256V1, "sha256"),
        (KeyAlgorithm.EC_SECP384R1, "sha384"),
        (KeyAlgorithm.EC_SECP521R1, "sha512"),
    ],
)
def test_what_an_authority_issues_is_trusted(algorithm: KeyAlgorithm, digest: str) -> None:
    """Each kind of CA signs, with a hash as strong as its key, leaves Roles Anywhere accepts."""
    authority = load(*pair(made(algorithm)))
    leaf = parsed(authority.issue(csr(), not_before=NOON - DAY, not_after=NOON + DAY))
    validate(leaf.public_bytes(Encoding.DER), [], authority.certificate, now=NOON)
    assert authority.facts.signature_hash == digest
    assert leaf.signature_hash_algorithm is not None
    assert leaf.signature_hash_algorithm.name == digest


def test_a_leaf_carries_the_request_and_the_template() -> None:
    """Subject and SAN are the request's; the rest is EndEntityClientAuthCertificate/V1."""
    authority = load(*pair(made()))
    pem = authority.issue(csr(), not_before=NOON, not_after=NOON + DAY)
    (facts,), extensions = inspect(pem), parsed(pem).extensions
    assert facts.subject.attributes == (("OU", "tech"), ("CN", "web.shop"))
    assert facts.san_uri == (URI,)
    assert facts.issuer == authority.facts.subject
    assert facts.is_ca is False
    assert (facts.not_before, facts.not_after) == (NOON, NOON + DAY)
    assert facts.key_usage == frozenset({"digitalSignature", "keyEncipherment"})
    assert extensions.get_extension_for_class(x509.KeyUsage).critical
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert key_id(parsed(pem)) == key_id_of_key(parsed(pem))


def test_a_leaf_names_its_issuers_key_as_the_issuer_does() -> None:
    """A foreign CA may number its key otherwise than we would: the leaf repeats its number."""
    ski = x509.SubjectKeyIdentifier(b"chosen by hand")
    foreign = make_ca("CN=foreign", extra=[(ski, False)])
    leaf = parsed(
        load(foreign.key_pem, foreign.pem).issue(csr(), not_before=NOON, not_after=NOON + DAY)
    )
    aki = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert aki.key_identifier == b"chosen by hand"


def encrypted(made_ca: Made) -> bytes:
    pem: bytes = made_ca.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")
    )
    return pem


GOOD = make_ca("CN=good")
FIRST_VERSION = make("CN=v1", ca=None, usage=None)
RSA_CA = make_ca("CN=rsa", kind="RSA")
ML_DSA = make_ca("CN=post-quantum", kind="ML-DSA-65")


@pytest.mark.parametrize(
    ("private_key", "certificate", "words"),
    [
        (b"", GOOD.pem, "tls.key cannot be used: the private key is not readable PEM"),
        (b"garbage", GOOD.pem, "tls.key cannot be used"),
        (encrypted(GOOD), GOOD.pem, "encrypted; store it without a passphrase"),
        (GOOD.key_pem, b"", "tls.crt cannot be used"),
        (GOOD.key_pem, GOOD.key_pem, "tls.crt cannot be used"),
        (make_ca("CN=other").key_pem, GOOD.pem, "tls.key is not the key of tls.crt"),
        (ML_DSA.key_pem, ML_DSA.pem, "tls.key must be RSA"),
        *(
            (faulty.key_pem, faulty.pem, words)
            for faulty, words in (
                (version_1(FIRST_VERSION, FIRST_VERSION), "not X.509 version 3"),
                (make("CN=a", usage=AUTHORITY_USAGE), "not a CA certificate"),
                (make("CN=b", ca=None, usage=AUTHORITY_USAGE), "not a CA certificate"),
                (make_ca("CN=c", usage=["crl_sign"]), "keyUsage keyCertSign"),
                (make_ca("CN=d", usage=None), "keyUsage keyCertSign"),
                (signed_weakly(RSA_CA, RSA_CA, OUTDATED[0]), "weaker than SHA-256"),
            )
        ),
    ],
)
def test_an_unfit_ca_secret_is_refused(private_key: bytes, certificate: bytes, words: str) -> None:
    """The message names the part that is wrong and what to do, and never holds the key."""
    with pytest.raises(Refusal, match=words) as refusal:
        load(private_key, certificate)
    assert refusal.value.reason is Reason.CA_SECRET_INVALID
    assert "BEGIN" not in str(refusal.value)


def unsigned_request() -> bytes:
    """Give a good request with one byte of its signature changed."""
    der = bytearray(x509.load_pem_x509_csr(csr()).public_bytes(Encoding.DER))
    der[-1] ^= 1
    return x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM)


def nameless_request() -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    key = ec.generate_private_key(ec.SECP256R1())
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (lambda: b"garbage", "not readable PEM"),
        (lambda: GOOD.pem, "not readable PEM"),
        (unsigned_request, "not signed by its own key"),
        (nameless_request, "neither a subject nor a SAN"),
    ],
    ids=["garbage", "certificate", "signature", "nameless"],
)
def test_a_bad_request_is_not_signed(bad: Callable[[], bytes], words: str) -> None:
    """Nothing is certified that does not prove possession of its key, or names nobody."""
    with pytest.raises(Refusal, match=words):
        load(GOOD.key_pem, GOOD.pem).issue(bad(), not_before=NOON, not_after=NOON + DAY)


def test_a_subject_x509_cannot_carry_is_refused() -> None:
    """A country is two letters; the refusal says so before a key is made."""
    with pytest.raises(Refusal, match="CA's subject") as refusal:
        create(
            KeyAlgorithm.EC_PRIME256V1,
            CASubject(common_name="x", country="Japan"),
            not_before=NOON,
            not_after=NOON + DAY,
        )
    assert refusal.value.reason is Reason.INVALID_SPEC
