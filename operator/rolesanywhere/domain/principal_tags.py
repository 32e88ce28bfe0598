"""What a certificate becomes in AWS: session tags, source identity and the default session name.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html and
https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping.html
What a trust policy makes of these values is ``policy_evaluation``'s.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from rolesanywhere.domain.certificate import CertificateFacts, Name, serial_hex

SUBJECT: Final = "x509Subject"
ISSUER: Final = "x509Issuer"
ALTERNATIVE_NAME: Final = "x509SAN"
JOINT: Final = "/"  # between the values of a repeated attribute, in certificate order
TAG_VALUE_LENGTH: Final = 256  # characters, STS's limit
LONGEST_PREFIXED_COMMON_NAME: Final = 61  # characters: with "CN=" it fills a source identity
_DIRECTORY_NAME: Final = "Name"
_EVERYTHING: Final = "*"

AttributeMapping = Mapping[str, tuple[str, ...]]
"""Which parts of a certificate become tags: field to specifiers (``CN``, ``Name/OU``, ``*``)."""

DEFAULT_MAPPING: Final[AttributeMapping] = {
    SUBJECT: (_EVERYTHING,),
    ISSUER: (_EVERYTHING,),
    ALTERNATIVE_NAME: ("DNS", "URI", "Name/*"),
}


def session_tags(
    leaf: CertificateFacts, mapping: AttributeMapping = DEFAULT_MAPPING
) -> dict[str, str]:
    """Give a session's tags by name: ``x509Subject/CN``, ``x509SAN/URI``, ``x509SAN/Name/CN``.

    Without the prefix ``aws:PrincipalTag/``. A value STS does not take is dropped without a word,
    as AWS drops it: then StringEquals is false and StringNotEquals is true.
    """
    return {
        f"{field}/{specifier}": value
        for field, specifier, value in _candidates(leaf)
        if _is_mapped(specifier, mapping.get(field, ())) and is_tag_value(value)
    }


def source_identity(leaf: CertificateFacts) -> str:
    """Give a session's source identity: ``CN=web``; the bare CN from 62 characters on.

    Without a CN it is ``ID=`` and the serial in hex.
    """
    common_name = leaf.subject.first("CN")
    if common_name is None:
        return f"ID={serial_hex(leaf.serial)}"
    fits = len(common_name) <= LONGEST_PREFIXED_COMMON_NAME
    return f"CN={common_name}" if fits else common_name


def default_session_name(leaf: CertificateFacts) -> str:
    """Give the session name AWS uses where none is asked for: the serial in hex."""
    return serial_hex(leaf.serial)


def is_tag_value(value: str) -> bool:
    r"""Tell whether STS takes a value: 256 of ``[\p{L}\p{Z}\p{N}_.:/=+\-@]``, at most."""
    return len(value) <= TAG_VALUE_LENGTH and all(map(_is_tag_character, value))


def _is_tag_character(character: str) -> bool:
    return character in "_.:/=+-@" or unicodedata.category(character)[0] in "LZN"


def _candidates(leaf: CertificateFacts) -> Iterator[tuple[str, str, str]]:
    """Give field, specifier and value of everything a mapping could name.

    Of alternative names only the first DNS, URI and directory name count.
    """
    for field, name in ((SUBJECT, leaf.subject), (ISSUER, leaf.issuer)):
        yield from ((field, key, value) for key, value in _joined(name).items())
    for specifier, values in (("DNS", leaf.san_dns), ("URI", leaf.san_uri)):
        yield from ((ALTERNATIVE_NAME, specifier, value) for value in values[:1])
    for name in leaf.san_directory_names[:1]:
        for key, value in _joined(name).items():
            yield ALTERNATIVE_NAME, f"{_DIRECTORY_NAME}/{key}", value


def _joined(name: Name) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for key, value in name.attributes:
        values.setdefault(key, []).append(value)
    return {key: JOINT.join(held) for key, held in values.items()}


def _is_mapped(specifier: str, rules: tuple[str, ...]) -> bool:
    """Match exactly, or by a rule that ends in ``*`` and covers this level of names."""
    level = specifier.rpartition("/")[0]
    every = f"{level}/{_EVERYTHING}" if level else _EVERYTHING
    return specifier in rules or every in rules
