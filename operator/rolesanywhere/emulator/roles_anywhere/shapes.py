"""The API's input shapes: lengths, bounds, patterns and what is required, as data.

From AWS's own model of the service (2018-05-10): https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_Types.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    minimum: int = 0  # characters
    maximum: int | None = None
    pattern: str | None = None
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer."""

    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes, base64 on the wire."""

    minimum: int = 0  # bytes
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    member: "Shape"
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """An object. Members it does not know are ignored, as AWS does. ``union``: exactly one."""

    members: Mapping[str, "Shape"] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    union: bool = False


Shape = Text | Whole | Flag | Blob | Many | Structure

_ARN: Final = r"arn:aws(-[^:]+)?:rolesanywhere(:.*){2}"
_UUID: Final = r"[a-f0-9]{8}-([a-z0-9]{4}-){3}[a-z0-9]{12}"
_TAG: Final = r"[ a-zA-Z0-9_.:/=+@-]*"


def _identifier(kind: str) -> Text:
    """Accept an id, an ARN or an alias ARN."""
    return Text(1, 1011, rf"({_UUID}|{_ARN}:({kind}|alias/{kind})/.*)")


NAME: Final = Text(1, 255, r"[ a-zA-Z0-9-_]*")
ALIAS: Final = Text(0, 256, r"(?!.*//)([A-Za-z]([A-Za-z0-9_/-]*[A-Za-z0-9_-])?)?")
TEXT: Final = Text()
FLAG: Final = Flag()
UUID: Final = Text(36, 36, rf".*{_UUID}.*")
RESOURCE_ARN: Final = Text(1, 1011)
TRUST_ANCHOR: Final = _identifier("trust-anchor")
PROFILE: Final = _identifier("profile")
CRL: Final = _identifier("crl")
TRUST_ANCHOR_ARN: Final = Text(1, 1011, rf"{_ARN}(:trust-anchor.*|:alias/trust-anchor/.*)")
TAG_KEY: Final = Text(1, 128, _TAG)
TAGS: Final = Many(
    Structure({"key": TAG_KEY, "value": Text(0, 256, _TAG)}, required=("key", "value")), 200
)
TAG_KEYS: Final = Many(TAG_KEY, 200)
ROLE_ARNS: Final = Many(Text(1, 1011, r"arn:aws(-[^:]+)?:iam(:.*){2}(:role.*)"), 250)
MANAGED_POLICY_ARNS: Final = Many(Text(1, 200), 50)
SESSION_POLICY: Final = Text(1, 100_000)  # of an update: it cannot be emptied
DURATION_SECONDS: Final = Whole(900, 43_200)
SOURCE: Final = Structure(
    {
        "sourceType": Text(among=("AWS_ACM_PCA", "CERTIFICATE_BUNDLE", "SELF_SIGNED_REPOSITORY")),
        "sourceData": Structure(
            {"x509CertificateData": Text(1, 204_800), "acmPcaArn": TEXT}, union=True
        ),
    }
)
_EVENT: Final = Text(among=("CA_CERTIFICATE_EXPIRY", "END_ENTITY_CERTIFICATE_EXPIRY"))
_CHANNEL: Final = Text(among=("ALL",))
NOTIFICATION_SETTINGS: Final = Many(
    Structure(
        {"enabled": FLAG, "event": _EVENT, "threshold": Whole(1, 360), "channel": _CHANNEL},
        required=("enabled", "event"),
    ),
    50,
)
NOTIFICATION_KEYS: Final = Many(
    Structure({"event": _EVENT, "channel": _CHANNEL}, required=("event",)), 50
)
CERTIFICATE_FIELD: Final = Text(among=("x509Subject", "x509Issuer", "x509SAN"))
MAPPING_RULES: Final = Many(Structure({"specifier": Text(0, 60)}, required=("specifier",)))
CRL_DATA: Final = Blob(1, 300_000)
PAGE: Final = Structure({"nextToken": Text(1, 10_000), "pageSize": Whole()})
