"""Bad manifests and the API server's exact words: people read them instead of AccessDenied."""

from collections.abc import Iterator
from typing import Final
from uuid import uuid4

import pytest
from hack.cluster.control_plane import ControlPlane
from tests import manifests
from tests.cluster.objects_api import Manifest, ObjectsApi, RefusedError, connected

from rolesanywhere.api import names

REFUSALS: Final = list(manifests.refusals())
NEW: Final = [refusal for refusal in REFUSALS if refusal.before is None]
CHANGES: Final = [refusal for refusal in REFUSALS if refusal.before is not None]


@pytest.fixture(scope="module")
def objects(plane: ControlPlane) -> Iterator[ObjectsApi]:
    with connected(plane.admin_kubeconfig) as api:
        yield api


def named(manifest: Manifest, name: str, namespace: str) -> Manifest:
    """Give the manifest with a name of its own, in a namespace if its kind has one."""
    place = {"namespace": namespace} if manifest["kind"] == names.WORKLOAD_IDENTITY else {}
    return manifest | {"metadata": {"name": name, **place}}


def of_case(refusal: manifests.Refusal) -> str:
    return refusal.case


@pytest.mark.parametrize("refusal", NEW, ids=of_case)
def test_a_bad_manifest_is_refused(objects: ObjectsApi, refusal: manifests.Refusal) -> None:
    """Whoever applies it reads what is wrong, where, and what to do; nothing is stored."""
    with pytest.raises(RefusedError) as caught:
        objects.create(named(refusal.manifest, "refused", "default"), dry_run=True)
    assert sorted(caught.value.answer) == sorted(refusal.answer)


@pytest.mark.parametrize("refusal", CHANGES, ids=of_case)
def test_a_bad_change_is_refused(objects: ObjectsApi, refusal: manifests.Refusal) -> None:
    """What cannot be changed later says so, and what to do instead."""
    assert refusal.before is not None
    name = f"refused-{uuid4().hex[:10]}"
    before = named(refusal.before, name, "default")
    objects.create(before)
    try:
        with pytest.raises(RefusedError) as caught:
            objects.try_change(named(refusal.manifest, name, "default"))
    finally:
        objects.delete(before)
    assert sorted(caught.value.answer) == sorted(refusal.answer)


@pytest.mark.parametrize("kind", sorted({refusal.manifest["kind"] for refusal in NEW}))
def test_the_good_manifest_is_accepted(objects: ObjectsApi, kind: str) -> None:
    """The manifest the bad ones are made from is good, so each is refused for its change alone."""
    good = manifests.good_manifests()[kind]
    objects.create(named(good, "accepted", "default"), dry_run=True)
