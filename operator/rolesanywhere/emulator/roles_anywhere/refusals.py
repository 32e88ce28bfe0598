"""The service's errors: few codes, all of them named in its API reference.

https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/CommonErrors.html
"""

from rolesanywhere.emulator.errors import AwsError


def invalid(message: str, because: str | None = None) -> AwsError:
    """Give a ValidationException."""
    return AwsError("ValidationException", message, because=because)


def not_found(message: str) -> AwsError:
    """Give a ResourceNotFoundException."""
    return AwsError("ResourceNotFoundException", message, status=404)


def access_denied(message: str, because: str | None = None) -> AwsError:
    """Give an AccessDeniedException."""
    return AwsError("AccessDeniedException", message, status=403, because=because)


def too_many_tags(message: str) -> AwsError:
    """Give a TooManyTagsException."""
    return AwsError("TooManyTagsException", message)


def throttled(because: str) -> AwsError:
    """Give a ThrottlingException."""
    return AwsError("ThrottlingException", "Rate exceeded", status=429, because=because)


def unreadable(message: str) -> AwsError:
    """Give a SerializationException: the body is not what the protocol says."""
    return AwsError("SerializationException", message)


def too_large(message: str) -> AwsError:
    """Give a RequestEntityTooLargeException."""
    return AwsError("RequestEntityTooLargeException", message, status=413)


def unknown_operation(message: str) -> AwsError:
    """Give an UnknownOperationException."""
    return AwsError("UnknownOperationException", message, status=404)
