"""Keys and certificates made to order for the tests of ``pki``, good and bad ones."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from rolesanywhere.pki.canonical import WireRequest

NOON = datetime(2030, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
VECTORS = Path(__file__).parents[2] / "testdata" / "create-session-requests.jsonl"

USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
Digest = hashes.SHA224 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512
OUTDATED = (hashes.SHA1(), hashes.MD5())  # noqa: S303 - to see them refused
AUTHORITY_USAGE = ("key_cert_sign", "crl_sign")
LEAF_USAGE = ("digital_signature",)


@dataclass(frozen=True)
class Vector:
    """A recorded request, and the region it was signed for."""

    request: WireRequest
    region: str
    signed_at: datetime


@cache
def vectors() -> tuple[Vector, ...]:
    return tuple(map(_vector, VECTORS.read_text().splitlines()))


def _vector(line: str) -> Vector:
    recorded = json.loads(line)
    method, target, _ = recorded["request_line"].split(" ")
    path, _, query = target.partition("?")
    headers = dict(recorded["headers"])
    return Vector(
        WireRequest(
            method=method,
            path=path,
            query=query,
            headers=tuple(headers.items()),
            body=recorded["body"].encode(),
        ),
        region=headers["Authorization"].split("/")[2],
        signed_at=datetime.strptime(headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC),
    )


@cache
def key(kind: str, name: str = "") -> Any:  # noqa: ANN401 - a key of whatever kind
    """Give the one key of a kind and name: RSA keys are slow to make."""
    makers = {
        "RSA": lambda: rsa.generate_private_key(65537, 2048),
        "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
        "ML-DSA-44": mldsa.MLDSA44PrivateKey.generate,
        "ML-DSA-65": mldsa.MLDSA65PrivateKey.generate,
        "ML-DSA-87": mldsa.MLDSA87PrivateKey.generate,
    }
    return makers[kind]()


def key_pem(private_key: Any) -> bytes:  # noqa: ANN401 - likewise
    return private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Made:
    """A certificate with its key."""

    key: Any
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate, DER."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate, PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key, PKCS#8 PEM."""
        return key_pem(self.key)


def key_usage(names: Sequence[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{each: each in names for each in USAGES})


def make(  # noqa: PLR0913 - one argument for each thing that can be wrong with a certificate
    subject: str,
    issuer: Made | None = None,
    *,
    kind: str = "P-256",
    ca: bool | None = False,
    path_length: int | None = None,
    usage: Sequence[str] | None = LEAF_USAGE,
    not_before: datetime = NOON - DAY,
    not_after: datetime = NOON + DAY,
    digest: Digest | None = None,
    extra: Sequence[tuple[x509.ExtensionType, bool]] = (),
    serial: int | None = None,
) -> Made:
    """Make a certificate; without ``issuer`` it is self-signed. ``subject`` is RFC 4514."""
    own = key(kind, subject)
    signer = issuer.key if issuer else own
    name = x509.Name.from_rfc4514_string(subject)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(own.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )
    extensions = list(extra)
    if ca is not None:
        extensions.append((x509.BasicConstraints(ca=ca, path_length=path_length), True))
    if usage is not None:
        extensions.append((key_usage(usage), True))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    is_pure = type(signer).__name__.startswith("MLDSA")
    return Made(own, builder.sign(signer, None if is_pure else digest or hashes.SHA256()))


def signed_weakly(made: Made, issuer: Made, digest: hashes.MD5 | hashes.SHA1) -> Made:
    """Sign a certificate of an RSA issuer again with a hash the library no longer signs with."""
    identifier = bytes.fromhex("06092a864886f70d0101")  # pkcs-1; 11 is sha256WithRSAEncryption
    new = identifier + (b"\x05" if isinstance(digest, hashes.SHA1) else b"\x04")
    old = identifier + b"\x0b"
    tbs = made.certificate.tbs_certificate_bytes
    changed = tbs.replace(old, new)
    signature = issuer.key.sign(changed, padding.PKCS1v15(), digest)
    der = made.der.replace(tbs, changed).replace(old, new)[: -len(signature)] + signature
    return Made(made.key, x509.load_der_x509_certificate(der))


def version_1(made: Made, issuer: Made) -> Made:
    """Write a certificate of an EC P-256 issuer again as X.509v1; it must have no extensions."""
    version_3 = bytes.fromhex("a003020102")
    tbs = made.certificate.tbs_certificate_bytes
    signed = _sequence(tbs[tbs.index(version_3) + len(version_3) :])
    signature = issuer.key.sign(signed, ec.ECDSA(hashes.SHA256()))
    bits = b"\x03" + bytes([len(signature) + 1, 0]) + signature
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")  # ecdsa-with-SHA256
    return Made(made.key, x509.load_der_x509_certificate(_sequence(signed + algorithm + bits)))


def _sequence(content: bytes) -> bytes:
    return (
        b"\x30\x82" + len(content).to_bytes(2, "big") + content
        if len(content) > 255
        else (b"\x30\x81" + bytes([len(content)]) + content)
    )


def make_ca(subject: str, issuer: Made | None = None, **options: Any) -> Made:  # noqa: ANN401 - as make
    return make(subject, issuer, **{"ca": True, "usage": AUTHORITY_USAGE, **options})
