"""IssueCertificate: templates, hierarchies, tokens."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography import x509
from tests.unit.emulator.private_ca.authority_at_work import (
    EC_ROOT,
    SEVEN_DAYS,
    Desk,
    blob,
    by_arn,
    leaf_of,
    template,
)

from rolesanywhere.pki.certificates import parse_pem, to_der
from rolesanywhere.pki.extensions import TEMPLATES
from rolesanywhere.pki.inspection import inspect
from rolesanywhere.pki.path import validate

GENERAL = {"UsageMode": "GENERAL_PURPOSE"}
YEAR = {"Type": "YEARS", "Value": 1}


def below(desk: Desk, parent: str, length: int) -> str:
    """Make an ACTIVE subordinate CA under another; gives its ARN."""
    configuration = {
        **EC_ROOT["CertificateAuthorityConfiguration"],
        "Subject": {"CommonName": f"subordinate {length}"},
    }
    arn = desk.pending(
        CertificateAuthorityType="SUBORDINATE",
        CertificateAuthorityConfiguration=configuration,
        **GENERAL,
    )
    signed = desk.issued(
        parent,
        Csr=blob(desk.csr(arn)),
        TemplateArn=template(f"SubordinateCACertificate_PathLen{length}/V1"),
        Validity={"Type": "DAYS", "Value": 300 + length},
    )
    answer = desk.certificate(parent, signed)
    desk.install(arn, answer["Certificate"], answer["CertificateChain"])
    return arn


def test_a_hierarchy() -> None:
    """Root, two CAs and a leaf: the leaf's chain names each issuer in turn, the root last."""
    desk = Desk()
    root = desk.active(**GENERAL)
    lower = below(desk, below(desk, root, 1), 0)
    leaf = desk.certificate(lower, desk.issued(lower))
    chain = parse_pem(leaf["CertificateChain"].encode())
    (own,) = parse_pem(leaf["Certificate"].encode())
    names = [
        each.issuer == above.subject for each, above in zip((own, *chain), chain, strict=False)
    ]
    assert names == [True, True, True]
    validate(
        to_der(own),
        [to_der(each) for each in chain[:2]],
        desk.service.active_authority(root),
        now=desk.clock.now(),
    )
    above = desk.call("GetCertificateAuthorityCertificate", by_arn(lower))
    assert leaf["CertificateChain"] == f"{above['Certificate']}\n{above['CertificateChain']}"


def test_the_path_gets_shorter() -> None:
    """A CA of path length 1 signs one of 0, and no other of 1."""
    desk = Desk()
    middle = below(desk, desk.active(**GENERAL), 1)
    parameters = {
        **leaf_of(middle),
        "Csr": blob(desk.csr(desk.pending(CertificateAuthorityType="SUBORDINATE"))),
        "TemplateArn": template("SubordinateCACertificate_PathLen1/V1"),
    }
    error = desk.refusal("IssueCertificate", parameters)
    assert (error.code, "path length" in error.message) == ("ValidationException", True)


@pytest.mark.parametrize("name", [name for name in TEMPLATES if not name.startswith("RootCA")])
def test_every_template_issues(name: str) -> None:
    """Each of acm-pca's templates but the root's issues by an ACTIVE root CA."""
    desk = Desk()
    arn = desk.active(**GENERAL)
    pem = desk.certificate(arn, desk.issued(arn, TemplateArn=template(name)))["Certificate"]
    (facts,) = inspect(pem.encode())
    assert facts.is_ca is TEMPLATES[name].is_ca


def test_the_default_template() -> None:
    """Without a template it is EndEntityCertificate/V1: server and client."""
    desk = Desk()
    arn = desk.active()
    parameters = leaf_of(arn)
    del parameters["TemplateArn"]
    answer = desk.call("IssueCertificate", parameters)
    pem = desk.certificate(arn, answer["CertificateArn"])["Certificate"]
    (certificate,) = parse_pem(pem.encode())
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert len(list(purposes)) == 2


def test_a_subordinate_makes_no_root() -> None:
    """A subordinate CA cannot issue from the root's template."""
    desk = Desk()
    arn = below(desk, desk.active(**GENERAL), 0)
    parameters = {**leaf_of(arn), "TemplateArn": template("RootCACertificate/V1")}
    assert desk.refusal("IssueCertificate", parameters).code == "InvalidArgsException"


