"""CreateSession's refusals: AWS's words where they have been seen, one generic text elsewhere."""

from rolesanywhere.emulator.errors import AwsError

INVALID_SIGNATURE = "Invalid signature"
UNTRUSTED = "Untrusted signing certificate"
INSUFFICIENT = "Untrusted certificate. Insufficient certificate"
SESSION_NAME = "Not authorized to set roleSessionName"
GENERIC = "Access denied"


def denied(because: str, message: str = GENERIC) -> AwsError:
    """Give an AccessDeniedException; ``because`` stays in the journal."""
    return AwsError("AccessDeniedException", message, status=403, because=because)


def cannot_assume(role_arn: str, because: str) -> AwsError:
    """Give the one text for every failure of a trust policy."""
    return denied(because, f"Unable to assume role for {role_arn}")


def lasts_too_long(role_arn: str, because: str) -> AwsError:
    """Give the text for a duration beyond the role's maximum."""
    message = (
        f"Unable to assume role for {role_arn} The requested DurationSeconds exceeds the "
        "MaxSessionDuration set for this role."
    )
    return denied(because, message)


def missing(what: str, arn: str) -> AwsError:
    """Give a ResourceNotFoundException."""
    message = f"{what} with ARN {arn} does not exist."
    return AwsError("ResourceNotFoundException", message, status=404)


def too_narrow(because: str) -> AwsError:
    """Give the error for policies and tags that do not fit into a session."""
    message = "The session policies and tags exceed the packed size limit."
    return AwsError("ValidationException", message, because=because)
