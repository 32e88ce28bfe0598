"""The Authorization header of AWS4-X509, written and strictly read.

Strict: one spelling per meaning, so that no changed byte can still mean the same. Whether what it
says is true is ``signature``'s question.
"""

import re
from dataclasses import dataclass
from typing import Final

_SERIAL_DIGITS: Final = 64  # RFC 5280 allows 20 octets: 49 digits
_HEADER_NAME: Final = r"[a-z0-9!#$%&'*+.^_`|~-]+"  # a header's name in lower case (RFC 9110, 5.6.2)
_HEADER: Final = re.compile(
    r"(?P<algorithm>[A-Z0-9-]{1,64})"
    rf" Credential=(?P<serial>[1-9][0-9]{{0,{_SERIAL_DIGITS - 1}}})"
    r"/(?P<scope>[a-z0-9/_-]{1,256})"
    rf", SignedHeaders=(?P<headers>{_HEADER_NAME}(?:;{_HEADER_NAME})*)"
    r", Signature=(?P<signature>(?:[0-9a-f]{2})+)"
)


@dataclass(frozen=True, slots=True)
class Authorization:
    """What the header claims. ``scope`` is everything after the serial, as text."""

    algorithm: str
    serial: int
    scope: str
    signed_headers: tuple[str, ...]
    signature: bytes

    def render(self) -> str:
        """Write the header's value: serial in decimal, signature in lower-case hex."""
        return (
            f"{self.algorithm} Credential={self.serial}/{self.scope}, "
            f"SignedHeaders={';'.join(self.signed_headers)}, Signature={self.signature.hex()}"
        )


def parse(value: str) -> Authorization:
    """Read the header's value. Raises ``ValueError`` that says which rule it breaks."""
    match = _HEADER.fullmatch(value)
    if match is None:
        message = (
            "Authorization is not 'ALGORITHM Credential=SERIAL/SCOPE, SignedHeaders=a;b, "
            "Signature=hex' with a decimal serial and lower-case names and digits"
        )
        raise ValueError(message)
    signed_headers = tuple(match["headers"].split(";"))
    if list(signed_headers) != sorted(set(signed_headers)):
        message = "SignedHeaders are not sorted or name one twice"
        raise ValueError(message)
    return Authorization(
        algorithm=match["algorithm"],
        serial=int(match["serial"]),
        scope=match["scope"],
        signed_headers=signed_headers,
        signature=bytes.fromhex(match["signature"]),
    )
