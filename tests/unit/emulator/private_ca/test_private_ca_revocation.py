"""Revocation: what it refuses, and the list it writes to S3."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from tests.unit.emulator.private_ca.authority_at_work import CALLER, Desk, blob, by_arn, leaf_of

from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.private_ca.settings import Settings
from rolesanywhere.pki.certificates import parse_pem

BUCKET = "lists"
CRL = {"Enabled": True, "ExpirationInDays": 7, "S3BucketName": BUCKET}


def configured(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - of a CrlConfiguration
    return {"RevocationConfiguration": {"CrlConfiguration": {**CRL, **changes}}}


def authority_id(arn: str) -> str:
    return arn.rpartition("/")[2]


def crl_of(desk: Desk, key: str) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(desk.objects[BUCKET, key])


def leaf(desk: Desk, arn: str, **parameters: Any) -> x509.Certificate:  # noqa: ANN401 - of IssueCertificate
    pem = desk.certificate(arn, desk.issued(arn, **parameters))["Certificate"]
    return parse_pem(pem.encode())[0]


def revoke(desk: Desk, arn: str, serial: str, reason: str = "KEY_COMPROMISE") -> None:
    parameters = {**by_arn(arn), "CertificateSerial": serial, "RevocationReason": reason}
    desk.call("RevokeCertificate", parameters)


def point_of(certificate: x509.Certificate) -> str | None:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return None
    return next((str(name.value) for name in points[0].full_name or ()), None)


def test_a_list_is_written_where_aws_writes_it() -> None:
    """The first certificate that points to a list brings it: crl/<CA-ID>.crl, signed by the CA."""
    desk = Desk()
    arn = desk.active(**configured())
    assert (BUCKET, "acm-pca-permission-test-key") in desk.objects
    issued = leaf(desk, arn)
    key = f"crl/{authority_id(arn)}.crl"
    assert point_of(issued) == f"http://{BUCKET}.s3.eu-central-1.amazonaws.com/{key}"
    crl = crl_of(desk, key)
    (own,) = parse_pem(desk.service.active_authority(arn).encode())
    assert crl.is_signature_valid(own.public_key())  # type: ignore[arg-type]
    assert list(crl) == []
    assert crl.next_update_utc is not None
    assert crl.next_update_utc - crl.last_update_utc == timedelta(days=7, hours=1)


def test_a_revoked_certificate_is_listed() -> None:
    """Serial, time and reason are in the list at once; the certificate is still given out."""
    desk = Desk()
    arn = desk.active(**configured())
    certificate_arn = desk.issued(arn)
    serial = certificate_arn.rpartition("/")[2]
    revoke(desk, arn, serial)
    (entry,) = crl_of(desk, f"crl/{authority_id(arn)}.crl")
    assert entry.serial_number == int(serial, 16)
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.key_compromise
    assert desk.certificate(arn, certificate_arn)["Certificate"]


@pytest.mark.parametrize("spelling", ["{:032x}", "{:032X}", "colons", "{:x}"])
def test_spellings_of_a_serial(spelling: str) -> None:
    """A serial is hexadecimal in either case, with colons or without."""
    desk = Desk()
    arn = desk.active()
    number = leaf(desk, arn).serial_number
    as_colons = number.to_bytes(16, "big").hex(":")
    text = as_colons if spelling == "colons" else spelling.format(number)
    revoke(desk, arn, text)
    again = {**by_arn(arn), "CertificateSerial": as_colons, "RevocationReason": "SUPERSEDED"}
    assert desk.refusal("RevokeCertificate", again).code == "RequestAlreadyProcessedException"


def test_an_expired_certificate_leaves_the_list() -> None:
    """A revoked certificate is listed until it expires, and once more after that."""
    desk = Desk()
    arn = desk.active(**configured(ExpirationInDays=1))
    first = leaf(desk, arn).serial_number
    revoke(desk, arn, f"{first:x}")
    key = f"crl/{authority_id(arn)}.crl"
    desk.wait(days=8)
    leaf(desk, arn)
    assert [each.serial_number for each in crl_of(desk, key)] == [first]
    desk.wait(days=1)
    leaf(desk, arn)
    assert list(crl_of(desk, key)) == []


def test_numbers_grow() -> None:
    """Each list's number is greater than the last one's."""
    desk = Desk()
    arn = desk.active(**configured())
    numbers = []
    for _ in range(2):
        desk.wait(seconds=1)
        revoke(desk, arn, f"{leaf(desk, arn).serial_number:x}")
        crl = crl_of(desk, f"crl/{authority_id(arn)}.crl")
        numbers.append(crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)
    assert numbers[0] < numbers[1]


@pytest.mark.parametrize(
    ("changes", "key", "host"),
    [
        ({"CustomPath": "pki/eu"}, "pki/eu/{}.crl", None),
        ({"CustomPath": "/"}, "{}.crl", None),
        ({"CustomCname": "crl.example.com"}, "crl/{}.crl", "crl.example.com"),
    ],
)
def test_other_places(changes: dict[str, str], key: str, host: str | None) -> None:
    """A custom path moves the object, a custom name the URL; both agree."""
    desk = Desk()
    arn = desk.active(**configured(**changes))
    expected = key.format(authority_id(arn))
    host = host or f"{BUCKET}.s3.eu-central-1.amazonaws.com"
    assert point_of(leaf(desk, arn)) == f"http://{host}/{expected}"
    assert crl_of(desk, expected).issuer


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
    ],
)
def test_other_partitions(region: str, partition: str, suffix: str) -> None:
    """The bucket's host and the templates' ARNs are those of the CA's partition."""
    desk = Desk(caller=Caller(CALLER.account, region, partition=partition))
    arn = desk.pending(**configured())
    root, end_entity = (
        f"arn:{partition}:acm-pca:::template/{name}/V1"
        for name in ("RootCACertificate", "EndEntityCertificate")
    )
    own = desk.issued(arn, Csr=blob(desk.csr(arn)), TemplateArn=root)
    desk.install(arn, desk.certificate(arn, own)["Certificate"])
    url = point_of(leaf(desk, arn, TemplateArn=end_entity, Validity={"Type": "DAYS", "Value": 1}))
    assert url is not None
    assert url.startswith(f"http://{BUCKET}.s3.{region}.{suffix}/crl/")


