"""Every row of AWS's errors: what they become, and what they say to people."""

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from rolesanywhere.api.conditions import Reason
from rolesanywhere.aws.errors import translated
from rolesanywhere.domain.trouble import AlreadyExists, Conflict, NotFound, Refusal, Trouble

DENIED = (
    "User: arn:aws:iam::123456789012:user/operator is not authorized to perform: "
    "rolesanywhere:CreateTrustAnchor on resource: *"
)


def client_error(code: str, message: str = "words", status: int = 400) -> ClientError:
    response = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "CreateTrustAnchor")


def trouble_of(error: Exception, *, missing: Reason = Reason.AWS_REFUSED) -> Trouble:
    with (
        pytest.raises(Trouble) as caught,
        translated("CreateTrustAnchor onprem", missing=missing),
    ):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize(
    ("code", "status", "kind", "reason"),
    [
        ("ResourceNotFoundException", 404, NotFound, Reason.AWS_REFUSED),
        ("NoSuchEntity", 404, NotFound, Reason.AWS_REFUSED),
        ("EntityAlreadyExists", 409, AlreadyExists, Reason.ROLE_NAME_TAKEN),
        ("ConcurrentModification", 409, Conflict, Reason.AWS_REFUSED),
        ("DeleteConflict", 409, Conflict, Reason.AWS_REFUSED),
        ("ValidationException", 400, Refusal, Reason.AWS_REFUSED),
        ("ValidationError", 400, Refusal, Reason.AWS_REFUSED),
        ("MalformedPolicyDocument", 400, Refusal, Reason.AWS_REFUSED),
        ("InvalidArgsException", 400, Refusal, Reason.AWS_REFUSED),
        ("LimitExceeded", 409, Trouble, Reason.AWS_REFUSED),
        ("LimitExceededException", 400, Trouble, Reason.AWS_REFUSED),
        ("ThrottlingException", 429, Trouble, Reason.THROTTLED),
        ("Throttling", 400, Trouble, Reason.THROTTLED),
        ("SomethingNew", 429, Trouble, Reason.THROTTLED),
        ("AccessDenied", 403, Trouble, Reason.ACCESS_DENIED),
        ("AccessDeniedException", 403, Trouble, Reason.ACCESS_DENIED),
        ("InvalidClientTokenId", 403, Trouble, Reason.ACCESS_DENIED),
        ("ExpiredTokenException", 400, Trouble, Reason.ACCESS_DENIED),
        ("InvalidStateException", 400, Trouble, Reason.CA_NOT_ACTIVE),
        ("ServiceUnavailableException", 503, Trouble, Reason.AWS_UNAVAILABLE),
        ("SomethingNew", 502, Trouble, Reason.AWS_UNAVAILABLE),
        ("SomethingNew", 400, Trouble, Reason.AWS_REFUSED),
    ],
)
def test_a_code_becomes_trouble(
    code: str, status: int, kind: type[Trouble], reason: Reason
) -> None:
    """Only our own wrong input is a Refusal; an unknown code is tried again."""
    trouble = trouble_of(client_error(code, status=status))
    assert type(trouble) is kind
    assert trouble.reason is reason
    assert f"{code}: words" in trouble.message
    assert "CreateTrustAnchor onprem" in trouble.message
    assert trouble.retry_after is None


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (
            exceptions.EndpointConnectionError(endpoint_url="https://x"),
            Trouble,
            Reason.AWS_UNAVAILABLE,
        ),
        (
            exceptions.ReadTimeoutError(endpoint_url="https://x"),
            Trouble,
            Reason.AWS_UNAVAILABLE,
        ),
        (
            exceptions.ConnectTimeoutError(endpoint_url="https://x"),
            Trouble,
            Reason.AWS_UNAVAILABLE,
        ),
        (
            exceptions.SSLError(endpoint_url="https://x", error="bad"),
            Trouble,
            Reason.AWS_UNAVAILABLE,
        ),
        (
            exceptions.ProxyConnectionError(proxy_url="http://x"),
            Trouble,
            Reason.AWS_UNAVAILABLE,
        ),
        (ResponseParserError("<html>"), Trouble, Reason.AWS_UNAVAILABLE),
        (exceptions.NoCredentialsError(), Trouble, Reason.ACCESS_DENIED),
        (
            exceptions.CredentialRetrievalError(provider="process", error_msg="x"),
            Trouble,
            Reason.ACCESS_DENIED,
        ),
        (exceptions.ParamValidationError(report="too long"), Refusal, Reason.AWS_REFUSED),
        (exceptions.InvalidRegionError(region_name="no where"), Refusal, Reason.INVALID_SPEC),
        (exceptions.NoRegionError(), Trouble, Reason.AWS_REFUSED),
        (exceptions.BotoCoreError(), Trouble, Reason.AWS_REFUSED),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_never_reached_aws_becomes_trouble(
    error: Exception, kind: type[Trouble], reason: Reason
) -> None:
    """Network, credentials and boto3's own checks speak the same language."""
    trouble = trouble_of(error)
    assert type(trouble) is kind
    assert trouble.reason is reason


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (DENIED, "add rolesanywhere:CreateTrustAnchor to the operator's IAM policy"),
        (
            f"{DENIED} with an explicit deny in a service control policy",
            "a policy denies this on purpose: ask whoever wrote it",
        ),
        ("Access denied", "check the operator's IAM policy"),
    ],
)
def test_a_denial_says_what_to_do(words: str, advice: str) -> None:
    """The missing right is named where AWS names it."""
    trouble = trouble_of(client_error("AccessDeniedException", words, 403))
    assert trouble.message == (
        f"AWS denied CreateTrustAnchor onprem: AccessDeniedException: {words}; {advice}"
    )


def test_a_ca_that_is_not_active_yet_is_waited_for() -> None:
    """It looks like a wrong input and is not: soon the CA is ACTIVE."""
    words = "Error creating TrustAnchor. Given AWS PCA did not allow get request."
    trouble = trouble_of(client_error("ValidationException", words))
    assert type(trouble) is Trouble
    assert trouble.reason is Reason.CA_NOT_ACTIVE


def test_a_quota_is_named() -> None:
    """AWS's words name the quota; the advice says what can be done about it."""
    words = "Cannot exceed quota for ACLSizePerRole: 2048"
    message = trouble_of(client_error("LimitExceeded", words)).message
    assert words in message
    assert message.endswith("remove what is not needed, or have the quota raised")


def test_the_reason_of_what_is_missing_is_the_callers() -> None:
    """Roles Anywhere and Private CA use one code for different things."""
    error = client_error("ResourceNotFoundException", status=404)
    assert trouble_of(error, missing=Reason.CA_NOT_FOUND).reason is Reason.CA_NOT_FOUND


def test_long_words_are_cut() -> None:
    """A page of a proxy's HTML does not fill a condition."""
    assert len(trouble_of(client_error("X", "y" * 5000)).message) < 700


def test_our_own_trouble_passes() -> None:
    """The throttle's refusal is not wrapped again."""
    waiting = Trouble(Reason.WAITING_FOR_QUOTA, "later", retry_after=3)
    with pytest.raises(Trouble) as caught, translated("ListProfiles"):
        raise waiting
    assert caught.value is waiting
