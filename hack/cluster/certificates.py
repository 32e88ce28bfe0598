"""The control plane's own certificates: one CA, one serving certificate, one per client.

Keys are EC P-256 and live in the plane's folder only, readable by its owner.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME: Final = timedelta(days=30)
_BACKDATED: Final = timedelta(minutes=5)  # clocks of this one machine may be set while it runs
_SERVER_NAMES: Final = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
SERVICE_NETWORK: Final = ipaddress.ip_network("10.96.0.0/16")
_SERVER_ADDRESSES: Final = (ipaddress.ip_address("127.0.0.1"), SERVICE_NETWORK[1])

ADMIN: Final = "admin"
CONTROLLER: Final = "controller"
CONTROLLER_MANAGER: Final = "controller-manager"
CONTROLLER_USER: Final = "rolesanywhere-controller"  # as in controller-user.yaml


@dataclass(frozen=True, slots=True)
class Client:
    """Who a client certificate speaks for: CN is the user, O the group."""

    user: str
    group: str | None = None


# https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
CLIENTS: Final = {
    ADMIN: Client("rolesanywhere-admin", "system:masters"),
    CONTROLLER: Client(CONTROLLER_USER),
    CONTROLLER_MANAGER: Client("system:kube-controller-manager"),
}


@dataclass(frozen=True, slots=True)
class Authority:
    """The CA of one control plane."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    now: datetime

    @classmethod
    def create(cls, now: datetime) -> "Authority":
        """Make a new CA, valid from about ``now``."""
        key = _new_key()
        name = _name("rolesanywhere-local-ca")
        certificate = (
            _builder(name, name, key.public_key(), now)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate, now)

    def server(self) -> bytes:
        """Make the API server's certificate and key, PEM in one."""
        names = [
            *(x509.DNSName(name) for name in _SERVER_NAMES),
            *(x509.IPAddress(address) for address in _SERVER_ADDRESSES),
        ]
        usage = ExtendedKeyUsageOID.SERVER_AUTH
        return self._leaf(_name("kube-apiserver"), usage, x509.SubjectAlternativeName(names))

    def client(self, client: Client) -> bytes:
        """Make a client's certificate and key, PEM in one."""
        return self._leaf(_name(client.user, client.group), ExtendedKeyUsageOID.CLIENT_AUTH)

    def _leaf(
        self,
        subject: x509.Name,
        usage: x509.ObjectIdentifier,
        names: x509.SubjectAlternativeName | None = None,
    ) -> bytes:
        key = _new_key()
        builder = _builder(subject, self.certificate.subject, key.public_key(), self.now)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if names:
            builder = builder.add_extension(names, critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM) + private_pem(key)


def write_all(folder: Path, now: datetime) -> None:
    """Write ``ca.pem``, ``apiserver.pem``, ``service-accounts.*`` and a PEM for each client."""
    authority = Authority.create(now)
    folder.mkdir(mode=0o700, parents=True)
    ca = authority.certificate.public_bytes(serialization.Encoding.PEM)
    tokens = _new_key()
    public = tokens.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    write_private(folder / "ca.pem", ca)
    write_private(folder / "apiserver.pem", authority.server())
    write_private(folder / "service-accounts.key", private_pem(tokens))
    write_private(folder / "service-accounts.pub", public)
    for name, client in CLIENTS.items():
        write_private(folder / f"{name}.pem", authority.client(client))


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    path.touch(mode=0o600)
    path.write_bytes(content)


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Give the key as PKCS#8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(common_name: str, organization: str | None = None) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organization:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(attributes)


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + LIFETIME)
    )
