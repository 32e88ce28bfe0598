"""Bad manifests and the API server's exact words: people read them instead of AccessDenied."""

from collections.abc import Iterator
from typing import Final
from uuid import uuid4

import pytest
from hack.cluster.control_plane import ControlPlane
from tests import manifests
from tests.cluster.objects_api import ObjectsApi, RefusedError, connected, named

REFUSED: Final = manifests.refused()


@pytest.fixture(scope="module")
def objects(plane: ControlPlane) -> Iterator[ObjectsApi]:
    with connected(plane.admin_kubeconfig) as api:
        yield api


def of_case(case: manifests.Case) -> str:
    return case.case


@pytest.mark.parametrize("case", [c for c in REFUSED if c.before is None], ids=of_case)
def test_a_bad_manifest_is_refused(objects: ObjectsApi, case: manifests.Case) -> None:
    """Whoever applies it reads what is wrong, where, and what to do; nothing is stored."""
    with pytest.raises(RefusedError) as caught:
        objects.try_create(named(case.manifest, "refused"))
    assert sorted(caught.value.answer) == sorted(case.answer)


@pytest.mark.parametrize("case", [c for c in REFUSED if c.before], ids=of_case)
def test_a_bad_change_is_refused(objects: ObjectsApi, case: manifests.Case) -> None:
    """What cannot be changed later says so, and what to do instead."""
    assert case.before
    name = f"refused-{uuid4().hex[:10]}"
    with objects.existing(named(case.before, name)), pytest.raises(RefusedError) as caught:
        objects.try_change(named(case.manifest, name))
    assert sorted(caught.value.answer) == sorted(case.answer)
