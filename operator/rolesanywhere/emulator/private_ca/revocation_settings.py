"""RevocationConfiguration: what it may say, and where it puts things.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_RevocationConfiguration.html
https://docs.aws.amazon.com/privateca/latest/userguide/crl-planning.html#crl-url
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.records import Authority
from rolesanywhere.pki.revocation_pointers import RevocationPointers

_CRL: Final = "CrlConfiguration"
_OCSP: Final = "OcspConfiguration"
_FOLDER: Final = "crl"
_PARTITIONED: Final = "PARTITIONED"
_SUFFIXES: Final = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}
_SUFFIX: Final = "amazonaws.com"
_BUCKET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_OFF: Final[Mapping[str, Any]] = {_CRL: {"Enabled": False}}


def accept(given: Mapping[str, Any], before: Mapping[str, Any] = _OFF) -> dict[str, Any]:
    """Check a RevocationConfiguration; what it leaves out stays as ``before``.

    Raises ``AwsError`` (InvalidArgsException).
    """
    accepted = dict(before)
    crl, ocsp = given.get(_CRL), given.get(_OCSP)
    if crl is not None:
        accepted[_CRL] = _accept_crl(crl)
    if ocsp is not None:
        _require_bare_when_off(ocsp, "OCSP")
        _require_no_scheme(ocsp.get("OcspCustomCname"))
        accepted[_OCSP] = dict(ocsp)
    return accepted


def crl_settings(authority: Authority) -> Mapping[str, Any] | None:
    """Give a CA's CRL configuration, or None when it publishes none."""
    crl = authority.revocation_configuration.get(_CRL)
    return crl if crl and crl["Enabled"] else None


def crl_key(authority: Authority, settings: Mapping[str, Any]) -> str:
    """Give the S3 key of a CA's list.

    A complete one is ``crl/<CA-ID>.crl``; a partition ``crl/<CA-ID>/<its id>.crl``. A custom path
    takes the place of everything before the last name; ``/`` is the bucket's root.
    """
    is_partitioned = settings.get("CrlType") == _PARTITIONED
    name = authority.partition_id if is_partitioned else authority.identifier
    usual = f"{_FOLDER}/{authority.identifier}" if is_partitioned else _FOLDER
    folder = (settings.get("CustomPath") or usual).strip("/")
    return f"{folder}/{name}.crl" if folder else f"{name}.crl"


def partition_url(authority: Authority, settings: Mapping[str, Any]) -> str | None:
    """Give what a partition's list says it is for; None for a complete list."""
    is_partitioned = settings.get("CrlType") == _PARTITIONED
    return _crl_url(authority, settings) if is_partitioned else None


def pointers(authority: Authority) -> RevocationPointers:
    """Tell where what a CA issues points to."""
    settings = crl_settings(authority)
    is_written = settings is not None and not _omits_pointer(settings)
    url = _crl_url(authority, settings) if settings is not None and is_written else None
    return RevocationPointers(url, _ocsp_url(authority))


def _accept_crl(crl: Mapping[str, Any]) -> dict[str, Any]:
    _require_bare_when_off(crl, "CRL")
    if not crl["Enabled"]:
        return dict(crl)
    if not crl.get("S3BucketName") or not crl.get("ExpirationInDays"):
        message = "An enabled CRL needs S3BucketName and ExpirationInDays."
        raise refusals.invalid_arguments(message)
    if not _BUCKET_NAME.fullmatch(crl["S3BucketName"]):
        message = f"{crl['S3BucketName']} is not a valid S3 bucket name."
        raise refusals.invalid_arguments(message)
    if _omits_pointer(crl) and crl.get("CustomCname"):
        message = "OmitExtension cannot be enabled together with a CustomCname."
        raise refusals.invalid_arguments(message)
    _require_no_scheme(crl.get("CustomCname"))
    return {"S3ObjectAcl": "PUBLIC_READ", **crl}


def _require_bare_when_off(settings: Mapping[str, Any], what: str) -> None:
    others = [name for name, value in settings.items() if name != "Enabled" and value is not None]
    if not settings["Enabled"] and others:
        message = f"A disabled {what} configuration must contain only Enabled; found {others[0]}."
        raise refusals.invalid_arguments(message)


def _require_no_scheme(cname: str | None) -> None:
    if cname and "://" in cname:
        message = f"The CNAME {cname} must not include a protocol prefix."
        raise refusals.invalid_arguments(message)


def _omits_pointer(crl: Mapping[str, Any]) -> bool:
    extension = crl.get("CrlDistributionPointExtensionConfiguration") or {}
    return bool(extension.get("OmitExtension"))


def _crl_url(authority: Authority, settings: Mapping[str, Any]) -> str:
    suffix = _SUFFIXES.get(authority.partition, _SUFFIX)
    bucket = f"{settings['S3BucketName']}.s3.{authority.region}.{suffix}"
    return f"http://{settings.get('CustomCname') or bucket}/{crl_key(authority, settings)}"


def _ocsp_url(authority: Authority) -> str | None:
    settings = authority.revocation_configuration.get(_OCSP)
    if not settings or not settings["Enabled"]:
        return None
    suffix = _SUFFIXES.get(authority.partition, _SUFFIX)
    host = settings.get("OcspCustomCname") or f"ocsp.acm-pca.{authority.region}.{suffix}"
    return f"http://{host}"
