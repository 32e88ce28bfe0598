"""The Roles Anywhere adapter over HTTP: what it sends, what it keeps, what it never repeats."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from tests.flow.scripted_control_plane import Answer, ScriptedControlPlane
from tests.shared_session import session

from rolesanywhere.api.conditions import Reason
from rolesanywhere.aws.clients import AwsGateway, GatewaySettings
from rolesanywhere.aws.throttle import Family, Rate, Throttle
from rolesanywhere.domain.observed import AnchorSource, ProfileSettings
from rolesanywhere.domain.trouble import Refusal, Trouble
from rolesanywhere.reconcile.aws_ports import Aws, RolesAnywhere

REGION = "eu-west-1"
CA = "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/one"
ROLE = "arn:aws:iam::123456789012:role/rolesanywhere/report"
QUICK = {family: Rate(1000, 1000) for family in Family}
SETTINGS = ProfileSettings("default", (ROLE,), 3600, None)


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedControlPlane]:
    server = ScriptedControlPlane()
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield server
    server.close()


def gateway(throttle: Throttle | None = None) -> Aws:
    settings = GatewaySettings(read_timeout_seconds=5, home_region=REGION)
    now = partial(datetime.now, UTC)
    return AwsGateway(
        now=now, settings=settings, throttle=throttle or Throttle(QUICK), session=session
    )


def client(throttle: Throttle | None = None) -> RolesAnywhere:
    return gateway(throttle).roles_anywhere(REGION)


def anchor(number: int, *, enabled: bool = True, name: str = "onprem") -> dict[str, object]:
    return {
        "trustAnchorId": f"anchor-{number}",
        "trustAnchorArn": f"arn:aws:rolesanywhere:eu-west-1:1:trust-anchor/anchor-{number}",
        "name": name,
        "source": {"sourceType": "AWS_ACM_PCA", "sourceData": {"acmPcaArn": CA}},
        "enabled": enabled,
    }


def profile(number: int, **changes: object) -> dict[str, object]:
    return {
        "profileId": f"profile-{number}",
        "profileArn": f"arn:aws:rolesanywhere:eu-west-1:1:profile/profile-{number}",
        "name": "default",
        "roleArns": [ROLE, "arn:aws:iam::123456789012:role/a"],
        "durationSeconds": 3600,
        "enabled": True,
        **changes,
    }


def test_a_trust_anchor_is_created_complete(plane: ScriptedControlPlane) -> None:
    """Enabled and tagged in one call, without notices that always fire for weekly certificates."""
    plane.will("POST /trustanchors", Answer(201, {"trustAnchor": anchor(1)}))
    record = client().create_trust_anchor(
        name="onprem", source=AnchorSource(private_ca_arn=CA), tags={"owner": "TrustAnchor/onprem"}
    )
    assert plane.asked[0].body == {
        "name": "onprem",
        "source": {"sourceType": "AWS_ACM_PCA", "sourceData": {"acmPcaArn": CA}},
        "enabled": True,
        "notificationSettings": [
            {"event": "CA_CERTIFICATE_EXPIRY", "enabled": True, "threshold": 45},
            {"event": "END_ENTITY_CERTIFICATE_EXPIRY", "enabled": False},
        ],
        "tags": [{"key": "owner", "value": "TrustAnchor/onprem"}],
    }
    assert record.anchor_id == "anchor-1"
    assert record.source == AnchorSource(private_ca_arn=CA)
    assert "rolesanywhere-operator" in plane.asked[0].headers["User-Agent"]


def test_a_bundle_is_sent_as_a_bundle(plane: ScriptedControlPlane) -> None:
    """An own CA's anchor carries its certificate."""
    detail = anchor(1) | {
        "source": {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": "PEM"}}
    }
    plane.will("PATCH /trustanchor/anchor-1", Answer(200, {"trustAnchor": detail}))
    plane.will("GET /trustanchors", Answer(200, {"trustAnchors": []}))
    adapter = client()
    adapter.update_trust_anchor("anchor-1", name="onprem", source=AnchorSource(bundle="PEM"))
    assert plane.asked[0].body["source"] == detail["source"]
    (record,) = adapter.trust_anchors()
    assert record.source == AnchorSource(bundle="PEM")


def test_a_profile_is_created_enabled_and_without_an_empty_policy(
    plane: ScriptedControlPlane,
) -> None:
    """AWS refuses an empty session policy, so none is sent."""
    plane.will("POST /profiles", Answer(201, {"profile": profile(1)}))
    record = client().create_profile(SETTINGS, tags={})
    assert plane.asked[0].body == {
        "name": "default",
        "roleArns": [ROLE],
        "durationSeconds": 3600,
        "enabled": True,
        "tags": [],
    }
    assert record.settings.role_arns == ("arn:aws:iam::123456789012:role/a", ROLE)
    assert record.settings.session_policy is None


def test_a_session_policy_is_sent(plane: ScriptedControlPlane) -> None:
    """All settings travel with every update."""
    plane.will("PATCH /profile/profile-1", Answer(200, {"profile": profile(1, sessionPolicy="{}")}))
    client().update_profile("profile-1", ProfileSettings("default", (ROLE,), 900, "{}"))
    assert plane.asked[0].body == {
        "name": "default",
        "roleArns": [ROLE],
        "durationSeconds": 900,
        "sessionPolicy": "{}",
    }


def create_anchor(adapter: RolesAnywhere) -> object:
    return adapter.create_trust_anchor(
        name="onprem", source=AnchorSource(private_ca_arn=CA), tags={}
    )


def create_profile(adapter: RolesAnywhere) -> object:
    return adapter.create_profile(SETTINGS, tags={})


@pytest.mark.parametrize(
    ("create", "operation"),
    [(create_anchor, "POST /trustanchors"), (create_profile, "POST /profiles")],
)
@pytest.mark.parametrize(
    "failure", [Answer(lost=True), Answer.error(503, "ServiceUnavailableException")], ids=str
)
def test_a_create_is_never_sent_twice(
    plane: ScriptedControlPlane,
    create: Callable[[RolesAnywhere], object],
    operation: str,
    failure: Answer,
) -> None:
    """AWS knows no token for it and names are not unique: a second try is a duplicate."""
    plane.will(operation, failure)
    with pytest.raises(Trouble) as caught:
        create(client())
    assert caught.value.reason is Reason.AWS_UNAVAILABLE
    assert plane.operations() == [operation]


def test_a_create_whose_answer_was_lost_is_looked_for(plane: ScriptedControlPlane) -> None:
    """The listing at hand says nothing about it: the next look asks AWS."""
    plane.will(
        "GET /trustanchors",
        Answer(200, {"trustAnchors": []}),
        Answer(200, {"trustAnchors": [anchor(1)]}),
    )
    plane.will("POST /trustanchors", Answer(lost=True))
    adapter = client()
    assert adapter.trust_anchors() == ()
    with pytest.raises(Trouble):
        create_anchor(adapter)
    assert [record.anchor_id for record in adapter.trust_anchors()] == ["anchor-1"]


def test_a_list_is_tried_twice(plane: ScriptedControlPlane) -> None:
    """A read may be repeated, and a passing disturbance is not worth a condition."""
    page = Answer(200, {"trustAnchors": [anchor(1)]})
    plane.will("GET /trustanchors", Answer.error(503, "ServiceUnavailableException"), page)
    assert len(client().trust_anchors()) == 1
    assert len(plane.asked) == 2


def test_all_pages_are_listed(plane: ScriptedControlPlane) -> None:
    """The second page is asked for with the first one's token."""
    plane.will(
        "GET /profiles",
        Answer(200, {"profiles": [profile(1)], "nextToken": "more"}),
        Answer(200, {"profiles": [profile(2)]}),
    )
    assert [record.profile_id for record in client().profiles()] == ["profile-1", "profile-2"]
    assert "nextToken=more" in plane.asked[1].target


def test_many_reconciles_cost_one_list(plane: ScriptedControlPlane) -> None:
    """However many identities look at the profiles, AWS is asked once."""
    plane.will("GET /profiles", Answer(200, {"profiles": [profile(1)]}))
    adapter = client()
    threads = [threading.Thread(target=adapter.profiles) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert plane.operations() == ["GET /profiles"]


def test_own_changes_are_in_the_listing(plane: ScriptedControlPlane) -> None:
    """Update, enable and delete show at once, without another List."""
    plane.will(
        "GET /trustanchors", Answer(200, {"trustAnchors": [anchor(1, enabled=False), anchor(2)]})
    )
    plane.will("POST /trustanchor/anchor-1/enable", Answer(200, {"trustAnchor": anchor(1)}))
    plane.will("DELETE /trustanchor/anchor-2", Answer(200, {"trustAnchor": anchor(2)}))
    adapter = client()
    adapter.trust_anchors()
    adapter.enable_trust_anchor("anchor-1")
    adapter.delete_trust_anchor("anchor-2")
    assert [(r.anchor_id, r.enabled) for r in adapter.trust_anchors()] == [("anchor-1", True)]
    assert plane.operations().count("GET /trustanchors") == 1


def test_what_is_gone_is_deleted_quietly(plane: ScriptedControlPlane) -> None:
    """Deleting twice is deleting."""
    gone = Answer.error(404, "ResourceNotFoundException")
    plane.will("DELETE /trustanchor/anchor-1", gone)
    plane.will("DELETE /profile/profile-1", gone)
    adapter = client()
    adapter.delete_trust_anchor("anchor-1")
    adapter.delete_profile("profile-1")
    assert len(plane.asked) == 2


def test_tags_are_read_once(plane: ScriptedControlPlane) -> None:
    """Tagging has a quota of one call per second of its own."""
    plane.will("GET /ListTagsForResource", Answer(200, {"tags": [{"key": "a", "value": "b"}]}))
    adapter = client()
    assert adapter.tags("arn:one") == adapter.tags("arn:one") == {"a": "b"}
    assert len(plane.asked) == 1


def test_every_page_and_attempt_passes_the_throttle(plane: ScriptedControlPlane) -> None:
    """boto3's own pages and retries count against the quota as well."""
    slept: list[float] = []
    throttle = Throttle({}, clock=lambda: 0.0, sleep=slept.append)
    plane.will(
        "GET /profiles",
        Answer.error(503, "ServiceUnavailableException"),
        Answer(200, {"profiles": [profile(1)], "nextToken": "more"}),
        Answer(200, {"profiles": [profile(2)]}),
    )
    client(throttle).profiles()
    assert slept == [1.0, 2.0]


def test_a_call_that_would_wait_too_long_is_not_made(plane: ScriptedControlPlane) -> None:
    """The worker comes back later; AWS hears nothing."""
    throttle = Throttle({Family.PROFILE: Rate(0.01, 1)}, clock=lambda: 0.0, sleep=lambda _: None)
    plane.will("GET /profiles", Answer(200, {"profiles": []}))
    adapter = client(throttle)
    adapter.profiles()
    with pytest.raises(Trouble) as caught:
        create_profile(adapter)
    assert caught.value.reason is Reason.WAITING_FOR_QUOTA
    assert caught.value.retry_after == pytest.approx(100)
    assert plane.operations() == ["GET /profiles"]


def test_a_denied_call_names_the_right(plane: ScriptedControlPlane) -> None:
    """The condition tells the administrator what to add."""
    words = (
        "User: arn:aws:iam::1:user/operator is not authorized to perform: "
        "rolesanywhere:ListTrustAnchors on resource: *"
    )
    plane.will("GET /trustanchors", Answer.error(403, "AccessDeniedException", words))
    with pytest.raises(Trouble) as caught:
        client().trust_anchors()
    assert caught.value.reason is Reason.ACCESS_DENIED
    assert caught.value.message.endswith(
        "add rolesanywhere:ListTrustAnchors to the operator's IAM policy"
    )


def test_a_region_has_one_client(plane: ScriptedControlPlane) -> None:
    """Listings are shared because the client is."""
    aws = gateway()
    assert aws.roles_anywhere(REGION) is aws.roles_anywhere(REGION)
    assert aws.roles_anywhere(REGION) is not aws.roles_anywhere("eu-west-2")
    assert aws.private_ca(REGION) is aws.private_ca(REGION)
    assert aws.iam() is aws.iam()
    assert aws.sessions(REGION) is aws.sessions(REGION)


def test_what_is_no_region_is_refused(plane: ScriptedControlPlane) -> None:
    """A region becomes part of a host name: boto3's refusal is ours."""
    with pytest.raises(Refusal) as caught:
        gateway().roles_anywhere("eu west/1")
    assert caught.value.reason is Reason.INVALID_SPEC
