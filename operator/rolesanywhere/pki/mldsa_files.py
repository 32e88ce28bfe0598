"""ML-DSA private keys that carry seed and expanded key, as OpenSSL writes them by default.

``cryptography`` reads the form with the seed alone, Go's tools read the one with both. The seed is
the key, the rest is computed from it; the certificate beside it tells whether it is the right one.
https://www.rfc-editor.org/rfc/rfc9881#section-6
"""

import re
from base64 import b64decode
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.x509 import ObjectIdentifier

MldsaKey = mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey

_BLOCK: Final = re.compile(rb"-----BEGIN PRIVATE KEY-----(.*?)-----END PRIVATE KEY-----", re.DOTALL)
_KINDS: Final[dict[str, type[MldsaKey]]] = {
    "2.16.840.1.101.3.4.3.17": mldsa.MLDSA44PrivateKey,
    "2.16.840.1.101.3.4.3.18": mldsa.MLDSA65PrivateKey,
    "2.16.840.1.101.3.4.3.19": mldsa.MLDSA87PrivateKey,
}


@asn1.sequence
class _Algorithm:
    identifier: ObjectIdentifier


@asn1.sequence
class _PrivateKeyInfo:  # RFC 5958
    version: int
    algorithm: _Algorithm
    private_key: bytes


@asn1.sequence
class _Both:
    seed: bytes
    expanded_key: bytes


def load_with_expanded_key(pem: bytes) -> MldsaKey | None:
    """Give the first PKCS#8 block's key if it is of this form; None for anything else."""
    block = _BLOCK.search(pem)
    if block is None:
        return None
    try:
        info = asn1.decode_der(_PrivateKeyInfo, b64decode(block[1]))
        kind = _KINDS.get(info.algorithm.identifier.dotted_string)
        both = asn1.decode_der(_Both, info.private_key)
        return None if kind is None else kind.from_seed_bytes(both.seed)
    except (ValueError, UnsupportedAlgorithm):
        return None
