"""Private CA's front: one method for every operation, one lock, one state.

The lock is held while an operation runs: it makes every operation atomic, and nothing in one takes
long but a signature. Making a CA's key does take long, so that happens outside.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.private_ca import (
    activation,
    audit,
    authorities,
    deletion,
    issuing,
    permissions,
    policies,
    refusals,
    revoking,
    tagging,
)
from rolesanywhere.emulator.private_ca.anchoring import AuthorityView, view_of
from rolesanywhere.emulator.private_ca.checking import check
from rolesanywhere.emulator.private_ca.model import REQUESTS
from rolesanywhere.emulator.private_ca.records import State
from rolesanywhere.emulator.private_ca.request import PutObject, Request
from rolesanywhere.emulator.private_ca.settings import Settings
from rolesanywhere.emulator.private_ca.vault import Vault
from rolesanywhere.pki.issuers import StoredIssuer, create_issuer
from rolesanywhere.pki.passthrough import InvalidPassthrough
from rolesanywhere.pki.signing_methods import UnsuitableAlgorithm
from rolesanywhere.pki.subjects import InvalidSubject

_CREATE: Final = "CreateCertificateAuthority"
OPERATIONS: Final[Mapping[str, Callable[[Request], dict[str, Any]]]] = {
    "CreateCertificateAuthorityAuditReport": audit.create,
    "CreatePermission": permissions.create,
    "DeleteCertificateAuthority": deletion.delete,
    "DeletePermission": permissions.delete,
    "DeletePolicy": policies.delete,
    "DescribeCertificateAuthority": authorities.describe,
    "DescribeCertificateAuthorityAuditReport": audit.describe,
    "GetCertificate": issuing.get,
    "GetCertificateAuthorityCertificate": activation.own_certificate,
    "GetCertificateAuthorityCsr": activation.csr,
    "GetPolicy": policies.get,
    "ImportCertificateAuthorityCertificate": activation.install,
    "IssueCertificate": issuing.issue,
    "ListCertificateAuthorities": authorities.list_all,
    "ListPermissions": permissions.list_all,
    "ListTags": tagging.list_tags,
    "PutPolicy": policies.put,
    "RestoreCertificateAuthority": deletion.restore,
    "RevokeCertificate": revoking.revoke,
    "TagCertificateAuthority": tagging.tag,
    "UntagCertificateAuthority": tagging.untag,
    "UpdateCertificateAuthority": authorities.update,
}


class PrivateCAService:
    """acm-pca for all accounts and regions. Share it between threads."""

    def __init__(
        self, clock: Clock, put_object: PutObject, settings: Settings | None = None
    ) -> None:
        """Take the time, a way to write to S3 (bucket, key, body), and quotas."""
        self._clock = clock
        self._put_object = put_object
        self._settings = settings or Settings()
        self._lock = threading.RLock()
        self._state = State()
        self._vault = Vault()

    def handle(
        self, operation: str, parameters: Mapping[str, Any], caller: Caller
    ) -> dict[str, Any]:
        """Run an operation; parameters and answer as JSON 1.1 has them on the wire.

        Blobs are base64 text, timestamps epoch seconds. Raises ``AwsError``.
        """
        if operation not in REQUESTS:
            raise refusals.unknown_operation(operation)
        check(parameters, REQUESTS[operation])
        if operation == _CREATE:
            return self._create(parameters, caller)
        with self._lock:
            return OPERATIONS[operation](self._request(operation, parameters, caller))

    def _create(self, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Make the key between two holds of the lock, unless the first one finds a repetition."""
        with self._lock:
            known = authorities.known(self._request(_CREATE, parameters, caller))
        if known is not None:
            return known
        issuer = _new_issuer(parameters)
        with self._lock:
            return authorities.create(self._request(_CREATE, parameters, caller), issuer)

    def active_authority(self, arn: str) -> str:
        """Give the certificate (PEM) of an ACTIVE CA.

        Raises ``AwsError``: ResourceNotFoundException or InvalidStateException.
        """
        view = self.authority_certificate(arn)
        if view.status != "ACTIVE" or view.certificate is None:
            raise refusals.wrong_state(arn, "be used as a trust anchor")
        return view.certificate

    def authority_certificate(self, arn: str) -> AuthorityView:
        """Give a CA's status and certificate. Raises ``AwsError`` (ResourceNotFoundException)."""
        with self._lock:
            return view_of(self._state, arn, self._clock.now())

    def snapshot(self) -> dict[str, Any]:
        """Give everything as JSON-able values. It holds the CAs' private keys."""
        with self._lock:
            snapshot: dict[str, Any] = msgspec.to_builtins(self._state)
            return snapshot

    def load(self, snapshot: Mapping[str, Any]) -> None:
        """Put a snapshot in place of everything. Raises ``msgspec.ValidationError``."""
        state = msgspec.convert(snapshot, State)
        with self._lock:
            self._state = state
            self._vault.clear()

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._state = State()
            self._vault.clear()

    def _request(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> Request:
        return Request(
            operation=operation,
            parameters=parameters,
            caller=caller,
            now=self._clock.now(),
            state=self._state,
            vault=self._vault,
            settings=self._settings,
            put_object=self._put_object,
        )


def _new_issuer(parameters: Mapping[str, Any]) -> StoredIssuer:
    """Make a CA's key and request. Raises ``AwsError`` (InvalidArgsException)."""
    try:
        return create_issuer(parameters["CertificateAuthorityConfiguration"])
    except (UnsuitableAlgorithm, InvalidSubject, InvalidPassthrough) as error:
        raise refusals.invalid_arguments(str(error)) from error
