"""Mistakes people make, each with the controller's words for it and the way it is mended.

A mistake is made in a scene: a story of its own, or a namespace within one that is well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.cluster import story as stories
from tests.cluster.api_server import Manifest, Ref
from tests.cluster.stage import Stage
from tests.cluster.story import S3_READ_ONLY, Story, with_role, with_roles
from tests.unit.pki.making import Made, make, make_ca

from rolesanywhere.api.conditions import ConditionType, Reason

ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
NOWHERE: Final = "certificate-authority/00000000-0000-4000-8000-000000000000"
LONG_NAME: Final = "a-name-of-a-service-account-that-is-too-long-for-aws"  # 52 characters
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Scene:
    """Where a mistake is made: ``story`` is the story's own or shared by its ``where``."""

    stage: Stage
    story: Story
    name: str  # of the identity, and of what else the mistake needs a name for

    @property
    def identity(self) -> Ref:
        """Name the identity."""
        return self.story.identity(self.name)

    @property
    def role_name(self) -> str:
        """Name an existing role for this mistake alone."""
        return f"{self.story.name}-{self.name}"

    @property
    def role_arn(self) -> str:
        """Give that role's ARN, there or not."""
        return f"arn:aws:iam::123456789012:role/{self.role_name}"

    def apply_identity(self, changes: Manifest) -> Ref:
        """Create the identity."""
        self.stage.apply(self.story.identity_of(self.name, changes))
        return self.identity

    def apply_all(
        self,
        anchor: Manifest,
        profile: Manifest | None = None,
        identity: Manifest | None = None,
    ) -> None:
        """Create a whole story; the last two are changes to usual ones."""
        self.stage.apply(
            anchor, self.story.profile_of(profile), self.story.identity_of(self.name, identity)
        )

    def change(self, ref: Ref, spec: Manifest) -> None:
        """Change a spec."""
        self.stage.server.change(ref, {"spec": spec})


@dataclass(frozen=True)
class Mistake:
    """One mistake. ``says`` matches the whole message, ``STORY`` and ``NAME`` put in.

    ``where``: "own" (a story of its own), or a shared one: "own CA" or "private CA".
    """

    name: str
    make: Callable[[Scene], Ref]  # gives the object that is to complain
    type: ConditionType
    reason: Reason
    says: str
    mend: Callable[[Scene], object]
    where: str = "own CA"


def identity(changes: Manifest) -> Callable[[Scene], Ref]:
    """Make a mistake in the identity alone."""
    return lambda scene: scene.apply_identity(changes)


def mend_identity(spec: Manifest) -> Callable[[Scene], object]:
    """Mend the identity."""
    return lambda scene: scene.change(scene.identity, spec)


def mend_profile(spec: Manifest) -> Callable[[Scene], object]:
    """Mend the story's Profile."""
    return lambda scene: scene.change(scene.story.profile, spec)


def authority(**options: Any) -> Made:  # noqa: ANN401 - as make_ca
    """Make a CA that is good today, unless ``options`` say otherwise."""
    now = datetime.now(UTC).replace(microsecond=0)
    dates = {"not_before": now - 2 * DAY, "not_after": now + 99 * DAY}
    return make_ca("CN=sample,OU=tech", **{**dates, **options})


def bring(scene: Scene, certificate: Made, key: Made | None = None) -> None:
    """Put a CA's Secret there; ``key`` when it is another's."""
    secret = stories.tls_secret(
        scene.story.authority_secret,
        (key or certificate).key_pem.decode(),
        certificate.pem.decode(),
    )
    if scene.stage.watched.exists(scene.story.authority_secret):
        scene.stage.server.change(
            scene.story.authority_secret, {"stringData": secret["stringData"]}
        )
    else:
        scene.stage.apply(secret)


def brought(certificate: Callable[[], Made], key: Callable[[], Made] | None = None) -> Any:  # noqa: ANN401 - a ``make``
    """Make a whole story with a CA of one's own that is no good."""

    def make_story(scene: Scene) -> Ref:
        bring(scene, certificate(), key() if key else None)
        scene.apply_all(scene.story.brought_ca())
        return scene.story.anchor

    return make_story


def story_with(profile: Manifest | None = None, identity: Manifest | None = None) -> Any:  # noqa: ANN401 - a ``make``
    """Make a whole story; the identity complains."""

    def make_story(scene: Scene) -> Ref:
        scene.apply_all(scene.story.own_ca(), profile, identity)
        return scene.identity

    return make_story


