"""Keys and certificates in the forms people keep them in."""

import base64

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from tests.unit.pki.making import Made, make, make_ca

from rolesanywhere.pki.certificates import UnreadableCertificate, parse_pem
from rolesanywhere.pki.identity_files import MismatchedPair, assemble
from rolesanywhere.pki.keys import UnusableKey
from rolesanywhere.pki.pairs import key_matches

CA = make_ca("CN=ca", make_ca("CN=root"))
PASSWORD = b"open sesame"
ML_DSA = {"ML-DSA-44": 17, "ML-DSA-65": 18, "ML-DSA-87": 19}
KINDS = ("P-256", "P-384", "RSA", "ML-DSA-65")
FORMS = [
    *((kind, PrivateFormat.PKCS8) for kind in KINDS),
    *((kind, PrivateFormat.TraditionalOpenSSL) for kind in KINDS[:3]),
]


def leaf(kind: str = "P-256") -> Made:
    return make(f"CN=leaf {kind}", CA, kind=kind)


def key_of(made: Made, form: PrivateFormat, password: bytes | None = None) -> bytes:
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    pem: bytes = made.key.private_bytes(Encoding.PEM, form, encryption)
    return pem


@pytest.mark.parametrize(("kind", "form"), FORMS)
@pytest.mark.parametrize("password", [None, PASSWORD])
def test_every_kind_of_key_is_read(kind: str, form: PrivateFormat, password: bytes | None) -> None:
    """PKCS#8, PKCS#1 and SEC 1, encrypted or not; what comes out is plain PKCS#8."""
    made = leaf(kind)
    identity = assemble(made.pem, key_of(made, form, password), password=PASSWORD)
    assert identity.private_key == made.key_pem
    assert identity.not_after == made.certificate.not_valid_after_utc.timestamp()


def test_a_password_that_is_not_needed_does_no_harm() -> None:
    """Tools give it always."""
    made = leaf()
    assert assemble(made.pem, made.key_pem, password=PASSWORD).private_key == made.key_pem


@asn1.sequence
class Algorithm:
    """Which kind of key."""

    identifier: x509.ObjectIdentifier


@asn1.sequence
class KeyInfo:
    """PKCS#8 (RFC 5958)."""

    version: int
    algorithm: Algorithm
    private_key: bytes


@asn1.sequence
class SeedAndExpandedKey:
    """One of the forms of RFC 9881."""

    seed: bytes
    expanded_key: bytes


OIDS = {kind: f"2.16.840.1.101.3.4.3.{n}" for kind, n in ML_DSA.items()}


def with_expanded_key(kind: str, seed: bytes) -> bytes:
    """Write an ML-DSA key as OpenSSL does by default; what is expanded is not looked at."""
    key = asn1.encode_der(SeedAndExpandedKey(seed=seed, expanded_key=b"e" * 4032))
    algorithm = Algorithm(identifier=x509.ObjectIdentifier(OIDS[kind]))
    der = asn1.encode_der(KeyInfo(version=0, algorithm=algorithm, private_key=key))
    block = b"-----BEGIN PRIVATE KEY-----\n%b-----END PRIVATE KEY-----\n"
    return b"text around it\n" + block % base64.encodebytes(der)


@pytest.mark.parametrize("kind", OIDS)
def test_an_ml_dsa_key_may_have_its_expanded_key_beside_the_seed(kind: str) -> None:
    """As Go's tools want it; another seed's is not the certificate's."""
    made = leaf(kind)
    pem = with_expanded_key(kind, made.key.private_bytes_raw())
    assert assemble(made.pem, pem).private_key == made.key_pem
    with pytest.raises(MismatchedPair):
        assemble(made.pem, with_expanded_key(kind, b"s" * 32))
    with pytest.raises(UnusableKey):
        assemble(made.pem, with_expanded_key(kind, b"short"))