def test_a_root_is_renewed() -> None:
    """An ACTIVE root signs itself anew; with the new certificate leaves may live longer."""
    desk = Desk()
    arn = desk.pending(**GENERAL)
    desk.activate(arn, YEAR)
    two_years = {"Type": "YEARS", "Value": 2}
    too_long = {**leaf_of(arn), "Validity": two_years}
    assert desk.refusal("IssueCertificate", too_long).code == "ValidationException"
    desk.activate(arn)
    assert desk.call("IssueCertificate", too_long)


def test_api_passthrough_reaches_the_certificate() -> None:
    """ApiPassthrough names the subject with a template for it, and is ignored by the others."""
    desk = Desk()
    arn = desk.active()
    api: dict[str, Any] = {"ApiPassthrough": {"Subject": {"CommonName": "from-the-api"}}}
    heeding, deaf = (
        inspect(
            desk.certificate(arn, desk.issued(arn, TemplateArn=template(name), **api))[
                "Certificate"
            ].encode()
        )[0].subject.first("CN")
        for name in ("EndEntityClientAuthCertificate_APIPassthrough/V1", "EndEntityCertificate/V1")
    )
    assert (heeding, deaf) == ("from-the-api", "web")


def test_the_same_token_gives_the_same_certificate() -> None:
    """Token and arguments together are remembered for five minutes."""
    desk = Desk()
    arn = desk.active()
    first = desk.issued(arn, IdempotencyToken="one")
    assert desk.issued(arn, IdempotencyToken="one") == first
    assert desk.issued(arn, IdempotencyToken="two") != first
    six_days = {**SEVEN_DAYS, "Value": 6}
    assert desk.issued(arn, IdempotencyToken="one", Validity=six_days) != first
    desk.wait(minutes=6)
    assert desk.issued(arn, IdempotencyToken="one") != first


def test_no_token_no_memory() -> None:
    """Without a token two identical requests are two certificates."""
    desk = Desk()
    arn = desk.active()
    assert desk.issued(arn) != desk.issued(arn)


def test_the_same_create_gives_the_same_authority() -> None:
    """Two identical creates within five minutes without tokens make one CA; tokens make two."""
    desk = Desk()
    first = desk.pending()
    assert desk.pending() == first
    assert desk.pending(IdempotencyToken="a") != desk.pending(IdempotencyToken="b")
    desk.wait(minutes=6)
    assert desk.pending() != first


def test_a_token_is_an_accounts_own() -> None:
    """The same create in another region is another CA."""
    desk = Desk()
    first = desk.pending()
    desk.caller = type(desk.caller)(desk.caller.account, "eu-west-1")
    assert desk.pending() != first


def test_many_at_once() -> None:
    """Issued by many threads, every certificate has an ARN and a serial of its own."""
    desk = Desk()
    arn = desk.active()
    with ThreadPoolExecutor(8) as pool:
        arns = list(pool.map(lambda _: desk.issued(arn), range(64)))
    assert len(set(arns)) == 64


def test_creates_at_once() -> None:
    """The same create by many threads at once makes one CA."""
    desk = Desk()
    with ThreadPoolExecutor(8) as pool:
        arns = list(pool.map(lambda _: desk.pending(), range(16)))
    assert len(set(arns)) == 1


def test_pss() -> None:
    """An RSA CA signs with RSASSA-PSS when asked to, and its own request too."""
    desk = Desk()
    configuration = {
        **EC_ROOT["CertificateAuthorityConfiguration"],
        "KeyAlgorithm": "RSA_2048",
        "SigningAlgorithm": "SHA384WITHRSA_PSS",
    }
    arn = desk.active(CertificateAuthorityConfiguration=configuration)
    leaf = desk.issued(arn, SigningAlgorithm="SHA256WITHRSA_PSS")
    (certificate,) = parse_pem(desk.certificate(arn, leaf)["Certificate"].encode())
    assert certificate.signature_algorithm_oid == x509.SignatureAlgorithmOID.RSASSA_PSS
    (own,) = parse_pem(desk.service.active_authority(arn).encode())
    certificate.verify_directly_issued_by(own)
