"""AWS Private CA (acm-pca) of one account and region.

https://docs.aws.amazon.com/privateca/latest/APIReference/Welcome.html
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeAlias

from rolesanywhere.api.authority import CASubject, KeyAlgorithm, SigningAlgorithm, UsageMode
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.trust_anchor import CreatePrivateCA
from rolesanywhere.aws.errors import translated
from rolesanywhere.domain.observed import AuthorityRecord, IssuedCertificate
from rolesanywhere.domain.trouble import NotFound

_Client: TypeAlias = Any  # boto3 ships no types: every answer gets a type of ours here
_translated = partial(translated, missing=Reason.CA_NOT_FOUND)

_USAGE_MODES: Final[Mapping[UsageMode, str]] = {
    UsageMode.SHORT_LIVED: "SHORT_LIVED_CERTIFICATE",
    UsageMode.GENERAL_PURPOSE: "GENERAL_PURPOSE",
}
_USUAL_SIGNATURES: Final[Mapping[KeyAlgorithm, SigningAlgorithm]] = {
    KeyAlgorithm.RSA_2048: SigningAlgorithm.SHA256_WITH_RSA,
    KeyAlgorithm.RSA_3072: SigningAlgorithm.SHA256_WITH_RSA,
    KeyAlgorithm.RSA_4096: SigningAlgorithm.SHA256_WITH_RSA,
    KeyAlgorithm.EC_PRIME256V1: SigningAlgorithm.SHA256_WITH_ECDSA,
    KeyAlgorithm.EC_SECP384R1: SigningAlgorithm.SHA384_WITH_ECDSA,
    KeyAlgorithm.EC_SECP521R1: SigningAlgorithm.SHA512_WITH_ECDSA,
}
_DELETED: Final = "DELETED"
_ACTIVE: Final = "ACTIVE"
_MODE_OF_OLD: Final = "GENERAL_PURPOSE"  # what a CA made before there were modes is


class PrivateCAClient:
    """``reconcile.aws_ports.PrivateCA`` over boto3."""

    def __init__(self, client: _Client) -> None:
        """Take an acm-pca client."""
        self._client = client

    def create(self, wanted: CreatePrivateCA, *, token: str, tags: Mapping[str, str]) -> str:
        """Ask for a root CA; gives its ARN. A token is remembered for 5 minutes.

        No revocation is configured: Roles Anywhere reads neither CRL distribution points nor OCSP.
        """
        name = wanted.subject.common_name
        signing = wanted.signing_algorithm or _USUAL_SIGNATURES[wanted.key_algorithm]
        with _translated(f"CreateCertificateAuthority {name}"):
            answer = self._client.create_certificate_authority(
                CertificateAuthorityType="ROOT",
                CertificateAuthorityConfiguration={
                    "KeyAlgorithm": wanted.key_algorithm.value,
                    "SigningAlgorithm": signing.value,
                    "Subject": _subject_to_aws(wanted.subject),
                },
                UsageMode=_USAGE_MODES[wanted.usage_mode],
                IdempotencyToken=token,
                Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            )
        return str(answer["CertificateAuthorityArn"])

    def authorities(self) -> tuple[AuthorityRecord, ...]:
        """List our account's CAs, deleted ones left out."""
        with _translated("ListCertificateAuthorities"):
            paginator = self._client.get_paginator("list_certificate_authorities")
            return tuple(
                _authority_from_aws(detail)
                for page in paginator.paginate(ResourceOwner="SELF")
                for detail in page.get("CertificateAuthorities", ())
                if detail["Status"] != _DELETED
            )

    def describe(self, arn: str) -> AuthorityRecord:
        """One CA. Raises ``NotFound``."""
        with _translated(f"DescribeCertificateAuthority {arn}"):
            answer = self._client.describe_certificate_authority(CertificateAuthorityArn=arn)
        return _authority_from_aws(answer["CertificateAuthority"])

    def tags(self, arn: str) -> Mapping[str, str]:
        """Tags of a CA."""
        with _translated(f"ListTags {arn}"):
            pages = self._client.get_paginator("list_tags").paginate(CertificateAuthorityArn=arn)
            return {
                tag["Key"]: tag.get("Value", "") for page in pages for tag in page.get("Tags", ())
            }

    def csr(self, arn: str) -> str | None:
        """PEM of the request for the CA's own certificate; None while it is in the making."""
        with _translated(f"GetCertificateAuthorityCsr {arn}"):
            try:
                answer = self._client.get_certificate_authority_csr(CertificateAuthorityArn=arn)
            except self._client.exceptions.RequestInProgressException:
                return None
            return str(answer["Csr"])

    def issue(
        self,
        arn: str,
        *,
        csr: bytes,
        signing_algorithm: str,
        template: str,
        not_after: datetime,
        token: str,
    ) -> str:
        """Ask for a certificate; gives its ARN. ``template`` as ``EndEntityClientAuth…/V1``.

        Validity is sent as ABSOLUTE, whole epoch seconds: the only kind that allows less than a
        day (https://docs.aws.amazon.com/privateca/latest/APIReference/API_Validity.html).
        """
        with _translated(f"IssueCertificate of {arn}"):
            answer = self._client.issue_certificate(
                CertificateAuthorityArn=arn,
                Csr=csr,
                SigningAlgorithm=signing_algorithm,
                TemplateArn=template_arn(arn, template),
                Validity={"Type": "ABSOLUTE", "Value": int(not_after.timestamp())},
                IdempotencyToken=token,
            )
        return str(answer["CertificateArn"])

    def certificate(self, arn: str, certificate_arn: str) -> IssuedCertificate | None:
        """Give an issued certificate, or None while acm-pca is still at it."""
        with _translated(f"GetCertificate {certificate_arn}"):
            try:
                answer = self._client.get_certificate(
                    CertificateAuthorityArn=arn, CertificateArn=certificate_arn
                )
            except self._client.exceptions.RequestInProgressException:
                return None
            return _certificate_from_aws(answer)

    def install(self, arn: str, certificate: str) -> None:
        """Install a root CA's own certificate."""
        with _translated(f"ImportCertificateAuthorityCertificate {arn}"):
            self._client.import_certificate_authority_certificate(
                CertificateAuthorityArn=arn, Certificate=certificate.encode()
            )

    def authority_certificate(self, arn: str) -> IssuedCertificate:
        """Give the CA's own certificate (and its chain, empty for a root)."""
        with _translated(f"GetCertificateAuthorityCertificate {arn}"):
            answer = self._client.get_certificate_authority_certificate(CertificateAuthorityArn=arn)
        return _certificate_from_aws(answer)

    def delete(self, arn: str, *, restorable_days: int) -> None:
        """Disable and delete a CA; quietly if it is gone or deleted already.

        ``restorable_days``: 7 to 30. An ACTIVE CA cannot be deleted, hence the disabling.
        """
        with suppress(NotFound):
            state = self.describe(arn).state
            if state == _DELETED:
                return
            if state == _ACTIVE:
                self._disable(arn)
            with _translated(f"DeleteCertificateAuthority {arn}"):
                self._client.delete_certificate_authority(
                    CertificateAuthorityArn=arn, PermanentDeletionTimeInDays=restorable_days
                )

    def _disable(self, arn: str) -> None:
        with _translated(f"UpdateCertificateAuthority {arn}"):
            self._client.update_certificate_authority(
                CertificateAuthorityArn=arn, Status="DISABLED"
            )


def template_arn(authority_arn: str, template: str) -> str:
    """Give a template's ARN in the partition of a CA (``aws``, ``aws-cn``, …)."""
    partition = authority_arn.split(":")[1]
    return f"arn:{partition}:acm-pca:::template/{template}"


def _subject_to_aws(subject: CASubject) -> dict[str, str]:
    given = {
        "CommonName": subject.common_name,
        "OrganizationalUnit": subject.organizational_unit,
        "Organization": subject.organization,
        "Country": subject.country,
    }
    return {key: value for key, value in given.items() if value is not None}


def _authority_from_aws(detail: Mapping[str, Any]) -> AuthorityRecord:
    configuration = detail["CertificateAuthorityConfiguration"]
    return AuthorityRecord(
        arn=detail["Arn"],
        state=detail["Status"],
        usage_mode=detail.get("UsageMode", _MODE_OF_OLD),
        key_algorithm=configuration["KeyAlgorithm"],
        signing_algorithm=configuration["SigningAlgorithm"],
        failure=detail.get("FailureReason"),
    )


def _certificate_from_aws(answer: Mapping[str, Any]) -> IssuedCertificate:
    return IssuedCertificate(answer["Certificate"], answer.get("CertificateChain") or "")
