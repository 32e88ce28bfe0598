"""Private CA driven as a client drives it, without HTTP: the steps the tests have in common."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from rolesanywhere.api.authority import KeyAlgorithm
from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.private_ca.service import PrivateCAService
from rolesanywhere.emulator.private_ca.settings import Settings
from rolesanywhere.pki.requests import request

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
CALLER = Caller(ACCOUNT, "eu-central-1", f"arn:aws:iam::{ACCOUNT}:user/operator")
STRANGER = Caller(OTHER_ACCOUNT, "eu-central-1", f"arn:aws:iam::{OTHER_ACCOUNT}:user/tenant")
SEVEN_DAYS = {"Type": "DAYS", "Value": 7}
TEN_YEARS = {"Type": "YEARS", "Value": 10}
EC_ROOT: Mapping[str, Any] = {
    "CertificateAuthorityConfiguration": {
        "KeyAlgorithm": "EC_prime256v1",
        "SigningAlgorithm": "SHA256WITHECDSA",
        "Subject": {"CommonName": "ca", "Organization": "Lab", "Country": "DE"},
    },
    "CertificateAuthorityType": "ROOT",
    "UsageMode": "SHORT_LIVED_CERTIFICATE",
}


def blob(content: bytes | str) -> str:
    raw = content if isinstance(content, bytes) else content.encode()
    return base64.b64encode(raw).decode("ascii")


def template(name: str) -> str:
    return f"arn:aws:acm-pca:::template/{name}"


@cache
def workload_csr() -> str:
    pair = request(
        KeyAlgorithm.EC_PRIME256V1,
        common_name="web",
        organizational_unit="payments",
        organization=None,
        uri="spiffe://lab/ns/a/sa/b",
    )
    return blob(pair.document)


@dataclass
class Desk:
    """A service, its clock and what it wrote to S3, and a caller who uses it."""

    settings: Settings = field(default_factory=lambda: Settings(asks_in_progress=0))
    clock: Clock = field(default_factory=Clock)
    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    caller: Caller = CALLER

    def __post_init__(self) -> None:
        """Start the service."""
        self.service = PrivateCAService(self.clock, self._put, self.settings)

    def _put(self, bucket: str, key: str, body: bytes) -> None:
        if bucket == "no-such-bucket":
            code = "NoSuchBucket"
            raise AwsError(code, f"The specified bucket {bucket} does not exist", status=404)
        if bucket == "not-ours":
            code = "AccessDenied"
            raise AwsError(code, f"Access to {bucket} denied", status=403)
        self.objects[bucket, key] = body

    def call(self, operation: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Call an operation."""
        return self.service.handle(operation, parameters or {}, self.caller)

    def refusal(
        self,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        caller: Caller | None = None,
    ) -> AwsError:
        """Call an operation that must be refused."""
        try:
            answer = self.service.handle(operation, parameters or {}, caller or self.caller)
        except AwsError as error:
            return error
        message = f"{operation} was not refused: {answer}"
        raise AssertionError(message)

    def pending(self, **changes: Any) -> str:  # noqa: ANN401 - parameters of CreateCertificateAuthority
        """Make a CA without a certificate; gives its ARN."""
        arn = self.call("CreateCertificateAuthority", {**EC_ROOT, **changes})
        return str(arn["CertificateAuthorityArn"])

    def issued(self, arn: str, **parameters: Any) -> str:  # noqa: ANN401 - of IssueCertificate
        """Issue a certificate; gives its ARN."""
        answer = self.call("IssueCertificate", {**leaf_of(arn), **parameters})
        return str(answer["CertificateArn"])

    def certificate(self, arn: str, certificate_arn: str) -> dict[str, Any]:
        """Get an issued certificate."""
        by = {"CertificateAuthorityArn": arn, "CertificateArn": certificate_arn}
        return self.call("GetCertificate", by)

    def csr(self, arn: str) -> str:
        """Get a CA's own request, PEM."""
        return str(self.call("GetCertificateAuthorityCsr", by_arn(arn))["Csr"])

    def activate(self, arn: str, validity: Mapping[str, Any] = TEN_YEARS) -> str:
        """Give a root CA its certificate; gives the PEM."""
        signed = self.issued(
            arn,
            Csr=blob(self.csr(arn)),
            TemplateArn=template("RootCACertificate/V1"),
            Validity=validity,
            SigningAlgorithm=self.configuration(arn)["SigningAlgorithm"],
        )
        pem = str(self.certificate(arn, signed)["Certificate"])
        self.install(arn, pem)
        return pem

    def install(self, arn: str, pem: str, chain: str | None = None) -> None:
        """Import a CA certificate."""
        above = {} if chain is None else {"CertificateChain": blob(chain)}
        parameters = {**by_arn(arn), "Certificate": blob(pem), **above}
        self.call("ImportCertificateAuthorityCertificate", parameters)

    def active(self, **changes: Any) -> str:  # noqa: ANN401 - parameters of CreateCertificateAuthority
        """Make an ACTIVE root CA; gives its ARN."""
        arn = self.pending(**changes)
        self.activate(arn)
        return arn

    def disable(self, arn: str) -> None:
        """Disable a CA."""
        self.call("UpdateCertificateAuthority", {**by_arn(arn), "Status": "DISABLED"})

    def describe(self, arn: str) -> dict[str, Any]:
        """Describe a CA."""
        answer = self.call("DescribeCertificateAuthority", by_arn(arn))
        return dict(answer["CertificateAuthority"])

    def configuration(self, arn: str) -> dict[str, Any]:
        """Give a CA's configuration."""
        return dict(self.describe(arn)["CertificateAuthorityConfiguration"])

    def status(self, arn: str) -> str:
        """Give a CA's status."""
        return str(self.describe(arn)["Status"])

    def wait(self, **duration: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**duration))


def by_arn(arn: str) -> dict[str, Any]:
    return {"CertificateAuthorityArn": arn}


def leaf_of(arn: str) -> dict[str, Any]:
    return {
        **by_arn(arn),
        "Csr": workload_csr(),
        "SigningAlgorithm": "SHA256WITHECDSA",
        "TemplateArn": template("EndEntityClientAuthCertificate/V1"),
        "Validity": SEVEN_DAYS,
    }
