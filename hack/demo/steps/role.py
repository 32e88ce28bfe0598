"""Step 4: the workload's role, and the trust policy that lets in one certificate's bearer."""

import json

from hack.demo.account import only
from hack.demo.checks import roles
from hack.demo.stage import Stage, identity_of
from hack.demo.telling import Telling, require
from hack.demo.walkthroughs import PRIVATE_CA


def tell(stage: Stage, telling: Telling) -> None:
    """Apply the WorkloadIdentity, and look at the role it makes."""
    _, _, manifest = PRIVATE_CA.manifests
    stage.apply(telling, manifest)
    identity = stage.wait_until(telling, identity_of(PRIVATE_CA), "RoleReady")
    role = roles.find(stage.account, identity.uid)
    require(
        identity.status["roleArn"] == role["Arn"],
        f"status.roleArn to be {role['Arn']}",
        f"it is {identity.status['roleArn']}",
    )
    telling.look("iam GetRole, ListAttachedRolePolicies; rolesanywhere ListProfiles")
    telling.fact("role", role["Arn"])
    roles.check_rights(telling, stage.account, role)
    roles.check_membership(telling, only(stage.account.profiles(), "profile"), role)
    anchor = only(stage.account.anchors(), "trust anchor")["trustAnchorArn"]
    policy = stage.account.trust_policy(role["RoleName"])
    telling.source("json", "its trust policy", json.dumps(policy, indent=2))
    roles.check_trust(telling, policy, PRIVATE_CA, anchor)