@pytest.mark.parametrize("order", [1, -1])
def test_all_may_stand_in_one_file(order: int) -> None:
    """Key first or certificate first, with text around them."""
    made = leaf()
    blocks = [b"subject: leaf\n", made.pem, b"# not ENCRYPTED:\n", made.key_pem][::order]
    identity = assemble(b"".join(blocks))
    assert (identity.private_key, identity.certificates) == (made.key_pem, made.pem)


def test_intermediates_follow_the_leaf() -> None:
    """From the certificate's file, then from their own."""
    made, other = leaf(), make_ca("CN=other")
    identity = assemble(made.pem + CA.pem, made.key_pem, other.pem)
    assert identity.certificates == made.pem + CA.pem + other.pem


CUTS = {  # bytes of its block that are there, from the end where there is a minus
    "the least of BEGIN": 6,
    "some of BEGIN": 15,
    "most of BEGIN": 25,
    "all of BEGIN": 33,
    "no END": -30,
    "some of END": -15,
    "most of END": -2,
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("label", [b"CERTIFICATE", b"X509 CERTIFICATE"])
def test_a_chain_that_is_still_being_written_is_not_taken(cut: int, label: bytes) -> None:
    """AWS would be asked with a shorter one; wherever it is cut, in whichever file."""
    made = leaf()
    half = CA.pem.replace(b"CERTIFICATE", label)[:cut]
    for files in ((made.pem + half, None), (made.pem, CA.pem + half)):
        with pytest.raises(UnreadableCertificate, match="ends in the middle of a certificate"):
            assemble(files[0], made.key_pem, files[1])


@pytest.mark.parametrize(
    "after",
    [b"", b"\n", b"\r\n\r\n", b"# the end", b"\n---\n", b"\n-----", b"-----BEGIN X-----\n"],
)
@pytest.mark.parametrize("label", [b"CERTIFICATE", b"X509 CERTIFICATE"])
def test_a_chain_may_end_in_many_ways(after: bytes, label: bytes) -> None:
    """Without a newline, or with text: whole certificates are what counts."""
    made = leaf()
    whole = CA.pem.replace(b"CERTIFICATE", label).rstrip() + after
    assert assemble(made.pem + whole, made.key_pem).certificates == made.pem + CA.pem


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
@pytest.mark.parametrize("password", [None, b"", PASSWORD])
def test_pkcs12_has_everything_in_it(kind: str, password: bytes | None) -> None:
    """With the modern encryption too, which the Go helper cannot read."""
    made = leaf(kind)
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    store = serialize_key_and_certificates(
        b"leaf", made.key, made.certificate, [CA.certificate], encryption
    )
    identity = assemble(store, password=password)
    assert key_matches(identity.private_key, identity.certificates)
    assert identity.certificates == made.pem + CA.pem


def with_key(made: Made, old: bytes, new: bytes) -> bytes:
    """Write a certificate again with another public key; its signature is wrong then."""
    return x509.load_der_x509_certificate(made.der.replace(old, new)).public_bytes(Encoding.PEM)


P_256, SM2 = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a811ccf5501822d")
POINT = leaf().key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
NO_POINT = POINT[:1] + bytes(len(POINT) - 1)  # zero and zero are no solution of P-256's equation
BAD_PEM = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
ENCRYPTED = key_of(leaf(), PrivateFormat.PKCS8, PASSWORD)
ODD_ENCRYPTED = BAD_PEM.replace(b"CERTIFICATE", b"ENCRYPTED PRIVATE KEY")
IN_A_TPM = BAD_PEM.replace(b"CERTIFICATE", b"TSS2 PRIVATE KEY")


@pytest.mark.parametrize(
    ("certificate", "private_key", "password", "error", "message"),
    [
        (b"", leaf().key_pem, None, UnreadableCertificate, "neither PEM nor a PKCS#12 file"),
        (b"0\x82garbage", None, PASSWORD, UnreadableCertificate, "neither PEM nor a PKCS#12"),
        (BAD_PEM, leaf().key_pem, None, UnreadableCertificate, "no readable PEM certificate"),
        (leaf().key_pem, leaf().key_pem, None, UnreadableCertificate, "no readable PEM"),
        (
            with_key(leaf(), P_256, SM2),
            CA.key_pem,
            None,
            UnreadableCertificate,
            "of a kind that AWS",
        ),
        (
            with_key(leaf(), POINT, NO_POINT),
            CA.key_pem,
            None,
            UnreadableCertificate,
            "the certificate's key cannot be read",
        ),
        (leaf().pem, b"", None, UnusableKey, "is not readable PEM"),
        (leaf().pem, None, None, UnusableKey, "is not readable PEM"),
        (leaf().pem, leaf().key_pem[:90], None, UnusableKey, "is not readable PEM"),
        (leaf().pem, ENCRYPTED, None, UnusableKey, "is encrypted: give its password"),
        (leaf().pem, ENCRYPTED, b"wrong", UnusableKey, "the password is another key's"),
        (leaf().pem, ODD_ENCRYPTED, PASSWORD, UnusableKey, "must hold its seed alone"),
        (leaf().pem, IN_A_TPM, None, UnusableKey, "keys in hardware are not supported"),
        (leaf().pem + BAD_PEM, leaf().key_pem, None, UnreadableCertificate, "(block 2 of 2)"),
        (leaf().pem, CA.key_pem, None, MismatchedPair, "is not the certificate's"),
        (leaf().pem, leaf("RSA").key_pem, None, MismatchedPair, "is not the certificate's"),
    ],
    ids=[
        "nothing",
        "garbage",
        "a bad certificate",
        "no certificate",
        "a key on a curve the library does not know",
        "a key that is on no curve",
        "no key",
        "the certificate for a key",
        "half a key",
        "an encrypted key",
        "another password",
        "an encrypted key in a form the library does not know",
        "a key in a TPM",
        "a bad certificate behind a good one",
        "another key",
        "a key of another kind",
    ],
)
def test_what_is_of_no_use_is_said(
    certificate: bytes,
    private_key: bytes | None,
    password: bytes | None,
    error: type[Exception],
    message: str,
) -> None:
    """Without quoting a byte of it."""
    with pytest.raises(error) as caught:
        assemble(certificate, private_key, password=password)
    assert message in str(caught.value)
    assert "MII" not in str(caught.value)


def test_a_pkcs12_file_may_not_need_the_password() -> None:
    """Tools give it always."""
    made = leaf()
    store = serialize_key_and_certificates(
        b"leaf", made.key, made.certificate, None, NoEncryption()
    )
    assert assemble(store, password=PASSWORD).private_key == made.key_pem


def test_a_wrong_password_for_pkcs12_is_said() -> None:
    """It cannot be told from a file that is something else."""
    made = leaf()
    encryption = BestAvailableEncryption(PASSWORD)
    store = serialize_key_and_certificates(b"leaf", made.key, made.certificate, None, encryption)
    with pytest.raises(UnreadableCertificate, match="that this password opens"):
        assemble(store, password=b"wrong")


def test_an_identity_does_not_show_its_key() -> None:
    """Its repr may land in a traceback."""
    made = leaf()
    assert "PRIVATE" not in repr(assemble(made.pem, made.key_pem))


def test_the_leaf_comes_first() -> None:
    """Whoever signs takes the first for the leaf."""
    made = leaf()
    first, *_ = parse_pem(assemble(made.pem, made.key_pem, CA.pem).certificates)
    assert first == made.certificate


def test_each_certificate_is_sent_once() -> None:
    """The chain stands in the certificate's file and in its own: AWS takes five, not ten."""
    made = leaf()
    full = made.pem + CA.pem
    assert assemble(full, made.key_pem, full).certificates == full


def test_an_empty_file_holds_no_intermediates() -> None:
    """The Go helper takes it, so do we."""
    made = leaf()
    assert assemble(made.pem, made.key_pem, b"\n").certificates == made.pem


@pytest.mark.timeout(20)
def test_beginnings_without_an_end_take_no_time() -> None:
    """Whoever may edit a Secret holds up nobody who reads it, were it a megabyte of them."""
    with pytest.raises(UnreadableCertificate):
        parse_pem(b"-----BEGIN CERTIFICATE-----\n" * 36_000)
