"""The control plane over boto3: what is kept, what is refused, and in which words."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from tests.flow.emulated_aws import authority, client, leaf
from tests.unit.pki.making import Made

from rolesanywhere.emulator.roles_anywhere.quotas import LIMITS, Quota
from rolesanywhere.emulator.running import Emulator

ACCOUNT = "arn:aws:rolesanywhere:us-east-1:123456789012"
ROLE = "arn:aws:iam::123456789012:role/reader"
NO_ID = "00000000-0000-4000-8000-000000000000"
NO_AUTHORITY = f"arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/{NO_ID}"
Client = Any


@pytest.fixture
def anywhere(emulator: Emulator) -> Client:
    return client(emulator, "rolesanywhere")


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:  # noqa: ANN401 - of an operation
    """Give code and message of a refusal."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def bundle(*made: Made) -> dict[str, Any]:
    data = "".join(each.pem.decode() for each in made or (authority(),))
    return {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": data}}


def anchor_of(anywhere: Client, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - of CreateTrustAnchor
    given = {"name": "anchor", "source": bundle(), "enabled": True, **more}
    made: dict[str, Any] = anywhere.create_trust_anchor(**given)["trustAnchor"]
    return made


def profile_of(anywhere: Client, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - of CreateProfile
    given = {"name": "profile", "roleArns": [ROLE], **more}
    made: dict[str, Any] = anywhere.create_profile(**given)["profile"]
    return made


def crl_data(*serials: int, by: Made | None = None) -> bytes:
    signer = by or authority()
    now = datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(signer.certificate.subject)
        .last_update(now - timedelta(hours=1))
        .next_update(now + timedelta(hours=1))
    )
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(signer.key, SHA256()).public_bytes(Encoding.PEM)


def test_trust_anchor_from_birth_to_death(anywhere: Client) -> None:
    """An anchor is created, read, listed, changed, switched and deleted."""
    made = anchor_of(anywhere, tags=[{"key": "a", "value": "b"}])
    identifier = made["trustAnchorId"]
    assert made["trustAnchorArn"] == f"{ACCOUNT}:trust-anchor/{identifier}"
    assert made["source"] == bundle()
    assert anywhere.get_trust_anchor(trustAnchorId=identifier)["trustAnchor"] == made
    assert anywhere.list_trust_anchors()["trustAnchors"] == [made]
    updated = anywhere.update_trust_anchor(trustAnchorId=identifier, name="other")["trustAnchor"]
    assert (updated["name"], updated["source"]) == ("other", made["source"])
    assert not anywhere.disable_trust_anchor(trustAnchorId=identifier)["trustAnchor"]["enabled"]
    assert anywhere.enable_trust_anchor(trustAnchorId=identifier)["trustAnchor"]["enabled"]
    anywhere.delete_trust_anchor(trustAnchorId=identifier)
    assert refused(anywhere.get_trust_anchor, trustAnchorId=identifier)[0] == (
        "ResourceNotFoundException"
    )


def test_profile_from_birth_to_death(anywhere: Client) -> None:
    """A profile is created with AWS's defaults, read, listed, changed, switched and deleted."""
    made = profile_of(anywhere)
    identifier = made["profileId"]
    assert (made["durationSeconds"], made["acceptRoleSessionName"]) == (3600, False)
    assert made["attributeMappings"] == [
        {"certificateField": "x509Subject", "mappingRules": [{"specifier": "*"}]},
        {"certificateField": "x509Issuer", "mappingRules": [{"specifier": "*"}]},
        {
            "certificateField": "x509SAN",
            "mappingRules": [{"specifier": "DNS"}, {"specifier": "URI"}, {"specifier": "Name/*"}],
        },
    ]
    assert anywhere.get_profile(profileId=made["profileArn"])["profile"] == made
    assert anywhere.list_profiles()["profiles"] == [made]
    change = {"durationSeconds": 900, "roleArns": [], "sessionPolicy": "{}"}
    updated = anywhere.update_profile(profileId=identifier, **change)["profile"]
    assert {name: updated[name] for name in change} == change
    assert anywhere.enable_profile(profileId=identifier)["profile"]["enabled"]
    assert not anywhere.disable_profile(profileId=identifier)["profile"]["enabled"]
    anywhere.delete_profile(profileId=identifier)
    assert anywhere.list_profiles()["profiles"] == []


def test_crl_from_birth_to_death(anywhere: Client) -> None:
    """A revocation list is imported, read, listed, changed, switched and deleted."""
    anchor = anchor_of(anywhere)
    given = {"crlData": crl_data(1), "trustAnchorArn": anchor["trustAnchorArn"]}
    made = anywhere.import_crl(name="list", enabled=True, **given)["crl"]
    identifier = made["crlId"]
    assert (made["crlData"], made["trustAnchorArn"]) == tuple(given.values())
    assert anywhere.get_crl(crlId=identifier)["crl"] == made
    assert anywhere.list_crls()["crls"] == [made]
    other = crl_data(1, 2)
    assert anywhere.update_crl(crlId=identifier, crlData=other)["crl"]["crlData"] == other
    assert not anywhere.disable_crl(crlId=identifier)["crl"]["enabled"]
    assert anywhere.enable_crl(crlId=identifier)["crl"]["enabled"]
    anywhere.delete_crl(crlId=identifier)
    assert anywhere.list_crls()["crls"] == []


def test_nothing_keeps_a_create_from_making_two(anywhere: Client) -> None:
    """There is no token and names are not unique: the same request twice makes two objects."""
    assert anchor_of(anywhere)["trustAnchorId"] != anchor_of(anywhere)["trustAnchorId"]
    assert len(anywhere.list_trust_anchors()["trustAnchors"]) == 2


def test_a_session_policy_cannot_be_taken_away(emulator: Emulator, anywhere: Client) -> None:
    """The model wants one character at least, and leaving it out keeps the present one."""
    raw = client(emulator, "rolesanywhere", validated=False)
    made = profile_of(anywhere, sessionPolicy="{}")
    code, _ = refused(raw.update_profile, profileId=made["profileId"], sessionPolicy="")
    assert code == "ValidationException"
    kept = anywhere.update_profile(profileId=made["profileId"], name="other")["profile"]
    assert kept["sessionPolicy"] == "{}"


TOO_MANY_ROLES = [f"{ROLE}{number}" for number in range(251)]
WRONG = {
    "a dot in a name": ("create_profile", {"name": "a.b", "roleArns": []}, "'name'"),
    "a slash in a name": ("create_profile", {"name": "a/b", "roleArns": []}, "'name'"),
    "no name": ("create_profile", {"name": "", "roleArns": []}, "'name'"),
    "a name of 256": ("create_profile", {"name": "a" * 256, "roleArns": []}, "'name'"),
    "no roles at all": ("create_profile", {"name": "a"}, "'roleArns'"),
    "251 roles": ("create_profile", {"name": "a", "roleArns": TOO_MANY_ROLES}, "'roleArns'"),
    "no role's ARN": (
        "create_profile",
        {"name": "a", "roleArns": ["role/a"]},
        "'roleArns.1.member'",
    ),
    "a session of 899 s": (
        "create_profile",
        {"name": "a", "roleArns": [], "durationSeconds": 899},
        "'durationSeconds'",
    ),
    "a session of 43201 s": (
        "create_profile",
        {"name": "a", "roleArns": [], "durationSeconds": 43_201},
        "'durationSeconds'",
    ),
    "a session policy that is no policy": (
        "create_profile",
        {"name": "a", "roleArns": [], "sessionPolicy": "allow all"},
        "policy",
    ),
    "201 tags": (
        "create_profile",
        {
            "name": "a",
            "roleArns": [],
            "tags": [{"key": str(n), "value": ""} for n in range(201)],
        },
        "'tags'",
    ),
    "no source": ("create_trust_anchor", {"name": "a"}, "'source'"),
    "an unknown source": (
        "create_trust_anchor",
        {"name": "a", "source": {"sourceType": "MINE", "sourceData": {"acmPcaArn": "x"}}},
        "'source.sourceType'",
    ),
    "two sources": (
        "create_trust_anchor",
        {
            "name": "a",
            "source": {
                "sourceType": "AWS_ACM_PCA",
                "sourceData": {"acmPcaArn": "x", "x509CertificateData": "y"},
            },
        },
        "'source.sourceData'",
    ),
    "a source of the other kind": (
        "create_trust_anchor",
        {
            "name": "a",
            "source": {"sourceType": "AWS_ACM_PCA", "sourceData": bundle()["sourceData"]},
        },
        "do not match",
    ),
    "a certificate that is none": (
        "create_trust_anchor",
        {
            "name": "a",
            "source": {
                "sourceType": "CERTIFICATE_BUNDLE",
                "sourceData": {"x509CertificateData": "nothing"},
            },
        },
        "PEM",
    ),
    "a workload's certificate": (
        "create_trust_anchor",
        {"name": "a", "source": bundle(leaf())},
        "Incorrect basic constraints for CA certificate",
    ),
    "three certificates": (
        "create_trust_anchor",
        {"name": "a", "source": bundle(*map(authority, ("CN=1", "CN=2", "CN=3")))},
        "at most 2 certificates",
    ),
    "an unknown Private CA": (
        "create_trust_anchor",
        {
            "name": "a",
            "source": {
                "sourceType": "AWS_ACM_PCA",
                "sourceData": {"acmPcaArn": NO_AUTHORITY},
            },
        },
        "Error creating TrustAnchor. Given AWS PCA did not allow get request.",
    ),
    "a notice without a threshold": (
        "create_trust_anchor",
        {
            "name": "a",
            "source": bundle(),
            "notificationSettings": [{"event": "CA_CERTIFICATE_EXPIRY", "enabled": True}],
        },
        "Threshold is required",
    ),
    "a notice 361 days ahead": (
        "create_trust_anchor",
        {
            "name": "a",
            "source": bundle(),
            "notificationSettings": [
                {"event": "CA_CERTIFICATE_EXPIRY", "enabled": True, "threshold": 361}
            ],
        },
        "'notificationSettings.1.member.threshold'",
    ),
    "an id that is none": ("get_profile", {"profileId": "mine"}, "'profileId'"),
    "an unknown field": (
        "put_attribute_mapping",
        {"profileId": NO_ID, "certificateField": "x509Key", "mappingRules": []},
        "'certificateField'",
    ),
    "a page of nothing": ("list_profiles", {"pageSize": 0}, "page size"),
    "a token of nobody": ("list_profiles", {"nextToken": "what"}, "nextToken"),
    "an alias with a space": (
        "create_profile",
        {"name": "a", "roleArns": [], "aliasName": "a b"},
        "'aliasName'",
    ),
    "an alias of AWS": (
        "create_profile",
        {"name": "a", "roleArns": [], "aliasName": "AWS/mine"},
        "reserved",
    ),
}


@pytest.mark.parametrize(("operation", "given", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_the_model_forbids_is_a_validation_error(
    emulator: Emulator, operation: str, given: dict[str, Any], words: str
) -> None:
    """Each bound of the model is kept, and the message names the parameter."""
    raw = client(emulator, "rolesanywhere", validated=False)
    code, message = refused(getattr(raw, operation), **given)
    assert code == "ValidationException"
    assert words in message


def _on_nothing() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every operation on a resource, for one that does not exist."""
    for kind, parameter in (
        ("trust_anchor", "trustAnchorId"),
        ("profile", "profileId"),
        ("crl", "crlId"),
    ):
        for verb in ("get", "update", "delete", "enable", "disable"):
            yield f"{verb}_{kind}", {parameter: NO_ID}
    mapping = {"profileId": NO_ID, "certificateField": "x509SAN"}
    yield "get_subject", {"subjectId": NO_ID}
    yield "put_attribute_mapping", {**mapping, "mappingRules": []}
    yield "delete_attribute_mapping", mapping
    yield "put_notification_settings", {"trustAnchorId": NO_ID, "notificationSettings": []}
    yield "reset_notification_settings", {"trustAnchorId": NO_ID, "notificationSettingKeys": []}
    tagged = {"resourceArn": f"{ACCOUNT}:profile/{NO_ID}"}
    yield "tag_resource", {**tagged, "tags": []}
    yield "untag_resource", {**tagged, "tagKeys": []}
    yield "list_tags_for_resource", tagged
    anchor = f"{ACCOUNT}:trust-anchor/{NO_ID}"
    yield "import_crl", {"name": "a", "crlData": b"x", "trustAnchorArn": anchor}


ON_NOTHING = dict(_on_nothing())


@pytest.mark.parametrize(("operation", "given"), ON_NOTHING.items(), ids=ON_NOTHING.keys())
def test_what_does_not_exist_is_not_found(
    anywhere: Client, operation: str, given: dict[str, Any]
) -> None:
    """Every operation that names a resource says so when there is none."""
    assert refused(getattr(anywhere, operation), **given)[0] == "ResourceNotFoundException"


def test_roles_of_another_account_cannot_be_passed(anywhere: Client) -> None:
    """There is no PassRole across accounts."""
    code, _ = refused(profile_of, anywhere=anywhere, roleArns=["arn:aws:iam::111111111111:role/a"])
    assert code == "AccessDeniedException"


def test_the_default_notices_are_always_there(anywhere: Client) -> None:
    """Customized or not, both events are shown; reset brings the service's own back."""
    made = anchor_of(
        anywhere,
        notificationSettings=[{"event": "END_ENTITY_CERTIFICATE_EXPIRY", "enabled": False}],
    )
    default = {
        "enabled": True,
        "threshold": 45,
        "channel": "ALL",
        "configuredBy": "rolesanywhere.amazonaws.com",
    }
    authority_notice, leaf_notice = made["notificationSettings"]
    assert authority_notice == {"event": "CA_CERTIFICATE_EXPIRY", **default}
    assert leaf_notice["configuredBy"] == "123456789012"
    assert leaf_notice["enabled"] is False
    identifier = made["trustAnchorId"]
    put = anywhere.put_notification_settings(
        trustAnchorId=identifier,
        notificationSettings=[{"event": "CA_CERTIFICATE_EXPIRY", "enabled": True, "threshold": 9}],
    )["trustAnchor"]["notificationSettings"]
    assert [put[0]["threshold"], put[1]["enabled"]] == [9, False]
    keys = [{"event": "CA_CERTIFICATE_EXPIRY"}, {"event": "END_ENTITY_CERTIFICATE_EXPIRY"}]
    reset = anywhere.reset_notification_settings(
        trustAnchorId=identifier, notificationSettingKeys=keys
    )["trustAnchor"]["notificationSettings"]
    assert reset == [{**key, **default} for key in keys]


def test_mappings_are_put_and_deleted_by_field(anywhere: Client) -> None:
    """Put replaces a field's rules; delete takes some of them, or the field."""
    profile = profile_of(anywhere)["profileId"]

    def rules(answer: dict[str, Any], field: str) -> list[str] | None:
        found = {
            each["certificateField"]: [rule["specifier"] for rule in each["mappingRules"]]
            for each in answer["profile"]["attributeMappings"]
        }
        return found.get(field)

    put = anywhere.put_attribute_mapping(
        profileId=profile,
        certificateField="x509Subject",
        mappingRules=[{"specifier": "CN"}, {"specifier": "OU"}],
    )
    assert rules(put, "x509Subject") == ["CN", "OU"]
    assert rules(put, "x509Issuer") == ["*"]
    delete = anywhere.delete_attribute_mapping
    some = delete(profileId=profile, certificateField="x509Subject", specifiers=["CN"])
    assert rules(some, "x509Subject") == ["OU"]
    assert rules(delete(profileId=profile, certificateField="x509Issuer"), "x509Issuer") is None


def test_tags_are_added_replaced_and_removed(anywhere: Client) -> None:
    """Tags of a resource live as long as it does."""
    arn = profile_of(anywhere, tags=[{"key": "a", "value": "1"}])["profileArn"]
    anywhere.tag_resource(resourceArn=arn, tags=[{"key": k, "value": "2"} for k in ("a", "b")])
    anywhere.untag_resource(resourceArn=arn, tagKeys=["b", "unknown"])
    listed = anywhere.list_tags_for_resource(resourceArn=arn)["tags"]
    assert listed == [{"key": "a", "value": "2"}]
    many = [{"key": str(number), "value": ""} for number in range(200)]
    assert refused(anywhere.tag_resource, resourceArn=arn, tags=many)[0] == "TooManyTagsException"


def test_aliases_name_one_resource_of_a_kind(anywhere: Client) -> None:
    """An alias ARN works where an id does; the alias is unique per kind and can be moved on."""
    made = anchor_of(anywhere, aliasName="team/ca")
    assert made["aliasArn"] == f"{ACCOUNT}:alias/trust-anchor/team/ca"
    found = anywhere.get_trust_anchor(trustAnchorId=made["aliasArn"])["trustAnchor"]
    assert found == made
    assert refused(anchor_of, anywhere=anywhere, aliasName="team/ca")[0] == "ValidationException"
    profile_of(anywhere, aliasName="team/ca")
    moved = anywhere.update_trust_anchor(trustAnchorId=made["trustAnchorId"], aliasName="")
    assert moved["trustAnchor"]["previousAliasName"] == "team/ca"
    assert "aliasName" not in moved["trustAnchor"]
    anchor_of(anywhere, aliasName="team/ca")


def test_a_crl_takes_no_alias_of_an_anchor(anywhere: Client) -> None:
    """ImportCrl wants the anchor's own ARN."""
    alias = anchor_of(anywhere, aliasName="ca")["aliasArn"]
    given = {"name": "a", "crlData": crl_data(1), "trustAnchorArn": alias}
    assert refused(anywhere.import_crl, **given)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "data",
    [
        b"nothing",
        authority().pem,
        crl_data(1, by=authority("CN=stranger")),
        crl_data(1) + crl_data(2),
    ],
    ids=["text", "a certificate", "of another CA", "two"],
)
def test_only_the_anchors_own_lists_are_imported(anywhere: Client, data: bytes) -> None:
    """A list is one PEM block, signed by a CA of the anchor."""
    arn = anchor_of(anywhere)["trustAnchorArn"]
    code, message = refused(anywhere.import_crl, name="a", crlData=data, trustAnchorArn=arn)
    assert (code, "PEM-encoded CRL" in message) == ("ValidationException", True)


def test_pages_cover_everything_once(anywhere: Client) -> None:
    """Records come in pages, oldest first, and a deletion in between loses none."""
    made = [profile_of(anywhere)["profileId"] for _ in range(7)]
    first = anywhere.list_profiles(pageSize=3)
    anywhere.delete_profile(profileId=made[2])
    rest = anywhere.list_profiles(pageSize=10, nextToken=first["nextToken"])
    listed = [each["profileId"] for each in first["profiles"] + rest["profiles"]]
    assert listed[:3] == made[:3]
    assert set(made[3:]) <= set(listed)
    assert "nextToken" not in rest
    paginator = anywhere.get_paginator("list_profiles")
    pages = [len(page["profiles"]) for page in paginator.paginate(pageSize=4)]
    assert pages == [4, 2]


def test_regions_are_apart(emulator: Emulator) -> None:
    """What is made in one region is not seen in another."""
    anchor_of(client(emulator, "rolesanywhere", region="eu-west-1"))
    assert client(emulator, "rolesanywhere").list_trust_anchors()["trustAnchors"] == []


def test_the_first_anchor_brings_the_service_linked_role(emulator: Emulator) -> None:
    """As in AWS, and the caller must be allowed to make it."""
    iam = client(emulator, "iam")
    assert iam.list_roles()["Roles"] == []
    anchor_of(client(emulator, "rolesanywhere"))
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == [
        "AWSServiceRoleForRolesAnywhere"
    ]


def _import_into_the_one_anchor(anywhere: Client) -> None:
    anchors = anywhere.list_trust_anchors()["trustAnchors"]
    arn = (anchors[0] if anchors else anchor_of(anywhere))["trustAnchorArn"]
    anywhere.import_crl(name="a", crlData=crl_data(1), trustAnchorArn=arn)


QUOTAS: dict[Quota, Callable[[Client], object]] = {
    Quota.TRUST_ANCHORS: anchor_of,
    Quota.PROFILES: profile_of,
    Quota.CRLS_PER_ANCHOR: _import_into_the_one_anchor,
}


@pytest.mark.parametrize(("quota", "create"), QUOTAS.items(), ids=QUOTAS.keys())
def test_quotas_of_objects(
    emulator: Emulator, anywhere: Client, quota: Quota, create: Callable[[Client], object]
) -> None:
    """One more than the limit is refused, unless the quota is switched off."""
    emulator.quotas.enforce(quota)
    for _ in range(LIMITS[quota]):
        create(anywhere)
    code, message = refused(create, anywhere=anywhere)
    assert (code, "at most" in message) == ("ValidationException", True)
    emulator.quotas.enforce(quota, on=False)
    create(anywhere)


def test_quota_of_requests_is_per_family(emulator: Emulator, anywhere: Client) -> None:
    """One call a second for anchors does not use up the one for profiles."""
    emulator.quotas.enforce(Quota.REQUEST_RATE)
    anywhere.list_trust_anchors()
    anywhere.list_profiles()
    code, _ = refused(anywhere.get_trust_anchor, trustAnchorId=NO_ID)
    assert code == "ThrottlingException"
