"""CAs made by acm-pca's words: their keys, requests and revocation lists."""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any

import pytest
from cryptography import x509
from tests.unit.pki.making import DAY, NOON

from rolesanywhere.pki.certificates import parse_pem
from rolesanywhere.pki.crl import RevocationList, RevokedCertificate
from rolesanywhere.pki.issuers import StoredIssuer, create_issuer, load_issuer
from rolesanywhere.pki.passthrough import InvalidPassthrough
from rolesanywhere.pki.signing_methods import UnsuitableAlgorithm
from rolesanywhere.pki.subjects import InvalidSubject

SUBJECT = {
    "CommonName": "www.example.com",
    "Locality": "Seattle",
    "State": "WA",
    "OrganizationalUnit": "Sales",
    "Organization": "Example Corp",
    "Country": "US",
}
P256 = {"KeyAlgorithm": "EC_prime256v1", "SigningAlgorithm": "SHA256WITHECDSA", "Subject": SUBJECT}


def stored(**changes: Any) -> StoredIssuer:  # noqa: ANN401 - of a configuration
    return create_issuer({**P256, **changes})


@pytest.mark.parametrize(
    ("key", "signing"),
    [
        ("RSA_2048", "SHA256WITHRSA"),
        ("RSA_2048", "SHA512WITHRSA_PSS"),
        ("EC_prime256v1", "SHA512WITHECDSA"),
        ("EC_secp384r1", "SHA384WITHECDSA"),
        ("EC_secp521r1", "SHA256WITHECDSA"),
        ("ML_DSA_44", "ML_DSA_44"),
        ("ML_DSA_65", "ML_DSA_65"),
        ("ML_DSA_87", "ML_DSA_87"),
    ],
)
def test_every_algorithm(key: str, signing: str) -> None:
    """A CA of every algorithm signs its request, its own certificate and its revocation list."""
    made = stored(KeyAlgorithm=key, SigningAlgorithm=signing)
    assert x509.load_pem_x509_csr(made.request).is_signature_valid
    issuer = load_issuer(made)
    pem = issuer.sign(
        made.request,
        template="RootCACertificate/V1",
        signing_algorithm=signing,
        not_before=NOON - DAY,
        not_after=NOON + DAY,
    )
    (own,) = parse_pem(pem)
    own.verify_directly_issued_by(own)
    assert issuer.matches(pem)
    der = load_issuer(made, pem).revocation_list(RevocationList((), NOON, NOON + DAY, 1), signing)
    assert x509.load_der_x509_crl(der).is_signature_valid(own.public_key())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"SigningAlgorithm": "SHA256WITHRSA"}, UnsuitableAlgorithm),
        ({"SigningAlgorithm": "ML_DSA_44"}, UnsuitableAlgorithm),
        ({"KeyAlgorithm": "ML_DSA_44", "SigningAlgorithm": "ML_DSA_65"}, UnsuitableAlgorithm),
        ({"KeyAlgorithm": "SM2", "SigningAlgorithm": "SM3WITHSM2"}, UnsuitableAlgorithm),
        ({"KeyAlgorithm": "RSA_1024", "SigningAlgorithm": "SHA256WITHRSA"}, UnsuitableAlgorithm),
        ({"Subject": {"Country": "DEU"}}, InvalidSubject),
        (
            {"CsrExtensions": {"SubjectInformationAccess": [{"AccessMethod": {}}]}},
            InvalidPassthrough,
        ),
    ],
)
def test_what_cannot_be_made(changes: Mapping[str, Any], error: type[ValueError]) -> None:
    """Keys and signing algorithms must be of one family; a subject must fit into X.509."""
    with pytest.raises(error):
        stored(**changes)


def test_the_subjects_order() -> None:
    """Attributes come in the order of AWS's model, whatever the order of the parameters."""
    subject = x509.load_pem_x509_csr(stored().request).subject
    shown = ", ".join(each.rfc4514_string() for each in subject)
    assert shown == "C=US, O=Example Corp, OU=Sales, ST=WA, CN=www.example.com, L=Seattle"


def test_csr_extensions() -> None:
    """CsrExtensions are in the CA's request."""
    access = {
        "AccessMethod": {"AccessMethodType": "CA_REPOSITORY"},
        "AccessLocation": {"UniformResourceIdentifier": "https://repository.example"},
    }
    made = stored(
        CsrExtensions={"KeyUsage": {"KeyCertSign": True}, "SubjectInformationAccess": [access]}
    )
    extensions = x509.load_pem_x509_csr(made.request).extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.digital_signature) == (True, False)
    (found,) = extensions.get_extension_for_class(x509.SubjectInformationAccess).value
    assert found.access_location.value == "https://repository.example"


def test_the_key_does_not_show() -> None:
    """A stored CA's repr has no key in it."""
    made = stored()
    assert "PRIVATE" in made.private_key.decode()
    assert "PRIVATE" not in repr(made)


def test_a_list() -> None:
    """A list has number, times, key identifier, and an entry with time and reason for each."""
    made = stored()
    revoked = RevocationList(
        entries=(
            RevokedCertificate(7, NOON, "KEY_COMPROMISE"),
            RevokedCertificate(8, NOON, "A_A_COMPROMISE"),
            RevokedCertificate(9, NOON, "UNSPECIFIED"),
        ),
        this_update=NOON,
        next_update=NOON + DAY,
        number=1515616127629,
    )
    der = load_issuer(made).revocation_list(revoked, "SHA256WITHECDSA")
    crl = x509.load_der_x509_crl(der)
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 1515616127629
    own = x509.SubjectKeyIdentifier.from_public_key(
        x509.load_pem_x509_csr(made.request).public_key()
    )
    signer = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert signer.key_identifier == own.digest
    assert (crl.last_update_utc, crl.next_update_utc) == (NOON, NOON + timedelta(days=1))
    entries = {each.serial_number: each for each in crl}
    assert {each.revocation_date_utc for each in entries.values()} == {NOON.astimezone(UTC)}
    reasons = {
        serial: each.extensions.get_extension_for_class(x509.CRLReason).value.reason
        for serial, each in entries.items()
        if len(each.extensions)
    }
    assert reasons == {
        7: x509.ReasonFlags.key_compromise,
        8: x509.ReasonFlags.aa_compromise,
    }


def test_a_partition_says_so() -> None:
    """A partition's list names, critically, the URL it is for."""
    revoked = RevocationList((), NOON, NOON + DAY, 1, "http://lists/part.crl")
    der = load_issuer(stored()).revocation_list(revoked, "SHA256WITHECDSA")
    found = x509.load_der_x509_crl(der).extensions.get_extension_for_class(
        x509.IssuingDistributionPoint
    )
    assert found.critical
    assert [name.value for name in found.value.full_name or ()] == ["http://lists/part.crl"]
