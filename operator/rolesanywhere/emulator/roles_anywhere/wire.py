"""Records as the service shows them: the output shapes of the API."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from rolesanywhere.domain import moments
from rolesanywhere.emulator.roles_anywhere.records import (
    Crl,
    Profile,
    Resource,
    Subject,
    TrustAnchor,
)
from rolesanywhere.emulator.roles_anywhere.store import alias_arn

EVENTS: Final = ("CA_CERTIFICATE_EXPIRY", "END_ENTITY_CERTIFICATE_EXPIRY")
DEFAULT_THRESHOLD: Final = 45  # days
DEFAULT_CHANNEL: Final = "ALL"
SERVICE: Final = "rolesanywhere.amazonaws.com"

Shown = dict[str, Any]


def show_trust_anchor(anchor: TrustAnchor, previous_alias: str | None = None) -> Shown:
    """Give a TrustAnchorDetail."""
    data = (
        {"acmPcaArn": anchor.private_ca_arn}
        if anchor.private_ca_arn
        else {"x509CertificateData": anchor.certificates}
    )
    return {
        "trustAnchorId": anchor.id,
        "trustAnchorArn": anchor.arn,
        "name": anchor.name,
        "source": {"sourceType": anchor.source_type, "sourceData": data},
        "enabled": anchor.enabled,
        "crlDpRevocationEnabled": anchor.crl_dp_revocation_enabled,
        "notificationSettings": [_notification(anchor, event) for event in EVENTS],
        **_dates(anchor),
        **_alias(anchor, "trust-anchor", previous_alias),
    }


def show_profile(profile: Profile, previous_alias: str | None = None) -> Shown:
    """Give a ProfileDetail."""
    policy = {} if profile.session_policy is None else {"sessionPolicy": profile.session_policy}
    return {
        "profileId": profile.id,
        "profileArn": profile.arn,
        "name": profile.name,
        "requireInstanceProperties": profile.require_instance_properties,
        "enabled": profile.enabled,
        "createdBy": profile.created_by,
        "roleArns": list(profile.role_arns),
        "managedPolicyArns": list(profile.managed_policy_arns),
        "durationSeconds": profile.duration_seconds,
        "acceptRoleSessionName": profile.accept_role_session_name,
        "attributeMappings": _mappings(profile.mappings),
        **policy,
        **_dates(profile),
        **_alias(profile, "profile", previous_alias),
    }


def show_crl(crl: Crl, previous_alias: str | None = None) -> Shown:
    """Give a CrlDetail."""
    return {
        "crlId": crl.id,
        "crlArn": crl.arn,
        "name": crl.name,
        "enabled": crl.enabled,
        "crlData": base64.b64encode(crl.data).decode(),
        "trustAnchorArn": crl.trust_anchor_arn,
        **_dates(crl),
        **_alias(crl, "crl", previous_alias),
    }


def show_subject_summary(subject: Subject) -> Shown:
    """Give a SubjectSummary."""
    return {
        "subjectArn": subject.arn,
        "subjectId": subject.id,
        "enabled": True,
        "x509Subject": subject.x509_subject,
        "lastSeenAt": moments.show(subject.last_seen_at),
        "createdAt": moments.show(subject.created_at),
        "updatedAt": moments.show(subject.updated_at),
    }


def show_subject(subject: Subject) -> Shown:
    """Give a SubjectDetail."""
    credentials = [
        {
            "seenAt": moments.show(seen.seen_at),
            "serialNumber": seen.serial,
            "issuer": seen.issuer,
            "enabled": True,
            "x509CertificateData": seen.certificate,
            "failed": seen.failed,
        }
        for seen in subject.credentials.values()
    ]
    return {**show_subject_summary(subject), "credentials": credentials, "instanceProperties": []}


def _notification(anchor: TrustAnchor, event: str) -> Shown:
    custom = anchor.notifications.get(event)
    if custom is None:
        return {
            "event": event,
            "enabled": True,
            "threshold": DEFAULT_THRESHOLD,
            "channel": DEFAULT_CHANNEL,
            "configuredBy": SERVICE,
        }
    threshold = {} if custom.threshold is None else {"threshold": custom.threshold}
    return {
        "event": event,
        "enabled": custom.enabled,
        "channel": custom.channel,
        "configuredBy": custom.configured_by,
        **threshold,
    }


def _mappings(mappings: Mapping[str, tuple[str, ...]]) -> list[Shown]:
    return [
        {
            "certificateField": field,
            "mappingRules": [{"specifier": specifier} for specifier in specifiers],
        }
        for field, specifiers in mappings.items()
    ]


def _dates(record: Resource) -> Shown:
    return {
        "createdAt": moments.show(record.created_at),
        "updatedAt": moments.show(record.updated_at),
    }


def _alias(record: Resource, kind: str, previous: str | None) -> Shown:
    shown = {
        "aliasName": record.alias,
        "aliasArn": alias_arn(record, kind),
        "previousAliasName": previous,
    }
    return {name: value for name, value in shown.items() if value is not None}
