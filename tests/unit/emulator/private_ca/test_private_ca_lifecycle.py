"""A CA from its creation to its end, and what outlives the process."""

import json
from datetime import UTC, datetime

import pytest
from tests.unit.emulator.private_ca.authority_at_work import (
    CALLER,
    EC_ROOT,
    SEVEN_DAYS,
    Desk,
    blob,
    by_arn,
    leaf_of,
)
from tests.unit.pki.making import make_ca

from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.private_ca.service import PrivateCAService
from rolesanywhere.emulator.private_ca.settings import Settings

TAGS = [{"Key": "a", "Value": "1"}, {"Key": "b"}]


def delete(desk: Desk, arn: str, **parameters: int) -> None:
    desk.call("DeleteCertificateAuthority", {**by_arn(arn), **parameters})


def test_description_of_a_new_authority() -> None:
    """A CA in the making shows what it was made from, and nothing it has not yet."""
    desk = Desk(Settings(asks_in_progress=1))
    arn = desk.pending()
    described = desk.describe(arn)
    assert (
        described["CertificateAuthorityConfiguration"]
        == (EC_ROOT["CertificateAuthorityConfiguration"])
    )
    assert {
        key: described[key] for key in ("Arn", "OwnerAccount", "Type", "Status", "UsageMode")
    } == {
        "Arn": arn,
        "OwnerAccount": CALLER.account,
        "Type": "ROOT",
        "Status": "CREATING",
        "UsageMode": "SHORT_LIVED_CERTIFICATE",
    }
    assert described["KeyStorageSecurityStandard"] == "FIPS_140_2_LEVEL_3_OR_HIGHER"
    assert described["RevocationConfiguration"] == {"CrlConfiguration": {"Enabled": False}}
    assert not {"Serial", "NotBefore", "NotAfter", "RestorableUntil"} & described.keys()
    assert desk.status(arn) == "PENDING_CERTIFICATE"


def test_description_of_an_active_authority() -> None:
    """An ACTIVE CA shows its certificate's serial and dates, as epoch seconds."""
    desk = Desk()
    described = desk.describe(desk.active())
    assert described["Status"] == "ACTIVE"
    assert int(described["Serial"]) > 0
    lifetime = described["NotAfter"] - described["NotBefore"]
    assert lifetime == pytest.approx(10 * 365.25 * 86400 + 3600, abs=86400)
    created = datetime.fromtimestamp(described["CreatedAt"], UTC)
    assert abs((desk.clock.now() - created).total_seconds()) < 60


def test_regions_are_apart() -> None:
    """A CA of one region is unknown in another and in no list of it."""
    desk, other = Desk(), Caller(CALLER.account, "eu-west-1")
    arn = desk.active()
    error = desk.refusal("DescribeCertificateAuthority", by_arn(arn), other)
    assert error.code == "ResourceNotFoundException"
    assert desk.service.handle("ListCertificateAuthorities", {}, other) == {
        "CertificateAuthorities": []
    }


def test_china_stores_keys_otherwise() -> None:
    """In China the only standard is CCPC, and it must be named."""
    desk = Desk(caller=Caller(CALLER.account, "cn-north-1", partition="aws-cn"))
    assert desk.refusal("CreateCertificateAuthority", EC_ROOT).code == "InvalidArgsException"
    arn = desk.pending(KeyStorageSecurityStandard="CCPC_LEVEL_1_OR_HIGHER")
    assert arn.startswith("arn:aws-cn:acm-pca:cn-north-1:")
    assert desk.describe(arn)["KeyStorageSecurityStandard"] == "CCPC_LEVEL_1_OR_HIGHER"


def test_authorities_expire() -> None:
    """Past its certificate's end a CA is EXPIRED: it issues no more, but can be renewed."""
    desk = Desk()
    arn = desk.pending()
    desk.activate(arn, SEVEN_DAYS)
    desk.wait(days=6, hours=23)
    assert desk.status(arn) == "ACTIVE"
    desk.wait(hours=2)
    assert desk.status(arn) == "EXPIRED"
    assert desk.refusal("IssueCertificate", leaf_of(arn)).code == "InvalidStateException"
    delete(desk, arn)
    assert desk.status(arn) == "DELETED"


