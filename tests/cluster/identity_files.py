"""An identity's Secret as a workload finds it, read without any code of the product."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from tests.cluster.api_server import Manifest


@dataclass(frozen=True)
class IdentityFiles:
    """Key, leaf, intermediates, root and ``agent.json``."""

    key: PrivateKeyTypes
    leaf: x509.Certificate
    intermediates: list[x509.Certificate]
    root: x509.Certificate
    agent: dict[str, Any]

    @classmethod
    def of(cls, secret: Manifest) -> "IdentityFiles":
        """Read a Secret."""
        files = {name: base64.b64decode(text) for name, text in secret["data"].items()}
        assert set(files) == {"tls.key", "tls.crt", "ca.crt", "agent.json"}
        assert files["tls.key"].startswith(b"-----BEGIN PRIVATE KEY-----"), "not PKCS#8"
        leaf, *intermediates = x509.load_pem_x509_certificates(files["tls.crt"])
        (root,) = x509.load_pem_x509_certificates(files["ca.crt"])
        return cls(
            load_pem_private_key(files["tls.key"], None),
            leaf,
            intermediates,
            root,
            json.loads(files["agent.json"]),
        )

    @property
    def is_whole(self) -> bool:
        """Tell whether the key is the leaf's and the chain leads to the root without it."""
        issuers = [*self.intermediates, self.root]
        for child, parent in zip([self.leaf, *self.intermediates], issuers, strict=True):
            child.verify_directly_issued_by(parent)
        return public_bytes(self.key.public_key()) == public_bytes(self.leaf.public_key())

    @property
    def serial(self) -> str:
        """Give the leaf's serial number as status and AWS write it: hex of whole bytes."""
        number = self.leaf.serial_number
        return number.to_bytes((number.bit_length() + 7) // 8, "big").hex()

    @property
    def common_name(self) -> str:
        """Give the leaf's CN."""
        return _attribute(self.leaf.subject, x509.NameOID.COMMON_NAME)

    @property
    def organizational_unit(self) -> str:
        """Give the leaf's OU."""
        return _attribute(self.leaf.subject, x509.NameOID.ORGANIZATIONAL_UNIT_NAME)

    @property
    def uris(self) -> list[str]:
        """Give the leaf's URIs among its alternative names."""
        extension = self.leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return extension.value.get_values_for_type(x509.UniformResourceIdentifier)


def public_bytes(key: Any) -> bytes:  # noqa: ANN401 - a public key of whatever kind
    """Give a public key's bytes, to compare."""
    return bytes(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _attribute(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    (attribute,) = name.get_attributes_for_oid(oid)
    return str(attribute.value)
