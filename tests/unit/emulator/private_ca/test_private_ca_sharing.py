"""Resource-based policies: what may be in one, and what another account may then do."""

import json
from typing import Any

import pytest
from tests.unit.emulator.private_ca.authority_at_work import (
    CALLER,
    OTHER_ACCOUNT,
    STRANGER,
    Desk,
    by_arn,
    leaf_of,
    template,
)

READ = ["acm-pca:DescribeCertificateAuthority", "acm-pca:GetCertificate"]
END_ENTITY = template("EndEntityCertificate/V1")


def statement(arn: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - of a statement
    return {
        "Sid": "1",
        "Effect": "Allow",
        "Principal": {"AWS": OTHER_ACCOUNT},
        "Action": READ,
        "Resource": arn,
        **changes,
    }


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def issuing(arn: str) -> dict[str, Any]:
    return statement(
        arn,
        Action="acm-pca:IssueCertificate",
        Condition={"StringEquals": {"acm-pca:TemplateArn": END_ENTITY}},
    )


def shared(*statements: Any) -> tuple[Desk, str]:  # noqa: ANN401 - functions of the ARN
    """Make an ACTIVE CA with a policy."""
    desk = Desk()
    arn = desk.active()
    text = policy(*(each(arn) for each in statements))
    desk.call("PutPolicy", {"ResourceArn": arn, "Policy": text})
    return desk, arn


def test_a_policy_is_kept_and_removed() -> None:
    """GetPolicy gives it word for word; DeletePolicy removes it, and then does nothing."""
    desk, arn = shared(statement)
    by_resource = {"ResourceArn": arn}
    assert desk.call("GetPolicy", by_resource) == {"Policy": policy(statement(arn))}
    desk.call("DeletePolicy", by_resource)
    assert desk.refusal("GetPolicy", by_resource).code == "ResourceNotFoundException"
    assert desk.call("DeletePolicy", by_resource) == {}


def test_what_is_shared_may_be_done() -> None:
    """The other account reads and issues by the template named, and nothing else."""
    desk, arn = shared(statement, issuing)
    asked = {**leaf_of(arn), "TemplateArn": END_ENTITY}
    answer = desk.service.handle("IssueCertificate", asked, STRANGER)
    got = {**by_arn(arn), "CertificateArn": answer["CertificateArn"]}
    assert desk.service.handle("GetCertificate", got, STRANGER)["Certificate"]
    client = {**asked, "TemplateArn": template("EndEntityClientAuthCertificate/V1")}
    for operation, parameters in (
        ("IssueCertificate", client),
        ("ListTags", by_arn(arn)),
        ("DeleteCertificateAuthority", by_arn(arn)),
    ):
        assert desk.refusal(operation, parameters, STRANGER).code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("name", "is_shared"),
    [
        ("EndEntityClientAuthCertificate/V1", True),
        ("SubordinateCACertificate_PathLen0/V1", True),
        ("CodeSigningCertificate/V1", False),
        ("SubordinateCACertificate_PathLen1/V1", False),
    ],
)
def test_templates_for_other_accounts(name: str, is_shared: bool) -> None:  # noqa: FBT001 - a table's column
    """Without a condition on templates another account has the six of the user guide."""
    desk, arn = shared(lambda arn: statement(arn, Action="acm-pca:IssueCertificate"))
    parameters = {**leaf_of(arn), "TemplateArn": template(name)}
    if is_shared:
        assert desk.service.handle("IssueCertificate", parameters, STRANGER)
    else:
        code = desk.refusal("IssueCertificate", parameters, STRANGER).code
        assert code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("principal", "is_named"),
    [
        (OTHER_ACCOUNT, True),
        (f"arn:aws:iam::{OTHER_ACCOUNT}:root", True),
        ([CALLER.account, STRANGER.principal_arn], True),
        (f"arn:aws:iam::{OTHER_ACCOUNT}:user/somebody-else", False),
        (CALLER.account, False),
    ],
)
def test_principals(principal: Any, is_named: bool) -> None:  # noqa: ANN401, FBT001 - as a policy has it; a table's column
    """An account, its root, or the very principal is named."""
    desk, arn = shared(lambda arn: statement(arn, Principal={"AWS": principal}))
    operation = "DescribeCertificateAuthority"
    if is_named:
        answer = desk.service.handle(operation, by_arn(arn), STRANGER)
        assert answer["CertificateAuthority"]["OwnerAccount"] == CALLER.account
    else:
        assert desk.refusal(operation, by_arn(arn), STRANGER).code == "AccessDeniedException"


def test_nobody_is_of_an_organization() -> None:
    """A policy for an organization is kept; the emulator has none, so it lets nobody in."""
    desk, arn = shared(
        lambda arn: statement(
            arn, Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
        )
    )
    refusal = desk.refusal("DescribeCertificateAuthority", by_arn(arn), STRANGER)
    assert refusal.code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"Effect": "Deny"}, "only Allow"),
        ({"Resource": "*"}, "Resource"),
        ({"Action": "acm-pca:DeleteCertificateAuthority"}, "cannot be shared"),
        ({"Action": "acm-pca:*"}, "cannot be shared"),
        ({"Principal": "*"}, "aws:PrincipalOrgID"),
        ({"Principal": {"AWS": "somebody"}}, "neither an account"),
        ({"Principal": {"Service": "acm.amazonaws.com"}}, "not a policy document"),
        ({"Action": [{}]}, "not a policy document"),
    ],
)
def test_policies_that_are_refused(changes: dict[str, Any], says: str) -> None:
    """A statement that shares too much, or is none, is an InvalidPolicyException."""
    desk = Desk()
    arn = desk.active()
    text = policy(statement(arn, **changes))
    error = desk.refusal("PutPolicy", {"ResourceArn": arn, "Policy": text})
    assert (error.code, says in error.message) == ("InvalidPolicyException", True)


@pytest.mark.parametrize("text", ["[]", "{", "7", policy(version="2008-10-17")])
def test_documents_that_are_none(text: str) -> None:
    """JSON that is no policy document, or an old one, is an InvalidPolicyException."""
    desk = Desk()
    arn = desk.active()
    error = desk.refusal("PutPolicy", {"ResourceArn": arn, "Policy": text})
    assert error.code == "InvalidPolicyException"