def test_off_and_on() -> None:
    """A DISABLED CA issues nothing, gives what it issued, and comes back ACTIVE."""
    desk = Desk()
    arn = desk.active()
    leaf = desk.issued(arn)
    desk.disable(arn)
    assert desk.refusal("IssueCertificate", leaf_of(arn)).code == "InvalidStateException"
    assert desk.certificate(arn, leaf)
    desk.call("UpdateCertificateAuthority", {**by_arn(arn), "Status": "ACTIVE"})
    assert desk.issued(arn) != leaf


def test_deletion_can_be_undone() -> None:
    """A deleted CA can be seen and restored, DISABLED as it was, and then activated."""
    desk = Desk()
    arn = desk.active()
    desk.disable(arn)
    delete(desk, arn, PermanentDeletionTimeInDays=7)
    described = desk.describe(arn)
    assert described["Status"] == "DELETED"
    left = described["RestorableUntil"] - desk.clock.now().timestamp()
    assert left == pytest.approx(7 * 86400, abs=60)
    desk.wait(days=6)
    desk.call("RestoreCertificateAuthority", by_arn(arn))
    described = desk.describe(arn)
    assert (described["Status"], "RestorableUntil" in described) == ("DISABLED", False)


def test_deletion_becomes_final() -> None:
    """After the restoration period nobody sees the CA again; 30 days by default."""
    desk = Desk()
    arn = desk.pending()
    delete(desk, arn)
    desk.wait(days=29)
    assert desk.status(arn) == "DELETED"
    desk.wait(days=2)
    assert desk.refusal("RestoreCertificateAuthority", by_arn(arn)).code == (
        "ResourceNotFoundException"
    )
    assert desk.call("ListCertificateAuthorities") == {"CertificateAuthorities": []}


def test_deletion_while_creating_is_final() -> None:
    """A CA deleted while CREATING has no restoration period: it is gone, key and all."""
    desk = Desk(Settings(asks_in_progress=9))
    arn = desk.pending()
    delete(desk, arn)
    assert desk.refusal("DescribeCertificateAuthority", by_arn(arn)).code == (
        "ResourceNotFoundException"
    )
    assert desk.pending() != arn
    assert arn not in desk.service.snapshot()["authorities"]


def test_pages_of_authorities() -> None:
    """A list comes in pages of MaxResults; an item removed in between moves no other."""
    desk = Desk()
    arns = [desk.pending(IdempotencyToken=str(number)) for number in range(5)]
    first = desk.call("ListCertificateAuthorities", {"MaxResults": 2})
    assert [each["Arn"] for each in first["CertificateAuthorities"]] == arns[:2]
    rest = desk.call(
        "ListCertificateAuthorities", {"MaxResults": 9, "NextToken": first["NextToken"]}
    )
    assert [each["Arn"] for each in rest["CertificateAuthorities"]] == arns[2:]
    assert "NextToken" not in rest
    others = desk.call("ListCertificateAuthorities", {"ResourceOwner": "OTHER_ACCOUNTS"})
    assert others == {"CertificateAuthorities": []}


def test_a_page_is_no_longer_than_100() -> None:
    """Whatever MaxResults says, ListCertificateAuthorities gives at most 100."""
    desk = Desk(Settings(asks_in_progress=0, page_size=3))
    for number in range(4):
        desk.pending(IdempotencyToken=str(number))
    answer = desk.call("ListCertificateAuthorities", {"MaxResults": 1000})
    assert len(answer["CertificateAuthorities"]) == 3
    assert Settings().page_size == 100


def test_tags() -> None:
    """Tags are added, changed, removed by key or by key and value, and listed in pages."""
    desk = Desk()
    arn = desk.pending(Tags=TAGS)
    desk.call("TagCertificateAuthority", {**by_arn(arn), "Tags": [{"Key": "a", "Value": "2"}]})
    desk.call(
        "UntagCertificateAuthority",
        {**by_arn(arn), "Tags": [{"Key": "a", "Value": "other"}, {"Key": "b"}]},
    )
    assert desk.call("ListTags", by_arn(arn)) == {"Tags": [{"Key": "a", "Value": "2"}]}
    many = [{"Key": f"k{number:02}"} for number in range(49)]
    desk.call("TagCertificateAuthority", {**by_arn(arn), "Tags": many})
    one_more = {**by_arn(arn), "Tags": [{"Key": "z"}]}
    assert desk.refusal("TagCertificateAuthority", one_more).code == "TooManyTagsException"
    first = desk.call("ListTags", {**by_arn(arn), "MaxResults": 30})
    second = desk.call("ListTags", {**by_arn(arn), "NextToken": first["NextToken"]})
    assert (len(first["Tags"]), len(second["Tags"])) == (30, 20)