def broken_profile(scene: Scene) -> Ref:
    scene.apply_all(scene.story.own_ca(), {"sessionPolicy": '{"Statement": ['})
    return scene.story.profile


def missing_secret(scene: Scene) -> Ref:
    scene.apply_all(scene.story.brought_ca())
    return scene.story.anchor


def unknown_authority(scene: Scene) -> Ref:
    arn = f"arn:aws:acm-pca:{scene.story.region}:123456789012:{NOWHERE}"
    scene.apply_all(scene.story.existing_ca(arn))
    return scene.story.anchor


def name_an_authority(scene: Scene) -> None:
    """Make TrustAnchor and Profile anew, since an ARN cannot be changed."""
    arn = scene.stage.account.make_authority(scene.story.region)
    scene.stage.clear([scene.identity, scene.story.profile, scene.story.anchor])
    scene.apply_all(scene.story.existing_ca(arn))


def disabled_authority(scene: Scene) -> Ref:
    arn = scene.stage.account.make_authority(scene.story.region)
    switch(scene, arn, "DISABLED")
    scene.apply_all(scene.story.existing_ca(arn))
    return scene.story.anchor


def enable_authority(scene: Scene) -> None:
    switch(scene, scene.stage.account.authorities(scene.story.region)[0]["Arn"], "ACTIVE")


def switch(scene: Scene, arn: str, status: str) -> None:
    pca = scene.stage.account.client("acm-pca", scene.story.region)
    pca.update_certificate_authority(CertificateAuthorityArn=arn, Status=status)


def profile_without_anchor(scene: Scene) -> Ref:
    scene.stage.apply(scene.story.profile_of(), scene.story.identity_of(scene.name))
    return scene.story.profile


def foreign_secret(scene: Scene) -> Ref:
    secret = scene.story.secret(scene.name)
    scene.stage.apply(stories.tls_secret(secret, "theirs", "theirs"))
    return scene.apply_identity({})


def foreign_role(scene: Scene) -> Ref:
    scene.stage.account.make_role(scene.role_name)
    return scene.apply_identity({"role": {"managed": {"name": scene.role_name}}})


def unlabelled(scene: Scene) -> Ref:
    selector = {"matchLabels": {"aws": "allowed"}}
    scene.apply_all(
        scene.story.own_ca(), {"allowedNamespaces": {"names": None, "selector": selector}}
    )
    return scene.identity


def label(scene: Scene) -> None:
    place = Ref("Namespace", scene.story.namespace)
    scene.stage.server.change(place, {"metadata": {"labels": {"aws": "allowed"}}})


def role_missing(scene: Scene) -> Ref:
    changes = with_role(scene.role_arn)
    scene.apply_all(scene.story.own_ca(), with_roles(scene.role_arn), changes)
    return scene.identity


def role_elsewhere(scene: Scene) -> Ref:
    scene.stage.account.make_role(scene.role_name)
    wrong = scene.role_arn.replace(":role/", ":role/reports/")
    profile = with_roles(wrong, scene.role_arn)
    scene.apply_all(scene.story.own_ca(), profile, with_role(wrong))
    return scene.identity


def correct_role(scene: Scene) -> None:
    scene.change(scene.identity, with_role(scene.role_arn))


def short_role(scene: Scene) -> Ref:
    arn = scene.stage.account.make_role(scene.role_name)
    profile = {"roles": with_roles(arn)["roles"] | {"managed": None}, "sessionDuration": "2h"}
    scene.apply_all(scene.story.own_ca(), profile, with_role(arn))
    return scene.identity


def lengthen_role(scene: Scene) -> None:
    iam = scene.stage.account.client("iam")
    iam.update_role(RoleName=scene.role_name, MaxSessionDuration=7200)


def allow_role(scene: Scene) -> None:
    scene.stage.account.make_role(scene.role_name)
    scene.change(scene.story.profile, with_roles(scene.role_arn))


def role_not_allowed(scene: Scene) -> Ref:
    scene.apply_all(scene.story.own_ca(), identity=with_role(scene.role_arn))
    return scene.identity


