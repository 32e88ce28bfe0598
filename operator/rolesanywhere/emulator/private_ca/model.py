"""The requests of acm-pca's 23 operations, as its service model (2017-08-22) has them.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_Operations.html
``test_private_ca_model`` compares each with botocore's copy of the model.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from rolesanywhere.emulator.private_ca.names_model import (
    API_PASSTHROUGH,
    CSR_EXTENSIONS,
    SUBJECT,
    TEXT_128,
    VALIDITY,
)
from rolesanywhere.emulator.private_ca.shapes import (
    Blob,
    Choice,
    Many,
    Structure,
    Text,
    Truth,
    Whole,
    structure,
)

_ANY_LATIN: Final = r"[\u0009\u000A\u000D\u0020-\u00FF]"
_URI_CHARACTERS: Final = r"[-a-zA-Z0-9;?:@&=+$,%_.!~*()']+"
_TAG_CHARACTERS: Final = r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"

_ARN: Final = Text(
    5, 200, r"arn:[\w+=/,.@-]+:acm-pca:[\w+=/,.@-]*:[0-9]*:[\w+=,.@-]+(/[\w+=,.@-]+)*"
)
_ACCOUNT: Final = Text(12, 12, "[0-9]+")
_TOKEN: Final = Text(1, 36, f"{_ANY_LATIN}*")
_NEXT_TOKEN: Final = Text(1, 43739)
_MAX_RESULTS: Final = Whole(1, 1000)
_PRINCIPAL: Final = Text(0, 128, "[^*]+")
_CNAME: Final = Text(0, 253, "[-a-zA-Z0-9;/?:@&=+$,%_.!~*()']*")
_BUCKET: Final = Text(3, 63)
_REPORT_FORMAT: Final = Choice(("JSON", "CSV"))
_REPORT_ID: Final = Text(36, 36, "[a-z0-9]{8}-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{12}")
_KEY_ALGORITHM: Final = Choice(
    (
        "RSA_2048",
        "RSA_3072",
        "RSA_4096",
        "EC_prime256v1",
        "EC_secp384r1",
        "EC_secp521r1",
        "ML_DSA_44",
        "ML_DSA_65",
        "ML_DSA_87",
        "SM2",
    )
)
_SIGNING_ALGORITHM: Final = Choice(
    (
        "SHA256WITHECDSA",
        "SHA384WITHECDSA",
        "SHA512WITHECDSA",
        "SHA256WITHRSA",
        "SHA384WITHRSA",
        "SHA512WITHRSA",
        "SHA256WITHRSA_PSS",
        "SHA384WITHRSA_PSS",
        "SHA512WITHRSA_PSS",
        "SM3WITHSM2",
        "ML_DSA_44",
        "ML_DSA_65",
        "ML_DSA_87",
    )
)
_STATUS: Final = Choice(
    ("CREATING", "PENDING_CERTIFICATE", "ACTIVE", "DELETED", "DISABLED", "EXPIRED", "FAILED")
)
_TAGS: Final = Many(
    structure("Key", Key=Text(1, 128, _TAG_CHARACTERS), Value=Text(0, 256, _TAG_CHARACTERS)), 1, 50
)
_CONFIGURATION: Final = structure(
    "KeyAlgorithm SigningAlgorithm Subject",
    KeyAlgorithm=_KEY_ALGORITHM,
    SigningAlgorithm=_SIGNING_ALGORITHM,
    Subject=SUBJECT,
    CsrExtensions=CSR_EXTENSIONS,
)
_REVOCATION: Final = structure(
    CrlConfiguration=structure(
        "Enabled",
        Enabled=Truth(),
        ExpirationInDays=Whole(1, 5000),
        CustomCname=_CNAME,
        S3BucketName=Text(3, 255, "[-a-zA-Z0-9._/]+"),
        S3ObjectAcl=Choice(("PUBLIC_READ", "BUCKET_OWNER_FULL_CONTROL")),
        CrlDistributionPointExtensionConfiguration=structure(
            "OmitExtension", OmitExtension=Truth()
        ),
        CrlType=Choice(("COMPLETE", "PARTITIONED")),
        CustomPath=Text(0, 253, f"(/|{_URI_CHARACTERS}(/{_URI_CHARACTERS})*)"),
    ),
    OcspConfiguration=structure("Enabled", Enabled=Truth(), OcspCustomCname=_CNAME),
)
_BY_ARN: Final = structure("CertificateAuthorityArn", CertificateAuthorityArn=_ARN)
_BY_RESOURCE: Final = structure("ResourceArn", ResourceArn=_ARN)
_PAGE_OF_ONE: Final = structure(
    "CertificateAuthorityArn",
    CertificateAuthorityArn=_ARN,
    MaxResults=_MAX_RESULTS,
    NextToken=_NEXT_TOKEN,
)
_TAGGING: Final = structure(
    "CertificateAuthorityArn Tags", CertificateAuthorityArn=_ARN, Tags=_TAGS
)

REQUESTS: Final[Mapping[str, Structure]] = MappingProxyType(
    {
        "CreateCertificateAuthority": structure(
            "CertificateAuthorityConfiguration CertificateAuthorityType",
            CertificateAuthorityConfiguration=_CONFIGURATION,
            RevocationConfiguration=_REVOCATION,
            CertificateAuthorityType=Choice(("ROOT", "SUBORDINATE")),
            IdempotencyToken=_TOKEN,
            KeyStorageSecurityStandard=Choice(
                (
                    "FIPS_140_2_LEVEL_2_OR_HIGHER",
                    "FIPS_140_2_LEVEL_3_OR_HIGHER",
                    "CCPC_LEVEL_1_OR_HIGHER",
                )
            ),
            Tags=_TAGS,
            UsageMode=Choice(("GENERAL_PURPOSE", "SHORT_LIVED_CERTIFICATE")),
        ),
        "CreateCertificateAuthorityAuditReport": structure(
            "CertificateAuthorityArn S3BucketName AuditReportResponseFormat",
            CertificateAuthorityArn=_ARN,
            S3BucketName=_BUCKET,
            AuditReportResponseFormat=_REPORT_FORMAT,
        ),
        "CreatePermission": structure(
            "CertificateAuthorityArn Principal Actions",
            CertificateAuthorityArn=_ARN,
            Principal=_PRINCIPAL,
            SourceAccount=_ACCOUNT,
            Actions=Many(Choice(("IssueCertificate", "GetCertificate", "ListPermissions")), 1, 3),
        ),
        "DeleteCertificateAuthority": structure(
            "CertificateAuthorityArn",
            CertificateAuthorityArn=_ARN,
            PermanentDeletionTimeInDays=Whole(7, 30),
        ),
        "DeletePermission": structure(
            "CertificateAuthorityArn Principal",
            CertificateAuthorityArn=_ARN,
            Principal=_PRINCIPAL,
            SourceAccount=_ACCOUNT,
        ),
        "DeletePolicy": _BY_RESOURCE,
        "DescribeCertificateAuthority": _BY_ARN,
        "DescribeCertificateAuthorityAuditReport": structure(
            "CertificateAuthorityArn AuditReportId",
            CertificateAuthorityArn=_ARN,
            AuditReportId=_REPORT_ID,
        ),
        "GetCertificate": structure(
            "CertificateAuthorityArn CertificateArn",
            CertificateAuthorityArn=_ARN,
            CertificateArn=_ARN,
        ),
        "GetCertificateAuthorityCertificate": _BY_ARN,
        "GetCertificateAuthorityCsr": _BY_ARN,
        "GetPolicy": _BY_RESOURCE,
        "ImportCertificateAuthorityCertificate": structure(
            "CertificateAuthorityArn Certificate",
            CertificateAuthorityArn=_ARN,
            Certificate=Blob(1, 32768),
            CertificateChain=Blob(0, 2097152),
        ),
        "IssueCertificate": structure(
            "CertificateAuthorityArn Csr SigningAlgorithm Validity",
            ApiPassthrough=API_PASSTHROUGH,
            CertificateAuthorityArn=_ARN,
            Csr=Blob(1, 32768),
            SigningAlgorithm=_SIGNING_ALGORITHM,
            TemplateArn=_ARN,
            Validity=VALIDITY,
            ValidityNotBefore=VALIDITY,
            IdempotencyToken=_TOKEN,
        ),
        "ListCertificateAuthorities": structure(
            MaxResults=_MAX_RESULTS,
            NextToken=_NEXT_TOKEN,
            ResourceOwner=Choice(("SELF", "OTHER_ACCOUNTS")),
        ),
        "ListPermissions": _PAGE_OF_ONE,
        "ListTags": _PAGE_OF_ONE,
        "PutPolicy": structure(
            "ResourceArn Policy", ResourceArn=_ARN, Policy=Text(1, 81920, f"{_ANY_LATIN}+")
        ),
        "RestoreCertificateAuthority": _BY_ARN,
        "RevokeCertificate": structure(
            "CertificateAuthorityArn CertificateSerial RevocationReason",
            CertificateAuthorityArn=_ARN,
            CertificateSerial=TEXT_128,
            RevocationReason=Choice(
                (
                    "UNSPECIFIED",
                    "KEY_COMPROMISE",
                    "CERTIFICATE_AUTHORITY_COMPROMISE",
                    "AFFILIATION_CHANGED",
                    "SUPERSEDED",
                    "CESSATION_OF_OPERATION",
                    "PRIVILEGE_WITHDRAWN",
                    "A_A_COMPROMISE",
                )
            ),
        ),
        "TagCertificateAuthority": _TAGGING,
        "UntagCertificateAuthority": _TAGGING,
        "UpdateCertificateAuthority": structure(
            "CertificateAuthorityArn",
            CertificateAuthorityArn=_ARN,
            RevocationConfiguration=_REVOCATION,
            Status=_STATUS,
        ),
    }
)
