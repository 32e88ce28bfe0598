"""Step 3: the profile, which says what sessions through the trust anchor may be."""

from hack.demo.account import only
from hack.demo.stage import Stage, profile_of
from hack.demo.telling import Telling, expect
from hack.demo.walkthroughs import PRIVATE_CA, SESSION_SECONDS


def tell(stage: Stage, telling: Telling) -> None:
    """Apply the Profile, and look at the profile it makes."""
    _, manifest, _ = PRIVATE_CA.manifests
    stage.apply(telling, manifest)
    profile = stage.wait_until(telling, profile_of(PRIVATE_CA), "Ready")
    found = only(stage.account.profiles(owner=profile.uid), "profile of this object")
    telling.look("rolesanywhere ListProfiles")
    telling.fact("profile", found["profileArn"])
    expect(telling, "enabled", found["enabled"], wanted=True)
    expect(telling, "durationSeconds", found["durationSeconds"], SESSION_SECONDS)
