"""An identity's role in AWS: its rights, and who may have it."""

from typing import Any, Final

from hack.demo.account import Account, Found, only
from hack.demo.telling import Telling, expect, require
from hack.demo.walkthroughs import POLICY, Walkthrough

_TAG: Final = "aws:PrincipalTag"
_ACTIONS: Final = {"sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"}
_PRINCIPAL: Final = {"Service": "rolesanywhere.amazonaws.com"}


def find(account: Account, uid: str) -> Found:
    """Give the one role tagged with an identity's uid."""
    return only(account.roles(owner=uid), "role")


def check_rights(telling: Telling, account: Account, role: Found) -> None:
    """Check which policies a role has."""
    answer = account.iam.list_attached_role_policies(RoleName=role["RoleName"])
    expect(
        telling, "policies", {each["PolicyName"] for each in answer["AttachedPolicies"]}, {POLICY}
    )


def check_membership(telling: Telling, profile: Found, role: Found) -> None:
    """Check that a profile lists a role: else CreateSession refuses it."""
    expect(telling, "in profile", profile["roleArns"], [role["Arn"]])


def check_trust(telling: Telling, policy: Found, walkthrough: Walkthrough, anchor: str) -> None:
    """Check that a trust policy lets in one certificate's bearer and nobody else."""
    statement: dict[str, Any] = only(policy["Statement"], "statement in the trust policy")
    expect(telling, "trusts", statement["Principal"]["Service"], _PRINCIPAL["Service"])
    expect(telling, "actions", set(statement["Action"]), _ACTIONS)
    conditions = statement["Condition"]
    expect(telling, "conditions", set(conditions), {"ArnEquals", "StringEquals"})
    required = conditions["StringEquals"]
    for part in ("x509Issuer", "x509Subject"):
        found = {name: required.get(f"{_TAG}/{part}/{name}") for name in ("CN", "OU")}
        shown = ",".join(f"{name}={value}" for name, value in found.items())
        expect(telling, part, shown, "CN=sample,OU=tech")
    expect(telling, "x509SAN/URI", required[f"{_TAG}/x509SAN/URI"], walkthrough.uri)
    source = conditions["ArnEquals"]["aws:SourceArn"]
    require(source == anchor, f"aws:SourceArn to be {anchor}", f"it is {source}")
    telling.fact("aws:SourceArn", source)