def test_permissions() -> None:
    """ACM's permission is listed with its actions, and removed."""
    desk = Desk()
    arn = desk.active()
    asked = ["ListPermissions", "IssueCertificate", "GetCertificate"]
    by_acm = {**by_arn(arn), "Principal": "acm.amazonaws.com"}
    desk.call("CreatePermission", {**by_acm, "Actions": asked})
    (permission,) = desk.call("ListPermissions", by_arn(arn))["Permissions"]
    assert permission["Actions"] == ["GetCertificate", "IssueCertificate", "ListPermissions"]
    assert permission["SourceAccount"] == CALLER.account
    desk.call("DeletePermission", by_acm)
    assert desk.call("ListPermissions", by_arn(arn)) == {"Permissions": []}


@pytest.mark.parametrize(
    ("pem", "chain", "code"),
    [
        (make_ca("CN=other").pem, None, "CertificateMismatchException"),
        (None, make_ca("CN=other").pem, "InvalidRequestException"),
    ],
)
def test_imports_that_are_refused(pem: bytes | None, chain: bytes | None, code: str) -> None:
    """Another key's certificate does not fit, and a root has no chain."""
    desk = Desk()
    arn = desk.pending()
    own = desk.activate(arn)
    parameters = {**by_arn(arn), "Certificate": blob(pem or own)}
    if chain is not None:
        parameters["CertificateChain"] = blob(chain)
    assert desk.refusal("ImportCertificateAuthorityCertificate", parameters).code == code


def test_a_snapshot_brings_everything_back() -> None:
    """Another service with the snapshot issues by the same key and gives what was issued."""
    desk = Desk()
    arn = desk.active()
    leaf = desk.issued(arn, IdempotencyToken="one")
    before = desk.certificate(arn, leaf)
    snapshot = json.loads(json.dumps(desk.service.snapshot()))

    after = Desk()
    after.service = PrivateCAService(Clock(), after.objects.__setitem__, after.settings)  # type: ignore[arg-type]
    after.service.load(snapshot)
    assert after.certificate(arn, leaf) == before
    assert after.issued(arn, IdempotencyToken="one") == leaf
    again = after.certificate(arn, after.issued(arn))
    assert again["CertificateChain"] == before["CertificateChain"]
    assert after.service.snapshot().keys() == snapshot.keys()
    after.service.reset()
    assert after.call("ListCertificateAuthorities") == {"CertificateAuthorities": []}


def test_nothing_is_left_after_a_reset() -> None:
    """A reset forgets CAs, tokens and keys."""
    desk = Desk()
    arn = desk.active()
    desk.service.reset()
    assert desk.refusal("DescribeCertificateAuthority", by_arn(arn)).code == (
        "ResourceNotFoundException"
    )
    assert desk.pending() != arn


def test_no_private_key_shows() -> None:
    """Neither the records' repr nor a refusal names a private key."""
    desk = Desk()
    arn = desk.active()
    assert "PRIVATE" not in repr(desk.service._state)  # noqa: SLF001 - what a debugger would print
    error = desk.refusal("DeleteCertificateAuthority", by_arn(arn))
    assert "PRIVATE" not in error.message


@pytest.mark.parametrize(
    ("is_there", "code"),
    [(False, "ResourceNotFoundException"), (True, "InvalidStateException")],
)
def test_no_anchor_without_an_active_authority(is_there: bool, code: str) -> None:  # noqa: FBT001 - a table's column
    """Roles Anywhere asks for a CA that is not there, or is PENDING, and is refused."""
    desk = Desk()
    arn = desk.pending() if is_there else "arn:aws:acm-pca:::none"
    with pytest.raises(AwsError) as caught:
        desk.service.active_authority(arn)
    assert caught.value.code == code
