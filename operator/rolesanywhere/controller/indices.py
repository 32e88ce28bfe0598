"""What the watch shows of our kinds, indexed; and whom a change concerns.

An object that others build on expedites them; nothing is decided from the change itself.
"""

from collections.abc import Iterable
from typing import Final

import kopf

from rolesanywhere.api import names
from rolesanywhere.controller.application import Application
from rolesanywhere.controller.objects import (
    IDENTITIES_OF,
    PROFILES,
    PROFILES_OF,
    TRUST_ANCHORS,
    slim,
)
from rolesanywhere.reconcile.ports import KubernetesObject

_SPREAD_SECONDS: Final = 2.0  # over which a crowd of dependents is looked at


@kopf.index(names.GROUP, names.VERSION, names.TRUST_ANCHORS, id=TRUST_ANCHORS)
async def index_trust_anchor(
    body: kopf.Body, memo: Application, **_: object
) -> dict[str, KubernetesObject]:
    """Keep a TrustAnchor by name; Profiles and identities look again when it becomes another."""
    shown = slim(body)
    authority = body.status.get("certificateAuthority") or {}
    face = (body.metadata.get("generation"), body.status.get("arn"), authority.get("serial"))
    if memo.faces.is_new(shown.uid, face):
        profiles = list(memo.objects.profiles_of(shown.name))
        _expedite(memo, profiles)
        for each in profiles:
            _expedite(memo, memo.objects.identities_of(each.name))
    return {shown.name: shown}


@kopf.index(names.GROUP, names.VERSION, names.PROFILES, id=PROFILES)
async def index_profile(
    body: kopf.Body, memo: Application, **_: object
) -> dict[str, KubernetesObject]:
    """Keep a Profile by name; its identities look again when it becomes another."""
    shown = slim(body)
    arns = tuple(each["arn"] for each in body.status.get("profiles", ()))
    if memo.faces.is_new(shown.uid, (body.metadata.get("generation"), arns)):
        _expedite(memo, memo.objects.identities_of(shown.name))
    return {shown.name: shown}


@kopf.index(names.GROUP, names.VERSION, names.PROFILES, id=PROFILES_OF)
async def index_profile_by_anchor(body: kopf.Body, **_: object) -> dict[str, KubernetesObject]:
    """Keep a Profile by its TrustAnchor's name."""
    return {body.spec["trustAnchorRef"]["name"]: slim(body)}


@kopf.index(names.GROUP, names.VERSION, names.WORKLOAD_IDENTITIES, id=IDENTITIES_OF)
async def index_identity(
    body: kopf.Body, memo: Application, **_: object
) -> dict[str, KubernetesObject]:
    """Keep an identity by its Profile's name; the Profile looks again when its role does.

    So does the Profile it referred to before.
    """
    shown, before = slim(body), memo.faces.last(body["metadata"]["uid"])
    profile = body.spec["profileRef"]["name"]
    face = (profile, body.status.get("roleArn"), "deletionTimestamp" in body.metadata)
    if memo.faces.is_new(shown.uid, face):
        known = {profile, *(before[:1] if isinstance(before, tuple) else ())}
        _expedite(memo, memo.objects.shown_profiles(known))
    return {profile: shown}


def _expedite(memo: Application, objects: Iterable[KubernetesObject]) -> None:
    for each in objects:
        memo.agenda.expedite(each.uid, within=_SPREAD_SECONDS)
