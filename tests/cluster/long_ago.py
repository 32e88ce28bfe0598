"""Stories begun when the stage was, which are old by the time a test looks at them.

What the controller itself changed last in AWS it believes for half a minute, whatever a listing
says (``aws.listing``): only what is older can be seen to drift. And a certificate takes its time to
be renewed: these live ten minutes and are renewed within the first.
"""

from typing import Final

from tests.cluster.api_server import Manifest
from tests.cluster.aws_account import AwsAccount
from tests.cluster.story import Story, with_role, with_roles

EDITED: Final = "edited"  # its objects in AWS are edited
REMOVED: Final = "removed"  # they are removed
BRIEF: Final = "brief"  # its certificate is renewed again and again
BRIEF_PRIVATE: Final = "brief, of a Private CA"
NAMES: Final = (EDITED, REMOVED, BRIEF, BRIEF_PRIVATE)
_BRIEF: Final = {"certificate": {"duration": "10m", "renewAt": "10%"}}


def manifests(name: str, story: Story, account: AwsAccount) -> list[Manifest]:
    """Describe a story; its existing role is named for it, and made."""
    role = account.make_role(story.name)
    anchor = story.private_ca() if name == BRIEF_PRIVATE else story.own_ca()
    profile = story.profile_of(with_roles(role))
    if name in (BRIEF, BRIEF_PRIVATE):
        return [anchor, profile, story.identity_of(changes=with_role(role) | _BRIEF)]
    return [anchor, profile, story.identity_of(), story.identity_of("named", with_role(role))]
