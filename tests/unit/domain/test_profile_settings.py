"""What a Profile in AWS shall be, and whether it is."""

from dataclasses import replace

import pytest

from rolesanywhere.api.profile import ProfileSpec, Reference
from rolesanywhere.domain import profile_settings
from rolesanywhere.domain.observed import ProfileSettings
from rolesanywhere.domain.trouble import Refusal

POLICY = '{"Version":"2012-10-17","Statement":[]}'
SETTINGS = ProfileSettings(
    name="default", role_arns=("a", "b"), duration_seconds=3600, session_policy=POLICY
)


def spec(session_policy: str | None = None) -> ProfileSpec:
    return ProfileSpec(trust_anchor_ref=Reference(name="onprem"), session_policy=session_policy)


def test_settings_come_from_the_spec() -> None:
    """The name in AWS's alphabet, the roles in order, the policy without spaces."""
    wanted = spec('{"Version": "2012-10-17",\n "Statement": []}')
    assert profile_settings.settings("default", wanted, ["b", "a"]) == SETTINGS
    assert profile_settings.settings("de.fault", spec(), ()) == ProfileSettings(
        name="de-fault", role_arns=(), duration_seconds=3600, session_policy=None
    )


def test_a_broken_session_policy_is_refused() -> None:
    """The refusal names the field."""
    with pytest.raises(Refusal, match=r"^spec\.sessionPolicy is not JSON"):
        profile_settings.settings("default", spec("{"), ())


@pytest.mark.parametrize(
    ("wanted", "listed", "fitting"),
    [
        (["b", "a"], [], {"a", "b"}),
        ([f"{number:03}" for number in range(251)], [], {f"{number:03}" for number in range(250)}),
        (
            [f"{number:03}" for number in range(251)],
            ["250"],  # listed already: it stays, the last of the others waits
            {f"{number:03}" for number in range(249)} | {"250"},
        ),
    ],
    ids=["all", "too many", "too many, one listed"],
)
def test_250_roles_fit(wanted: list[str], listed: list[str], fitting: set[str]) -> None:
    """A profile lists no more; a role that works today is not thrown out for another."""
    assert profile_settings.fitting(wanted, listed) == fitting


@pytest.mark.parametrize(
    ("observed", "same"),
    [
        (SETTINGS, True),
        (replace(SETTINGS, session_policy='{"Statement": [], "Version": "2012-10-17"}'), True),
        (replace(SETTINGS, session_policy=None), False),
        (replace(SETTINGS, session_policy="no JSON"), False),
        (replace(SETTINGS, name="other"), False),
        (replace(SETTINGS, role_arns=("a",)), False),
        (replace(SETTINGS, duration_seconds=900), False),
    ],
)
def test_settings_are_compared_by_meaning(observed: ProfileSettings, *, same: bool) -> None:
    """A session policy may be written in another order."""
    assert profile_settings.same(SETTINGS, observed) is same


@pytest.mark.parametrize(
    ("wanted", "observed", "replaced"),
    [(None, POLICY, True), (POLICY, None, False), (None, None, False), (POLICY, "{}", False)],
)
def test_a_session_policy_cannot_be_emptied(
    wanted: str | None, observed: str | None, *, replaced: bool
) -> None:
    """An update takes no empty one: the profile is made anew."""
    one, other = (replace(SETTINGS, session_policy=policy) for policy in (wanted, observed))
    assert profile_settings.must_be_replaced(one, other) is replaced
