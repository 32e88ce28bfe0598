"""Revocation lists: read, and found to be an authority's own or not."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from tests.unit.pki.making import DAY, NOON, Made, make_ca

from rolesanywhere.pki.revocation_lists import ReadList, UnusableList, read_list

AUTHORITY = make_ca("CN=ca,OU=tech")


def list_of(*serials: int, by: Made = AUTHORITY) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(NOON)
        .next_update(NOON + DAY)
    )
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOON)
        builder = builder.add_revoked_certificate(entry.build())
    is_pure = type(by.key).__name__.startswith("MLDSA")
    return builder.sign(by.key, None if is_pure else SHA256()).public_bytes(Encoding.PEM)


@pytest.mark.parametrize("kind", ["P-256", "P-521", "RSA", "ML-DSA-65"])
def test_an_authority_s_own_list(kind: str) -> None:
    """Whatever its key, its list is read, and its issuer named."""
    authority = make_ca(f"CN=ca,OU={kind}", kind=kind)
    read = read_list(list_of(7, 2**150, by=authority), authority.pem.decode())
    assert read == ReadList(authority.certificate.subject.rfc4514_string(), frozenset({7, 2**150}))


def test_one_of_several_authorities_will_do() -> None:
    """An anchor may hold two certificates."""
    both = (make_ca("CN=other").pem + AUTHORITY.pem).decode()
    assert read_list(list_of(), both).serials == frozenset()


def without_crl_sign() -> Made:
    return make_ca("CN=ca,OU=tech", usage=("key_cert_sign",))


@pytest.mark.parametrize(
    ("data", "authorities", "words"),
    [
        (b"nothing", AUTHORITY.pem, "one PEM block"),
        (list_of(1) + list_of(2), AUTHORITY.pem, "one PEM block"),
        (AUTHORITY.pem, AUTHORITY.pem, "one PEM block"),
        (list_of(1).replace(b"MI", b"!!", 1), AUTHORITY.pem, "cannot be read"),
        (list_of(1), b"nothing", "cannot be read"),
        (list_of(1), make_ca("CN=stranger").pem, "not signed by any"),
        (list_of(1), make_ca("CN=ca,OU=tech", kind="P-384").pem, "not signed by any"),
        (list_of(1), without_crl_sign().pem, "not signed by any"),
    ],
    ids=[
        "text",
        "two lists",
        "a certificate",
        "damaged",
        "no authority",
        "another's",
        "another key of the same name",
        "a CA that may not sign lists",
    ],
)
def test_what_is_no_list_of_the_authority(data: bytes, authorities: bytes, words: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(UnusableList, match=words):
        read_list(data, authorities.decode())
