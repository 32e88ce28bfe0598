"""Certificates in words."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from tests.unit.pki.making import DAY, NOON, Made, make, make_ca, vectors

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.observed import IssuedCertificate
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.pki.inspection import chain_for, facts_of, inspect
from rolesanywhere.pki.pairs import key_matches

ROOT = make_ca("CN=root,O=Lab")
NAMESAKE = make_ca("CN=root,O=Lab", ROOT, kind="P-384")  # a subordinate with its root's name
MIDDLE = make_ca("CN=middle,O=Lab", ROOT)
LEAF = make(
    "CN=web,OU=Research,OU=Security",  # RFC 4514 is written backwards: Security comes first
    MIDDLE,
    serial=0x123,
    extra=[
        (
            x509.SubjectAlternativeName(
                [
                    x509.UniformResourceIdentifier("spiffe://lab/ns/shop/sa/web"),
                    x509.DNSName("web.shop"),
                    x509.UniformResourceIdentifier("spiffe://second"),
                    x509.DirectoryName(x509.Name.from_rfc4514_string("CN=dir")),
                ]
            ),
            False,
        )
    ],
)


def test_facts_of_a_leaf() -> None:
    """Every fact a rule may ask for is there."""
    facts = facts_of(LEAF.der)
    assert facts.serial == 0x123
    assert facts.subject.text == "CN=web,OU=Research,OU=Security"
    assert facts.issuer.attributes == (("O", "Lab"), ("CN", "middle"))
    assert (facts.not_before, facts.not_after) == (NOON - DAY, NOON + DAY)
    assert (facts.version, facts.is_ca) == (3, False)
    assert facts.key_usage == frozenset({"digitalSignature"})
    assert facts.signature_hash == "sha256"
    assert facts.san_uri == ("spiffe://lab/ns/shop/sa/web", "spiffe://second")
    assert facts.san_dns == ("web.shop",)
    assert [name.attributes for name in facts.san_directory_names] == [(("CN", "dir"),)]
    assert len(facts.public_key_sha256) == 64


def test_repeated_names_keep_the_certificates_order() -> None:
    """Roles Anywhere joins repeated OUs in this order into one tag."""
    facts = facts_of(LEAF.der)
    assert facts.subject.attributes == (("OU", "Security"), ("OU", "Research"), ("CN", "web"))


def test_what_is_absent_is_none_or_empty() -> None:
    """No extension is not the same as an extension that says no."""
    facts = facts_of(make("CN=bare", ca=None, usage=None).der)
    assert (facts.is_ca, facts.key_usage) == (None, None)
    assert (facts.san_dns, facts.san_uri, facts.san_directory_names) == ((), (), ())


@pytest.mark.parametrize(
    ("oid", "value", "short"),
    [
        (NameOID.COUNTRY_NAME, "JP", "C"),
        (NameOID.STATE_OR_PROVINCE_NAME, "Kyoto", "ST"),
        (NameOID.LOCALITY_NAME, "Uji", "L"),
        (NameOID.DOMAIN_COMPONENT, "example", "DC"),
        (NameOID.USER_ID, "u1", "UID"),
        (NameOID.SERIAL_NUMBER, "42", "serialNumber"),
        (x509.ObjectIdentifier("1.2.3.4"), "x", "1.2.3.4"),
    ],
)
def test_short_names(oid: x509.ObjectIdentifier, value: str, short: str) -> None:
    """Attributes carry the names session tags are made of; unknown ones their number."""
    name = x509.Name([x509.NameAttribute(oid, value)])
    directory = x509.SubjectAlternativeName([x509.DirectoryName(name)])
    facts = facts_of(make("CN=named", extra=[(directory, False)]).der)
    assert facts.san_directory_names[0].attributes == ((short, value),)


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        ("RSA", "RSA_2048"),
        ("P-256", "EC_prime256v1"),
        ("P-384", "EC_secp384r1"),
        ("P-521", "EC_secp521r1"),
        ("ML-DSA-44", "ML_DSA_44"),
        ("ML-DSA-65", "ML_DSA_65"),
        ("ML-DSA-87", "ML_DSA_87"),
    ],
)
def test_key_algorithms(kind: str, algorithm: str) -> None:
    """Keys are named as acm-pca names them."""
    facts = facts_of(make(f"CN={kind}", kind=kind).der)
    assert facts.key_algorithm == algorithm
    assert (facts.signature_hash is None) == kind.startswith("ML-DSA")


def test_facts_of_a_foreign_certificate() -> None:
    """A certificate made by other tools reads the same way."""
    header = dict(vectors()[0].request.headers)["X-Amz-X509"]
    pem = f"-----BEGIN CERTIFICATE-----\n{header}\n-----END CERTIFICATE-----\n"
    (facts,) = inspect(pem.encode())
    assert facts.serial == 702118255457796889038611869719230143425182017533
    assert facts.subject.attributes == (("O", "Lab"), ("CN", "leaf-ec"))
    assert facts.san_uri == ("spiffe://lab/ns/a/sa/b",)
    assert facts.not_before == datetime(2026, 11, 23, 19, 23, 13, tzinfo=UTC)


def test_a_bundle_is_read_in_order() -> None:
    """Text between the blocks is tolerated, as openssl writes it."""
    bundle = b"subject=web\n" + LEAF.pem + b"\nissuer: middle\n" + MIDDLE.pem
    assert [facts.subject.first("CN") for facts in inspect(bundle)] == ["web", "middle"]


@pytest.mark.parametrize(
    "bundle",
    [b"", b"no pem", LEAF.key_pem, LEAF.pem.replace(b"MII", b"AII", 1), LEAF.pem + ROOT.pem[:99]],
    ids=["empty", "text", "key", "damaged", "the second cut off"],
)
def test_no_certificate_is_a_refusal(bundle: bytes) -> None:
    """What cannot be read says so, and never quotes what it was given."""
    with pytest.raises(Refusal, match="cannot read the certificates") as refusal:
        inspect(bundle)
    assert refusal.value.reason is Reason.INVALID_SPEC
    assert "PRIVATE" not in str(refusal.value)


@pytest.mark.parametrize(
    ("private_key", "certificate", "match"),
    [
        (LEAF.key_pem, LEAF.pem, True),
        (LEAF.key_pem, LEAF.pem + MIDDLE.pem, True),
        (LEAF.key_pem, MIDDLE.pem + LEAF.pem, False),
        (ROOT.key_pem, LEAF.pem, False),
        (make("CN=rsa", kind="RSA").key_pem, LEAF.pem, False),
        (b"", LEAF.pem, False),
        (LEAF.key_pem, b"", False),
        (LEAF.pem, LEAF.key_pem, False),
    ],
)
def test_key_matches(private_key: bytes, certificate: bytes, match: bool) -> None:  # noqa: FBT001 - a column
    """Only the first certificate counts, and unreadable input matches nothing."""
    assert key_matches(private_key, certificate) is match


@pytest.mark.parametrize(
    ("chain", "sent", "root"),
    [
        ([MIDDLE, ROOT], [LEAF, MIDDLE], [ROOT]),
        ([ROOT], [LEAF], [ROOT]),
        ([MIDDLE], [LEAF, MIDDLE], [MIDDLE]),
        ([], [LEAF], []),
        ([NAMESAKE, ROOT], [LEAF, NAMESAKE], [ROOT]),
    ],
    ids=["root-last", "root-only", "no-root", "empty", "subordinate-of-the-same-name"],
)
def test_the_root_is_stripped_from_the_chain(
    chain: list[Made], sent: list[Made], root: list[Made]
) -> None:
    """tls.crt holds leaf and intermediates, ca.crt the highest certificate there is."""
    issued = IssuedCertificate(LEAF.pem.decode(), "\n".join(made.pem.decode() for made in chain))
    assert chain_for(issued) == (
        b"".join(made.pem for made in sent),
        b"".join(made.pem for made in root),
    )


def test_an_unreadable_chain_is_a_refusal() -> None:
    """An answer that is no certificate is reported, not stored."""
    with pytest.raises(Refusal, match="cannot be read"):
        chain_for(IssuedCertificate(LEAF.pem.decode(), "garbage"))