MISTAKES: Final = (
    Mistake(
        "a CA nobody knows",
        unknown_authority,
        ConditionType.CA_READY,
        Reason.CA_NOT_FOUND,
        r"Private CA arn:aws:acm-pca:\S+ does not exist \(yet\): .*ResourceNotFoundException.*",
        name_an_authority,
        "own",
    ),
    Mistake(
        "a CA that is disabled",
        disabled_authority,
        ConditionType.CA_READY,
        Reason.CA_NOT_ACTIVE,
        r"Private CA arn:aws:acm-pca:\S+ is disabled: enable it in AWS Private CA",
        enable_authority,
        "own",
    ),
    Mistake(
        "no Secret of the CA",
        missing_secret,
        ConditionType.CA_READY,
        Reason.CA_NOT_FOUND,
        r"there is no Secret rolesanywhere-system/STORY: create it \(kubernetes.io/tls, with the "
        r"CA's tls.key and tls.crt\), or give spec.source.ownCA.create",
        lambda scene: bring(scene, authority()),
        "own",
    ),
    Mistake(
        "a CA's Secret with another's key",
        brought(authority, lambda: make("CN=other")),
        ConditionType.CA_READY,
        Reason.CA_SECRET_INVALID,
        r"CA Secret: tls.key is not the key of tls.crt; store the two that were made together.",
        lambda scene: bring(scene, authority()),
        "own",
    ),
    Mistake(
        "a leaf for a CA",
        brought(lambda: authority(ca=False)),
        ConditionType.CA_READY,
        Reason.CA_SECRET_INVALID,
        r"CA Secret: tls.crt is not a CA certificate; make it anew with basicConstraints CA:true.",
        lambda scene: bring(scene, authority()),
        "own",
    ),
    Mistake(
        "a CA that is over",
        brought(lambda: authority(not_after=datetime.now(UTC) - DAY)),
        ConditionType.CA_READY,
        Reason.CA_EXPIRED,
        r"the CA certificate in Secret rolesanywhere-system/STORY expired at \S+Z: put a new one "
        r"with its key there",
        lambda scene: bring(scene, authority()),
        "own",
    ),
    Mistake(
        "a Profile without a TrustAnchor",
        profile_without_anchor,
        ConditionType.SYNCED,
        Reason.TRUST_ANCHOR_NOT_FOUND,
        r"there is no TrustAnchor STORY: create it, or name another in spec.trustAnchorRef.name of "
        r"Profile STORY",
        lambda scene: scene.stage.apply(scene.story.own_ca()),
        "own",
    ),
    Mistake(
        "a session policy that is no JSON",
        broken_profile,
        ConditionType.SYNCED,
        Reason.INVALID_SPEC,
        r"spec.sessionPolicy is not JSON: Expecting value at line 1, column 16",
        mend_profile({"sessionPolicy": '{"Version": "2012-10-17", "Statement": []}'}),
        "own",
    ),
    Mistake(
        "a Profile nobody made",
        identity({"profileRef": {"name": "nobody-made-this"}}),
        ConditionType.ADMITTED,
        Reason.PROFILE_NOT_FOUND,
        r"there is no Profile nobody-made-this: create it, or name another in spec.profileRef.name",
        lambda scene: scene.change(scene.identity, {"profileRef": {"name": scene.story.name}}),
    ),
    Mistake(
        "a namespace that is not allowed",
        story_with({"allowedNamespaces": {"names": ["elsewhere"]}}),
        ConditionType.ADMITTED,
        Reason.NAMESPACE_NOT_ALLOWED,
        r"Profile STORY does not allow namespace STORY: ask its administrator to add it to "
        r"spec.allowedNamespaces, or use another Profile",
        lambda scene: scene.change(
            scene.story.profile, {"allowedNamespaces": {"names": [scene.story.namespace]}}
        ),
        "own",
    ),
    Mistake(
        "a namespace without the label",
        unlabelled,
        ConditionType.ADMITTED,
        Reason.NAMESPACE_NOT_ALLOWED,
        r"Profile STORY does not allow namespace STORY: ask its administrator to add it to "
        r"spec.allowedNamespaces, or use another Profile",
        label,
        "own",
    ),
    Mistake(
        "a role that is not allowed",
        role_not_allowed,
        ConditionType.ADMITTED,
        Reason.ROLE_NOT_ALLOWED,
        r"Profile STORY does not allow role arn:aws:iam::123456789012:role/STORY-NAME: ask its "
        r"administrator to add it to spec.roles.existing, or name a role that is there",
        allow_role,
        "own",
    ),
    Mistake(
        "a policy that is not allowed",
        identity({"role": {"managed": {"policyArns": [ADMINISTRATOR]}}}),
        ConditionType.ADMITTED,
        Reason.ROLE_NOT_ALLOWED,
        rf"Profile STORY does not allow {ADMINISTRATOR}: remove it from "
        r"spec.role.managed.policyArns, or ask for it in spec.roles.managed.allowedPolicyArns",
        mend_identity({"role": {"managed": {"policyArns": [S3_READ_ONLY]}}}),
    ),
    Mistake(
        "an inline policy where none is allowed",
        identity({"role": {"managed": {"inlinePolicies": {"any": '{"Statement": []}'}}}}),
        ConditionType.ADMITTED,
        Reason.ROLE_NOT_ALLOWED,
        r"Profile STORY allows no inline policies: remove spec.role.managed.inlinePolicies, or ask "
        r"for spec.roles.managed.allowInlinePolicies",
        mend_identity({"role": {"managed": {"inlinePolicies": None}}}),
    ),
    Mistake(
        "a derived common name that is too long",
        identity({"serviceAccountName": LONG_NAME}),
        ConditionType.ADMITTED,
        Reason.INVALID_SPEC,
        rf"the certificate's common name {LONG_NAME}.STORY has 62 characters, AWS takes 61: set a "
        r"shorter spec.certificate.commonName",
        mend_identity({"certificate": {"commonName": "short"}}),
    ),
    Mistake(
        "a certificate that outlives a short-lived CA's bounds",
        identity({"certificate": {"duration": "169h"}}),
        ConditionType.ADMITTED,
        Reason.INVALID_SPEC,
        r"spec.certificate.duration 169h is more than the 168h a short-lived Private CA issues "
        r"for: ask for 168h or less",
        mend_identity({"certificate": {"duration": "168h"}}),
        "private CA",
    ),
    Mistake(
        "a trust condition against a generated one",
        identity(
            {
                "role": {
                    "managed": {
                        "trustConditions": {"ArnEquals": {"aws:SourceArn": "arn:aws:any:thing"}}
                    }
                }
            }
        ),
        ConditionType.ROLE_READY,
        Reason.INVALID_SPEC,
        r"spec.role.managed.trustConditions: ArnEquals on aws:SourceArn is there already, "
        r"generated from the certificate or in another case; conditions may be added, not "
        r"replaced. Remove it",
        mend_identity({"role": {"managed": {"trustConditions": None}}}),
    ),
    Mistake(
        "a role nobody made",
        role_missing,
        ConditionType.ROLE_READY,
        Reason.ROLE_NOT_FOUND,
        r"there is no role arn:aws:iam::123456789012:role/STORY-NAME: create it, or name another "
        r"in spec.role.arn",
        lambda scene: scene.stage.account.make_role(scene.role_name),
        "own",
    ),
    Mistake(
        "a role at another path",
        role_elsewhere,
        ConditionType.ROLE_READY,
        Reason.ROLE_NOT_FOUND,
        r"role STORY-NAME is arn:aws:iam::123456789012:role/STORY-NAME, not "
        r"arn:aws:iam::123456789012:role/reports/STORY-NAME: correct spec.role.arn",
        correct_role,
        "own",
    ),
    Mistake(
        "a role with shorter sessions",
        short_role,
        ConditionType.ROLE_READY,
        Reason.ROLE_NOT_ALLOWED,
        r"role STORY-NAME allows sessions of 3600 s, Profile STORY asks for 2h: raise the role's "
        r"maximum session duration \(spec.roles.managed.maxSessionDuration for managed roles\), or "
        r"lower the Profile's spec.sessionDuration",
        lengthen_role,
        "own",
    ),
    Mistake(
        "another's role for a managed one",
        foreign_role,
        ConditionType.ROLE_READY,
        Reason.ROLE_NAME_TAKEN,
        r"role STORY-NAME exists and belongs to someone else: choose another "
        r"spec.role.managed.name, or name the role in spec.role.arn",
        mend_identity({"role": {"managed": {"name": None}}}),
    ),
    Mistake(
        "another's Secret",
        foreign_secret,
        ConditionType.CERTIFICATE_READY,
        Reason.SECRET_NAME_TAKEN,
        r"Secret STORY/NAME-aws-identity exists and was not made for this identity: delete it, or "
        r"choose another spec.certificate.secretName",
        lambda scene: scene.stage.delete(scene.story.secret(scene.name)),
    ),
)