def test_a_partitioned_list() -> None:
    """A partition has a name of its own; its list says critically which URL it is for."""
    desk = Desk()
    arn = desk.active(**configured(CrlType="PARTITIONED"))
    url = point_of(leaf(desk, arn))
    assert url is not None
    key = url.partition("amazonaws.com/")[2]
    assert key.startswith(f"crl/{authority_id(arn)}/")
    found = crl_of(desk, key).extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    assert (found.critical, [name.value for name in found.value.full_name or ()]) == (True, [url])


def test_the_pointer_can_be_left_out() -> None:
    """OmitExtension writes the list, but not into certificates."""
    omitted = {"CrlDistributionPointExtensionConfiguration": {"OmitExtension": True}}
    desk = Desk()
    arn = desk.active(**configured(**omitted))
    assert point_of(leaf(desk, arn)) is None
    assert (BUCKET, f"crl/{authority_id(arn)}.crl") in desk.objects


def test_ocsp_is_pointed_to() -> None:
    """With OCSP enabled certificates name AWS's responder, or the custom one."""
    desk = Desk()
    urls = []
    for number, custom in enumerate(({}, {"OcspCustomCname": "ocsp.example.com"})):
        revocation = {"OcspConfiguration": {"Enabled": True, **custom}}
        arn = desk.active(RevocationConfiguration=revocation, IdempotencyToken=str(number))
        access = leaf(desk, arn).extensions.get_extension_for_class(x509.AuthorityInformationAccess)
        urls += [each.access_location.value for each in access.value]
    assert urls == ["http://ocsp.acm-pca.eu-central-1.amazonaws.com", "http://ocsp.example.com"]


