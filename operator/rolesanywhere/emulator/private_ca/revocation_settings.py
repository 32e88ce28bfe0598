"""RevocationConfiguration: what it may say, and what it means.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_RevocationConfiguration.html
https://docs.aws.amazon.com/privateca/latest/userguide/crl-planning.html
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.records import Authority
from rolesanywhere.emulator.private_ca.request import Request
from rolesanywhere.pki.revocation_pointers import RevocationPointers

_CRL: Final = "CrlConfiguration"
_OCSP: Final = "OcspConfiguration"
_TEST_KEY: Final = "acm-pca-permission-test-key"  # what AWS writes to try the bucket
_PREFIX: Final = "crl"
_SUFFIXES: Final = {"aws-cn": "amazonaws.com.cn"}
_BUCKET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def accept(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check a RevocationConfiguration and fill in what AWS fills in.

    Raises ``AwsError`` (InvalidArgsException).
    """
    crl, ocsp = given.get(_CRL), given.get(_OCSP)
    accepted: dict[str, Any] = {}
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


def crl_key(authority: Authority) -> str:
    """Give the S3 key of a CA's list: ``crl/<CA-ID>.crl``, under the custom path if there is one.

    https://docs.aws.amazon.com/privateca/latest/userguide/crl-planning.html#crl-structure
    """
    settings = crl_settings(authority) or {}
    path = settings.get("CustomPath", _PREFIX)
    name = f"{authority.identifier}.crl"
    return name if path == "/" else f"{path}/{name}"


def pointers(authority: Authority) -> RevocationPointers:
    """Tell where what a CA issues points to."""
    return RevocationPointers(_crl_url(authority), _ocsp_url(authority))


def require_bucket(request: Request, authority: Authority) -> None:
    """Write the test object AWS writes, so that an unwritable bucket is refused at once.

    Raises whatever ``put_object`` raises, which names the bucket.
    """
    settings = crl_settings(authority)
    if settings is not None:
        request.put_object(settings["S3BucketName"], _TEST_KEY, b"")


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
    if crl.get("CrlType", "COMPLETE") != "COMPLETE":
        message = "Partitioned CRLs are not supported by this emulator."
        raise refusals.invalid_arguments(message)
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


def _crl_url(authority: Authority) -> str | None:
    settings = crl_settings(authority)
    if settings is None or _omits_pointer(settings):
        return None
    suffix = _SUFFIXES.get(authority.partition, "amazonaws.com")
    bucket = f"{settings['S3BucketName']}.s3.{authority.region}.{suffix}"
    return f"http://{settings.get('CustomCname') or bucket}/{crl_key(authority)}"


def _ocsp_url(authority: Authority) -> str | None:
    settings = authority.revocation_configuration.get(_OCSP)
    if not settings or not settings["Enabled"]:
        return None
    suffix = _SUFFIXES.get(authority.partition, "amazonaws.com")
    host = settings.get("OcspCustomCname") or f"ocsp.acm-pca.{authority.region}.{suffix}"
    return f"http://{host}"
