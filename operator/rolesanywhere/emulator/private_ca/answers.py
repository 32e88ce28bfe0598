"""Records in AWS's words: what Describe and List answer. Times are epoch seconds."""

from datetime import datetime
from typing import Any

from rolesanywhere.emulator.private_ca.records import Authority
from rolesanywhere.emulator.private_ca.statuses import status_at


def epoch(moment: datetime) -> float:
    """Write a moment as JSON 1.1 does, to the millisecond."""
    return round(moment.timestamp(), 3)


def describe(authority: Authority, now: datetime) -> dict[str, Any]:
    """Give a CA as ``CertificateAuthority``."""
    answer = {
        "Arn": authority.arn,
        "OwnerAccount": authority.account,
        "CreatedAt": epoch(authority.created_at),
        "LastStateChangeAt": epoch(authority.state_changed_at),
        "Type": authority.kind.value,
        "Status": status_at(authority, now).value,
        "CertificateAuthorityConfiguration": authority.configuration,
        "RevocationConfiguration": authority.revocation_configuration,
        "KeyStorageSecurityStandard": authority.key_storage,
        "UsageMode": authority.usage_mode,
    }
    if authority.own is not None:
        answer["Serial"] = str(authority.own.serial)
        answer["NotBefore"] = epoch(authority.own.not_before)
        answer["NotAfter"] = epoch(authority.own.not_after)
    if authority.restorable_until is not None:
        answer["RestorableUntil"] = epoch(authority.restorable_until)
    return answer