def test_a_lost_bucket_does_not_stop_anything() -> None:
    """A bucket that refuses is tried again by the next revocation; nothing is undone."""
    desk = Desk()
    arn = desk.active(**configured())
    revoked = [leaf(desk, arn).serial_number for _ in range(2)]
    snapshot = desk.service.snapshot()
    settings = snapshot["authorities"][arn]["revocation_configuration"]["CrlConfiguration"]
    settings["S3BucketName"] = "not-ours"
    desk.service.load(snapshot)
    revoke(desk, arn, f"{revoked[0]:x}")
    settings["S3BucketName"] = BUCKET
    snapshot = desk.service.snapshot()
    snapshot["authorities"][arn]["revocation_configuration"]["CrlConfiguration"] = settings
    desk.service.load(snapshot)
    revoke(desk, arn, f"{revoked[1]:x}")
    crl = crl_of(desk, f"crl/{authority_id(arn)}.crl")
    assert {each.serial_number for each in crl} == set(revoked)


def test_an_update_that_is_refused_changes_nothing() -> None:
    """A configuration whose bucket may not be written to is not taken."""
    desk = Desk()
    arn = desk.active(**configured())
    before = desk.describe(arn)["RevocationConfiguration"]
    parameters = {**by_arn(arn), **configured(S3BucketName="not-ours")}
    assert desk.refusal("UpdateCertificateAuthority", parameters).code == "InvalidPolicyException"
    assert desk.describe(arn)["RevocationConfiguration"] == before


def test_an_update_moves_the_list() -> None:
    """After a change of path the next certificate brings the list to its new place."""
    desk = Desk()
    arn = desk.active(**configured())
    leaf(desk, arn)
    desk.call("UpdateCertificateAuthority", {**by_arn(arn), **configured(CustomPath="new")})
    leaf(desk, arn)
    assert (BUCKET, f"new/{authority_id(arn)}.crl") in desk.objects


@pytest.mark.parametrize(
    "crl",
    [
        {"Enabled": False, "ExpirationInDays": 7},
        {"Enabled": True, "ExpirationInDays": 7},
        {"Enabled": True, "S3BucketName": BUCKET},
        {**CRL, "S3BucketName": "No_Bucket"},
        {**CRL, "CustomCname": "http://crl.example.com"},
        {
            **CRL,
            "CustomCname": "crl.example.com",
            "CrlDistributionPointExtensionConfiguration": {"OmitExtension": True},
        },
    ],
)
def test_configurations_that_contradict_themselves(crl: dict[str, Any]) -> None:
    """What the reference forbids of a CrlConfiguration is an InvalidArgsException."""
    desk = Desk()
    arn = desk.active()
    parameters = {**by_arn(arn), "RevocationConfiguration": {"CrlConfiguration": crl}}
    assert desk.refusal("UpdateCertificateAuthority", parameters).code == "InvalidArgsException"


@pytest.mark.parametrize(
    "ocsp",
    [
        {"Enabled": False, "OcspCustomCname": "x"},
        {"Enabled": True, "OcspCustomCname": "https://x"},
    ],
)
def test_ocsp_configurations_that_contradict_themselves(ocsp: dict[str, Any]) -> None:
    """What the reference forbids of an OcspConfiguration is an InvalidArgsException."""
    desk = Desk()
    arn = desk.active()
    parameters = {**by_arn(arn), "RevocationConfiguration": {"OcspConfiguration": ocsp}}
    assert desk.refusal("UpdateCertificateAuthority", parameters).code == "InvalidArgsException"


def test_revocations_are_limited() -> None:
    """Beyond its quota of revocations a CA revokes nothing."""
    desk = Desk(Settings(asks_in_progress=0, most_revocations=1))
    arn = desk.active()
    serials = [f"{leaf(desk, arn).serial_number:x}" for _ in range(2)]
    revoke(desk, arn, serials[0])
    parameters = {
        **by_arn(arn),
        "CertificateSerial": serials[1],
        "RevocationReason": "SUPERSEDED",
    }
    assert desk.refusal("RevokeCertificate", parameters).code == "LimitExceededException"


def test_a_disabled_authority_still_revokes() -> None:
    """While a CA is DISABLED certificates can be revoked, and not issued."""
    desk = Desk()
    arn = desk.active(**configured())
    serial = leaf(desk, arn).serial_number
    desk.disable(arn)
    assert desk.refusal("IssueCertificate", leaf_of(arn)).code == "InvalidStateException"
    revoke(desk, arn, f"{serial:x}")
    assert len(list(crl_of(desk, f"crl/{authority_id(arn)}.crl"))) == 1
