"""The Roles Anywhere control plane: trust anchors and profiles of one account and region.

https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/Welcome.html
Listings are shared, own changes laid over them; what to change is decided elsewhere.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, TypeAlias

from rolesanywhere.aws.errors import translated
from rolesanywhere.aws.listing import Listing
from rolesanywhere.aws.sharing import SharedAnswers
from rolesanywhere.domain.observed import (
    AnchorSource,
    ProfileRecord,
    ProfileSettings,
    TrustAnchorRecord,
)
from rolesanywhere.domain.trouble import NotFound

_Client: TypeAlias = Any  # boto3 ships no types: every answer gets a type of ours here
_PAGE_SIZE: Final = 100  # records
_CA_NOTICE_DAYS: Final = 45  # AWS's default; sent so that it does not depend on it
_NOTIFICATIONS: Final = (
    {"event": "CA_CERTIFICATE_EXPIRY", "enabled": True, "threshold": _CA_NOTICE_DAYS},
    # Leaves live a week: the default notice at 45 days would always be due.
    {"event": "END_ENTITY_CERTIFICATE_EXPIRY", "enabled": False},
)


class RolesAnywhereClient:
    """``reconcile.aws_ports.RolesAnywhere`` over boto3."""

    def __init__(
        self,
        client: _Client,
        once: _Client,
        *,
        listing_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        """``once`` is a client that never sends a request a second time: for creates."""
        self._client = client
        self._once = once
        self._anchors = Listing(
            self._list_anchors,
            identify=lambda record: record.anchor_id,
            ttl_seconds=listing_seconds,
            clock=clock,
        )
        self._profiles = Listing(
            self._list_profiles,
            identify=lambda record: record.profile_id,
            ttl_seconds=listing_seconds,
            clock=clock,
        )
        self._tags = SharedAnswers(self._list_tags, ttl_seconds=listing_seconds, clock=clock)

    def trust_anchors(self) -> tuple[TrustAnchorRecord, ...]:
        """List every trust anchor."""
        return self._anchors.read()

    def create_trust_anchor(
        self, *, name: str, source: AnchorSource, tags: Mapping[str, str]
    ) -> TrustAnchorRecord:
        """Create one, enabled, with END_ENTITY expiry notices off (7-day leaves always fire)."""
        with translated(f"CreateTrustAnchor {name}"), self._anchors.changing():
            answer = self._once.create_trust_anchor(
                name=name,
                source=_source_to_aws(source),
                enabled=True,
                notificationSettings=list(_NOTIFICATIONS),
                tags=_tags_to_aws(tags),
            )
        return self._keep_anchor(answer)

    def update_trust_anchor(self, anchor_id: str, *, name: str, source: AnchorSource) -> None:
        """Bring name and source in line. The kind of source must be the same."""
        with translated(f"UpdateTrustAnchor {name} ({anchor_id})"), self._anchors.changing():
            answer = self._client.update_trust_anchor(
                trustAnchorId=anchor_id, name=name, source=_source_to_aws(source)
            )
        self._keep_anchor(answer)

    def enable_trust_anchor(self, anchor_id: str) -> None:
        """Enable one."""
        with translated(f"EnableTrustAnchor {anchor_id}"), self._anchors.changing():
            answer = self._client.enable_trust_anchor(trustAnchorId=anchor_id)
        self._keep_anchor(answer)

    def delete_trust_anchor(self, anchor_id: str) -> None:
        """Delete one; quietly if it is gone."""
        with (
            suppress(NotFound),
            translated(f"DeleteTrustAnchor {anchor_id}"),
            self._anchors.changing(),
        ):
            self._client.delete_trust_anchor(trustAnchorId=anchor_id)
        self._anchors.remove(anchor_id)

    def profiles(self) -> tuple[ProfileRecord, ...]:
        """List every profile."""
        return self._profiles.read()

    def create_profile(
        self, settings: ProfileSettings, *, tags: Mapping[str, str]
    ) -> ProfileRecord:
        """Create one, enabled."""
        with translated(f"CreateProfile {settings.name}"), self._profiles.changing():
            answer = self._once.create_profile(
                **_settings_to_aws(settings), enabled=True, tags=_tags_to_aws(tags)
            )
        return self._keep_profile(answer)

    def update_profile(self, profile_id: str, settings: ProfileSettings) -> None:
        """Bring all settings in line; without a session policy in them the present one stays."""
        with (
            translated(f"UpdateProfile {settings.name} ({profile_id})"),
            self._profiles.changing(),
        ):
            answer = self._client.update_profile(profileId=profile_id, **_settings_to_aws(settings))
        self._keep_profile(answer)

    def enable_profile(self, profile_id: str) -> None:
        """Enable one."""
        with translated(f"EnableProfile {profile_id}"), self._profiles.changing():
            answer = self._client.enable_profile(profileId=profile_id)
        self._keep_profile(answer)

    def delete_profile(self, profile_id: str) -> None:
        """Delete one; quietly if it is gone."""
        with (
            suppress(NotFound),
            translated(f"DeleteProfile {profile_id}"),
            self._profiles.changing(),
        ):
            self._client.delete_profile(profileId=profile_id)
        self._profiles.remove(profile_id)

    def tags(self, arn: str) -> Mapping[str, str]:
        """Tags of a trust anchor or profile, as old as a listing may be."""
        return self._tags.read(arn)

    def _list_anchors(self) -> tuple[TrustAnchorRecord, ...]:
        with translated("ListTrustAnchors"):
            paginator = self._client.get_paginator("list_trust_anchors")
            return tuple(
                _anchor_from_aws(detail)
                for page in paginator.paginate(pageSize=_PAGE_SIZE)
                for detail in page.get("trustAnchors", ())
            )

    def _list_profiles(self) -> tuple[ProfileRecord, ...]:
        with translated("ListProfiles"):
            paginator = self._client.get_paginator("list_profiles")
            return tuple(
                _profile_from_aws(detail)
                for page in paginator.paginate(pageSize=_PAGE_SIZE)
                for detail in page.get("profiles", ())
            )

    def _list_tags(self, arn: str) -> Mapping[str, str]:
        with translated(f"ListTagsForResource {arn}"):
            answer = self._client.list_tags_for_resource(resourceArn=arn)
        return {tag["key"]: tag["value"] for tag in answer.get("tags", ())}

    def _keep_anchor(self, answer: Mapping[str, Any]) -> TrustAnchorRecord:
        record = _anchor_from_aws(answer["trustAnchor"])
        self._anchors.put(record)
        return record

    def _keep_profile(self, answer: Mapping[str, Any]) -> ProfileRecord:
        record = _profile_from_aws(answer["profile"])
        self._profiles.put(record)
        return record


def _source_to_aws(source: AnchorSource) -> dict[str, Any]:
    if source.private_ca_arn is not None:
        return {"sourceType": "AWS_ACM_PCA", "sourceData": {"acmPcaArn": source.private_ca_arn}}
    return {
        "sourceType": "CERTIFICATE_BUNDLE",
        "sourceData": {"x509CertificateData": source.bundle},
    }


def _settings_to_aws(settings: ProfileSettings) -> dict[str, Any]:
    """Give the parameters CreateProfile and UpdateProfile share; an empty policy is invalid."""
    policy = {"sessionPolicy": settings.session_policy} if settings.session_policy else {}
    return {
        "name": settings.name,
        "roleArns": list(settings.role_arns),
        "durationSeconds": settings.duration_seconds,
        **policy,
    }


def _tags_to_aws(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def _anchor_from_aws(detail: Mapping[str, Any]) -> TrustAnchorRecord:
    data = detail["source"].get("sourceData", {})
    return TrustAnchorRecord(
        anchor_id=detail["trustAnchorId"],
        arn=detail["trustAnchorArn"],
        name=detail["name"],
        source=AnchorSource(
            private_ca_arn=data.get("acmPcaArn"), bundle=data.get("x509CertificateData")
        ),
        enabled=detail["enabled"],
    )


def _profile_from_aws(detail: Mapping[str, Any]) -> ProfileRecord:
    return ProfileRecord(
        profile_id=detail["profileId"],
        arn=detail["profileArn"],
        enabled=detail["enabled"],
        settings=ProfileSettings(
            name=detail["name"],
            role_arns=tuple(sorted(detail.get("roleArns", ()))),
            duration_seconds=detail["durationSeconds"],
            session_policy=detail.get("sessionPolicy") or None,
        ),
    )
