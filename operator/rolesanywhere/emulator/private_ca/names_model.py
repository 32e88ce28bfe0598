"""Shapes of names and extensions in acm-pca's model: what goes into certificates."""

from typing import Final

from rolesanywhere.emulator.private_ca.shapes import Choice, Many, Text, Truth, Whole, structure

TEXT_64: Final = Text(0, 64)
TEXT_128: Final = Text(0, 128)
TEXT_253: Final = Text(0, 253)
TEXT_256: Final = Text(0, 256)
PRINTABLE_64: Final = Text(0, 64, r"[a-zA-Z0-9'()+-.?:/= ]*")
IDENTIFIER: Final = Text(0, 64, r"([0-2])\.([0-9]|([0-3][0-9]))((\.([0-9]+)){0,126})")
BASE64: Final = Text(1, 4096, r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")

SUBJECT: Final = structure(
    Country=Text(2, 2, "[A-Za-z]{2}"),
    Organization=TEXT_64,
    OrganizationalUnit=TEXT_64,
    DistinguishedNameQualifier=PRINTABLE_64,
    State=TEXT_128,
    CommonName=TEXT_64,
    SerialNumber=PRINTABLE_64,
    Locality=TEXT_128,
    Title=TEXT_64,
    Surname=Text(0, 40),
    GivenName=Text(0, 16),
    Initials=Text(0, 5),
    Pseudonym=TEXT_128,
    GenerationQualifier=Text(0, 3),
    CustomAttributes=Many(
        structure("ObjectIdentifier Value", ObjectIdentifier=IDENTIFIER, Value=Text(1, 256)),
        1,
        150,
    ),
)
GENERAL_NAME: Final = structure(
    OtherName=structure("TypeId Value", TypeId=IDENTIFIER, Value=TEXT_256),
    Rfc822Name=TEXT_256,
    DnsName=TEXT_253,
    DirectoryName=SUBJECT,
    EdiPartyName=structure("PartyName", PartyName=TEXT_256, NameAssigner=TEXT_256),
    UniformResourceIdentifier=TEXT_253,
    IpAddress=Text(0, 39),
    RegisteredId=IDENTIFIER,
)
KEY_USAGE: Final = structure(
    DigitalSignature=Truth(),
    NonRepudiation=Truth(),
    KeyEncipherment=Truth(),
    DataEncipherment=Truth(),
    KeyAgreement=Truth(),
    KeyCertSign=Truth(),
    CRLSign=Truth(),
    EncipherOnly=Truth(),
    DecipherOnly=Truth(),
)
CSR_EXTENSIONS: Final = structure(
    KeyUsage=KEY_USAGE,
    SubjectInformationAccess=Many(
        structure(
            "AccessMethod AccessLocation",
            AccessMethod=structure(
                CustomObjectIdentifier=IDENTIFIER,
                AccessMethodType=Choice(
                    ("CA_REPOSITORY", "RESOURCE_PKI_MANIFEST", "RESOURCE_PKI_NOTIFY")
                ),
            ),
            AccessLocation=GENERAL_NAME,
        )
    ),
)
POLICY_QUALIFIER: Final = structure(
    "PolicyQualifierId Qualifier",
    PolicyQualifierId=Choice(("CPS",)),
    Qualifier=structure("CpsUri", CpsUri=TEXT_256),
)
PURPOSE: Final = structure(
    ExtendedKeyUsageType=Choice(
        (
            "SERVER_AUTH",
            "CLIENT_AUTH",
            "CODE_SIGNING",
            "EMAIL_PROTECTION",
            "TIME_STAMPING",
            "OCSP_SIGNING",
            "SMART_CARD_LOGIN",
            "DOCUMENT_SIGNING",
            "CERTIFICATE_TRANSPARENCY",
        )
    ),
    ExtendedKeyUsageObjectIdentifier=IDENTIFIER,
)
API_PASSTHROUGH: Final = structure(
    Extensions=structure(
        CertificatePolicies=Many(
            structure(
                "CertPolicyId",
                CertPolicyId=IDENTIFIER,
                PolicyQualifiers=Many(POLICY_QUALIFIER, 1, 20),
            ),
            1,
            20,
        ),
        ExtendedKeyUsage=Many(PURPOSE, 1, 20),
        KeyUsage=KEY_USAGE,
        SubjectAlternativeNames=Many(GENERAL_NAME, 1, 150),
        CustomExtensions=Many(
            structure(
                "ObjectIdentifier Value",
                ObjectIdentifier=IDENTIFIER,
                Value=BASE64,
                Critical=Truth(),
            ),
            1,
            150,
        ),
    ),
    Subject=SUBJECT,
)
VALIDITY: Final = structure(
    "Value Type",
    Value=Whole(1),
    Type=Choice(("END_DATE", "ABSOLUTE", "DAYS", "MONTHS", "YEARS")),
)
