"""Certificates made to order for the tests of ``domain``: facts only, nothing is signed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from rolesanywhere.domain.certificate import CertificateFacts, Name

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANCHOR = "arn:aws:rolesanywhere:ap-northeast-1:123456789012:trust-anchor/6a1b"
URI = "spiffe://cluster.example/ns/shop/sa/report"


def name(*attributes: tuple[str, str]) -> Name:
    return Name(attributes, ",".join(f"{key}={value}" for key, value in reversed(attributes)))


AUTHORITY = CertificateFacts(
    serial=1,
    subject=name(("O", "Example"), ("OU", "tech"), ("CN", "sample CA")),
    issuer=name(("O", "Example"), ("OU", "tech"), ("CN", "sample CA")),
    not_before=NOON - timedelta(days=1),
    not_after=NOON + timedelta(days=3650),
    version=3,
    key_algorithm="EC_prime256v1",
    signature_hash="sha256",
    is_ca=True,
    key_usage=frozenset({"keyCertSign", "cRLSign"}),
    san_dns=(),
    san_uri=(),
    san_directory_names=(),
    public_key_sha256="00",
)


@dataclass(frozen=True)
class Subject:
    """What a leaf of these tests says about its holder."""

    common_name: str = "report.shop"
    units: Sequence[str] = ()
    uri: str | None = URI


def leaf(
    subject: Subject | None = None, authority: CertificateFacts = AUTHORITY
) -> CertificateFacts:
    """Give a certificate of the authority's for a subject, valid for a week from noon."""
    said = subject or Subject()
    units = tuple(("OU", unit) for unit in said.units)
    return replace(
        authority,
        serial=0x2A,
        subject=name(("CN", said.common_name), *units),
        issuer=authority.subject,
        not_before=NOON - timedelta(hours=1),
        not_after=NOON + timedelta(days=7),
        is_ca=False,
        key_usage=frozenset({"digitalSignature"}),
        san_uri=(said.uri,) if said.uri else (),
        public_key_sha256="2a",
    )
