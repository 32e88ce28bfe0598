"""One call of an operation: parameters, caller, time, and the way to the records it names."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.records import Authority, Certificate, State, Status
from rolesanywhere.emulator.private_ca.settings import Settings
from rolesanywhere.emulator.private_ca.sharing import is_shared
from rolesanywhere.emulator.private_ca.statuses import is_gone, status_at
from rolesanywhere.emulator.private_ca.vault import Vault

_AUTHORITY_ARN: Final = re.compile(r"arn:[^:]+:acm-pca:[^:]+:\d{12}:certificate-authority/[^/:]+")
_CERTIFICATE_ARN: Final = re.compile(_AUTHORITY_ARN.pattern + r"/certificate/[^/:]+")

PutObject = Callable[[str, str, bytes], None]  # bucket, key, body


@dataclass(frozen=True, slots=True)
class Request:
    """What an operation is given. Its parameters fit the model already."""

    operation: str
    parameters: Mapping[str, Any]
    caller: Caller
    now: datetime
    state: State
    vault: Vault
    settings: Settings
    put_object: PutObject

    def authority(self, member: str = "CertificateAuthorityArn") -> Authority:
        """Find the CA the request names; it need not be the caller's own if it is shared.

        Raises ``AwsError``: InvalidArnException, ResourceNotFoundException (also after the
        restoration period) or AccessDeniedException.
        """
        arn = str(self.parameters[member])
        if not _AUTHORITY_ARN.fullmatch(arn):
            raise refusals.invalid_arn(arn)
        authority = self.state.authorities.get(arn)
        if (
            authority is None
            or authority.region != self.caller.region
            or is_gone(authority, self.now)
        ):
            raise refusals.not_found(arn)
        if authority.account != self.caller.account and not is_shared(
            authority, self.operation, self.caller, self.parameters
        ):
            raise refusals.access_denied(self.operation, arn, self.caller.principal_arn)
        return authority

    def status(self, authority: Authority) -> Status:
        """Tell a CA's status now."""
        return status_at(authority, self.now)

    def certificate(self, authority: Authority) -> Certificate:
        """Find the certificate the request names.

        Raises ``AwsError``: InvalidArnException or ResourceNotFoundException.
        """
        arn = str(self.parameters["CertificateArn"])
        if not _CERTIFICATE_ARN.fullmatch(arn):
            raise refusals.invalid_arn(arn)
        if arn not in authority.certificates:
            raise refusals.not_found(arn)
        return authority.certificates[arn]
