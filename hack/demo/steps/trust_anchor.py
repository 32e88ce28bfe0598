"""Step 2: the trust anchor in AWS that names the CA."""

from hack.demo.account import only
from hack.demo.stage import Stage, anchor_of
from hack.demo.telling import Telling, expect, require
from hack.demo.walkthroughs import PRIVATE_CA


def tell(stage: Stage, telling: Telling) -> None:
    """Look at the trust anchor: the same TrustAnchor object makes both."""
    telling.note("The same object makes it, as soon as the CA is active.")
    anchor = stage.wait_until(telling, anchor_of(PRIVATE_CA), "Ready")
    found = only(stage.account.anchors(owner=anchor.uid), "trust anchor of this object")
    authority = only(stage.account.authorities(owner=anchor.uid), "CA of this object")
    arn, source = found["trustAnchorArn"], found["source"]
    telling.look("rolesanywhere ListTrustAnchors")
    require(
        anchor.status["arn"] == arn,
        f"status.arn to be {arn}",
        f"it is {anchor.status['arn']}",
    )
    telling.fact("trust anchor", arn)
    expect(telling, "enabled", found["enabled"], wanted=True)
    expect(telling, "source", source["sourceType"], "AWS_ACM_PCA")
    expect(telling, "CA", source["sourceData"].get("acmPcaArn", ""), authority["Arn"])
