"""The refusals of acm-pca, in AWS's words where they are known.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_Operations.html (each operation's
Errors) and what users quote. Which wordings are our own is said in docs/reference.
"""

from rolesanywhere.emulator.errors import AwsError


def serialization(message: str) -> AwsError:
    """Refuse JSON of the wrong types."""
    return AwsError("SerializationException", message)


def unknown_operation(operation: str) -> AwsError:
    """Refuse an operation acm-pca has not."""
    return AwsError("UnknownOperationException", f"acm-pca has no operation {operation}")


def validation(message: str) -> AwsError:
    """Refuse a value that cannot be."""
    return AwsError("ValidationException", message)


def invalid_arguments(message: str) -> AwsError:
    """Refuse arguments that do not go together."""
    return AwsError("InvalidArgsException", message)


def invalid_arn(arn: str) -> AwsError:
    """Refuse an ARN of acm-pca that is not of the kind asked for."""
    return AwsError("InvalidArnException", f"Invalid ARN: {arn}")


def invalid_request(message: str) -> AwsError:
    """Refuse what is prohibited."""
    return AwsError("InvalidRequestException", message)


def invalid_tag(message: str) -> AwsError:
    """Refuse a tag."""
    return AwsError("InvalidTagException", message)


def too_many_tags(most: int) -> AwsError:
    """Refuse one tag more."""
    message = f"A certificate authority can have up to {most} tags."
    return AwsError("TooManyTagsException", message)


def invalid_next_token() -> AwsError:
    """Refuse a token that no page gave."""
    message = "The token specified in the NextToken argument is not valid."
    return AwsError("InvalidNextTokenException", message)


def already_revoked() -> AwsError:
    """Refuse to revoke twice."""
    message = "The certificate has already been revoked."
    return AwsError("RequestAlreadyProcessedException", message)


def permission_exists(principal: str) -> AwsError:
    """Refuse to permit twice."""
    message = f"The permission has already been given to {principal}."
    return AwsError("PermissionAlreadyExistsException", message)


def invalid_policy(message: str) -> AwsError:
    """Refuse a policy: a CA's own, or a bucket's that does not let acm-pca write."""
    return AwsError("InvalidPolicyException", f"The resource policy is invalid: {message}")


def policy_not_found(arn: str) -> AwsError:
    """Refuse for want of a policy, in AWS's words."""
    return AwsError("ResourceNotFoundException", f"Could not find policy for resource {arn}.")


def report_in_progress() -> AwsError:
    """Refuse a second audit report within half an hour."""
    message = "An audit report can be created once every 30 minutes."
    return AwsError("RequestInProgressException", message)


def request_failed(message: str) -> AwsError:
    """Refuse because of what the service itself needs."""
    return AwsError("RequestFailedException", message)


def not_found(what: str) -> AwsError:
    """Refuse for want of a CA, certificate, report, permission or bucket."""
    return AwsError("ResourceNotFoundException", f"Could not find resource {what}.")


def access_denied(operation: str, arn: str, principal: str | None) -> AwsError:
    """Refuse another account's resource, which its policy does not share."""
    message = (
        f"User: {principal or 'anonymous'} is not authorized to perform: acm-pca:{operation} on "
        f"resource: {arn} because no resource-based policy allows the acm-pca:{operation} action"
    )
    return AwsError("AccessDeniedException", message)


def invalid_state(message: str) -> AwsError:
    """Refuse because of the CA's status, in words of the caller's."""
    return AwsError("InvalidStateException", message)


def wrong_state(arn: str, purpose: str) -> AwsError:
    """Refuse because the CA's status does not allow what was asked."""
    return invalid_state(
        f"The certificate authority {arn} is not in the correct state to {purpose}."
    )


def cannot_issue() -> AwsError:
    """Refuse because the CA's status does not allow issuing."""
    return invalid_state(
        "The certificate authority is not in a valid state for issuing certificates"
    )


def authority_in_progress() -> AwsError:
    """Ask for patience with a CA."""
    message = "The request to create the certificate authority is in progress."
    return AwsError("RequestInProgressException", message)


def certificate_in_progress() -> AwsError:
    """Ask for patience with a certificate."""
    message = "The request to issue the certificate is in progress."
    return AwsError("RequestInProgressException", message)


def limit_exceeded(message: str) -> AwsError:
    """Refuse because a quota is used up."""
    return AwsError("LimitExceededException", message)


def malformed_csr(message: str) -> AwsError:
    """Refuse a certificate request."""
    return AwsError("MalformedCSRException", message)


def malformed_certificate(message: str) -> AwsError:
    """Refuse a CA certificate or chain."""
    return AwsError("MalformedCertificateException", message)


def certificate_mismatch(message: str) -> AwsError:
    """Refuse a certificate of another key, or a chain that does not hold."""
    return AwsError("CertificateMismatchException", message)
