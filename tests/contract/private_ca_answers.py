"""AWS Private CA in AWS's shapes, over the fake one of a region."""

from datetime import UTC, datetime

from tests.contract.answers import Answers, Code, Given, Refused, Shape
from tests.fake_private_ca import MODES, FakePrivateCA

from rolesanywhere.api.authority import CASubject, KeyAlgorithm, SigningAlgorithm
from rolesanywhere.api.trust_anchor import CreatePrivateCA
from rolesanywhere.domain.observed import AuthorityRecord


class PrivateCAAnswers(Answers):
    """One region's Private CA."""

    def __init__(self, fake: FakePrivateCA) -> None:
        """Answer from ``fake``."""
        self._fake = fake

    def _create_certificate_authority(self, given: Given) -> Shape:
        configuration = given["CertificateAuthorityConfiguration"]
        subject = configuration["Subject"]
        wanted = CreatePrivateCA(
            subject=CASubject(
                common_name=subject["CommonName"],
                organizational_unit=subject.get("OrganizationalUnit"),
            ),
            key_algorithm=KeyAlgorithm(configuration["KeyAlgorithm"]),
            signing_algorithm=SigningAlgorithm(configuration["SigningAlgorithm"]),
            usage_mode={name: mode for mode, name in MODES.items()}[given["UsageMode"]],
        )
        tags = {each["Key"]: each["Value"] for each in given["Tags"]}
        arn = self._fake.create(wanted, token=given["IdempotencyToken"], tags=tags)
        return {"CertificateAuthorityArn": arn}

    def _list_certificate_authorities(self, _: Given) -> Shape:
        return {"CertificateAuthorities": [_authority(each) for each in self._fake.authorities()]}

    def _describe_certificate_authority(self, given: Given) -> Shape:
        record = self._fake.describe(given["CertificateAuthorityArn"])
        return {"CertificateAuthority": _authority(record)}

    def _list_tags(self, given: Given) -> Shape:
        tags = self._fake.tags(given["CertificateAuthorityArn"])
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _get_certificate_authority_csr(self, given: Given) -> Shape:
        csr = self._fake.csr(given["CertificateAuthorityArn"])
        if csr is None:
            raise Refused(Code.NOT_YET)
        return {"Csr": csr}

    def _issue_certificate(self, given: Given) -> Shape:
        arn = self._fake.issue(
            given["CertificateAuthorityArn"],
            csr=given["Csr"],
            signing_algorithm=given["SigningAlgorithm"],
            template=given["TemplateArn"].partition("template/")[2],
            not_after=datetime.fromtimestamp(given["Validity"]["Value"], UTC),
            token=given["IdempotencyToken"],
        )
        return {"CertificateArn": arn}

    def _get_certificate(self, given: Given) -> Shape:
        issued = self._fake.certificate(given["CertificateAuthorityArn"], given["CertificateArn"])
        if issued is None:
            raise Refused(Code.NOT_YET)
        return {"Certificate": issued.certificate, "CertificateChain": issued.chain}

    def _import_certificate_authority_certificate(self, given: Given) -> None:
        self._fake.install(given["CertificateAuthorityArn"], given["Certificate"].decode())

    def _get_certificate_authority_certificate(self, given: Given) -> Shape:
        own = self._fake.authority_certificate(given["CertificateAuthorityArn"])
        return {"Certificate": own.certificate}

    def _update_certificate_authority(self, given: Given) -> None:
        self._fake.made[given["CertificateAuthorityArn"]].forced = given["Status"]

    def _delete_certificate_authority(self, given: Given) -> None:
        days = given["PermanentDeletionTimeInDays"]
        self._fake.delete(given["CertificateAuthorityArn"], restorable_days=days)


def _authority(record: AuthorityRecord) -> Shape:
    return {
        "Arn": record.arn,
        "Status": record.state,
        "UsageMode": record.usage_mode,
        "CertificateAuthorityConfiguration": {
            "KeyAlgorithm": record.key_algorithm,
            "SigningAlgorithm": record.signing_algorithm,
        },
    }
