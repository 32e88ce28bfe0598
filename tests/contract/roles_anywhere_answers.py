"""Roles Anywhere in AWS's shapes, over the fake control plane of a region."""

from tests.contract.accesses import Account
from tests.contract.answers import Answers, Given, Shape
from tests.fake_aws import FakeRolesAnywhere

from rolesanywhere.domain.observed import (
    AnchorSource,
    ProfileRecord,
    ProfileSettings,
    TrustAnchorRecord,
)


class RolesAnywhereAnswers(Answers):
    """One region's control plane."""

    def __init__(self, fake: FakeRolesAnywhere, account: Account) -> None:
        """Answer from ``fake``."""
        self._fake = fake
        self._account = account

    def _list_trust_anchors(self, _: Given) -> Shape:
        return {"trustAnchors": [_anchor(each) for each in self._fake.anchors.values()]}

    def _create_trust_anchor(self, given: Given) -> Shape:
        self._account.has_linked_role = True
        record = self._fake.create_trust_anchor(
            name=given["name"], source=_source(given), tags=_tags(given)
        )
        return {"trustAnchor": _anchor(record)}

    def _update_trust_anchor(self, given: Given) -> Shape:
        self._fake.update_trust_anchor(
            given["trustAnchorId"], name=given["name"], source=_source(given)
        )
        return self._held_anchor(given)

    def _enable_trust_anchor(self, given: Given) -> Shape:
        self._fake.enable_trust_anchor(given["trustAnchorId"])
        return self._held_anchor(given)

    def _delete_trust_anchor(self, given: Given) -> None:
        self._fake.delete_trust_anchor(given["trustAnchorId"])

    def _list_profiles(self, _: Given) -> Shape:
        return {"profiles": [_profile(each) for each in self._fake.kept_profiles.values()]}

    def _create_profile(self, given: Given) -> Shape:
        record = self._fake.create_profile(_settings(given), tags=_tags(given))
        return {"profile": _profile(record)}

    def _update_profile(self, given: Given) -> Shape:
        self._fake.update_profile(given["profileId"], _settings(given))
        return self._held_profile(given)

    def _enable_profile(self, given: Given) -> Shape:
        self._fake.enable_profile(given["profileId"])
        return self._held_profile(given)

    def _delete_profile(self, given: Given) -> None:
        self._fake.delete_profile(given["profileId"])

    def _list_tags_for_resource(self, given: Given) -> Shape:
        tags = self._fake.tags_by_arn.get(given["resourceArn"], {})
        return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}

    def _held_anchor(self, given: Given) -> Shape:
        return {"trustAnchor": _anchor(self._fake.anchors[given["trustAnchorId"]])}

    def _held_profile(self, given: Given) -> Shape:
        return {"profile": _profile(self._fake.kept_profiles[given["profileId"]])}


def _tags(given: Given) -> dict[str, str]:
    return {each["key"]: each["value"] for each in given["tags"]}


def _source(given: Given) -> AnchorSource:
    data = given["source"]["sourceData"]
    return AnchorSource(data.get("acmPcaArn"), data.get("x509CertificateData"))


def _settings(given: Given) -> ProfileSettings:
    return ProfileSettings(
        name=given["name"],
        role_arns=tuple(sorted(given["roleArns"])),
        duration_seconds=given["durationSeconds"],
        session_policy=given.get("sessionPolicy"),
    )


def _anchor(record: TrustAnchorRecord) -> Shape:
    source = record.source
    data = {"acmPcaArn": source.private_ca_arn, "x509CertificateData": source.bundle}
    return {
        "trustAnchorId": record.anchor_id,
        "trustAnchorArn": record.arn,
        "name": record.name,
        "source": {"sourceData": {key: value for key, value in data.items() if value}},
        "enabled": record.enabled,
    }


def _profile(record: ProfileRecord) -> Shape:
    settings = record.settings
    return {
        "profileId": record.profile_id,
        "profileArn": record.arn,
        "enabled": record.enabled,
        "name": settings.name,
        "roleArns": list(settings.role_arns),
        "durationSeconds": settings.duration_seconds,
        "sessionPolicy": settings.session_policy,
    }
