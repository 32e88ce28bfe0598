"""STS's errors.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_Errors
"""

from rolesanywhere.emulator.authentication.principal import Principal
from rolesanywhere.emulator.errors import AwsError


def denied(
    principal: Principal, arn: str, because: str, action: str = "sts:AssumeRole"
) -> AwsError:
    """Give the one text for a role that cannot be assumed, whatever the reason."""
    message = f"User: {principal.arn} is not authorized to perform: {action} on resource: {arn}"
    return AwsError("AccessDenied", message, status=403, because=because)


def invalid(message: str) -> AwsError:
    """Give a ValidationError."""
    return AwsError("ValidationError", message)


def malformed_policy(message: str) -> AwsError:
    """Give a MalformedPolicyDocument."""
    return AwsError("MalformedPolicyDocument", message)


def not_emulated(operation: str) -> AwsError:
    """Refuse an operation whose credentials nobody would know afterwards."""
    message = f"The emulator does not do {operation}; it grants sessions by AssumeRole."
    return AwsError("NotImplemented", message, status=501)
