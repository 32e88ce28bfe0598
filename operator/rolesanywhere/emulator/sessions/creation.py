"""CreateSession from beginning to end, in the order AWS checks.

The order is documented in part (signature, then chain, then trust policy); the rest follows what
is known of its answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rolesanywhere.domain import moments
from rolesanywhere.domain.principal_tags import default_session_name, session_tags, source_identity
from rolesanywhere.emulator.authentication.principal import Credential
from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.http.message import Request, Response
from rolesanywhere.emulator.http.wire import json_answer
from rolesanywhere.emulator.role import Roles
from rolesanywhere.emulator.roles_anywhere import subjects
from rolesanywhere.emulator.roles_anywhere.quotas import Quota, Quotas
from rolesanywhere.emulator.roles_anywhere.records import Profile
from rolesanywhere.emulator.roles_anywhere.store import Region, Store
from rolesanywhere.emulator.sessions import certificate
from rolesanywhere.emulator.sessions.entitlement import require_profile, require_role
from rolesanywhere.emulator.sessions.narrowing import packed_size, session_policies
from rolesanywhere.emulator.sessions.parameters import SessionParameters, read_parameters
from rolesanywhere.emulator.sessions.tokens import Grant, Tokens, new_access_key_id
from rolesanywhere.emulator.sessions.trust import Bearer, require_trust
from rolesanywhere.pki.verification import VerifiedRequest

_CREATED = 201


@dataclass(frozen=True, slots=True)
class _Granted:
    """A session and what its answer says of it."""

    grant: Grant
    credential: Credential
    packed_size: int


class Sessions:
    """Grants sessions from the records of one store."""

    def __init__(
        self,
        store: Store,
        roles: Roles,
        tokens: Tokens,
        quotas: Quotas,
        clock: Clock,
        machine_now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._roles = roles
        self._tokens = tokens
        self._quotas = quotas
        self._clock = clock
        self._machine_now = machine_now

    def create(self, request: Request, caller: Caller) -> Response:
        """Answer CreateSession. Raises ``AwsError``."""
        self._quotas.require_turn(Quota.SESSION_RATE, caller.region, "CreateSession")
        asked = read_parameters(request)
        verified = certificate.require_signature(request, caller.region, self._machine_now())
        with self._store.lock:
            region = self._store.region(caller.region)
        now = self._clock.now()
        anchor = certificate.require_anchor(region, asked.trust_anchor_arn)
        certificate.require_trusted(verified, anchor, now)
        try:
            certificate.require_not_revoked(verified, anchor, region)
            granted = self._grant(region, asked, verified, caller, now)
        except AwsError:
            self._record(region, verified, caller, now, failed=True)
            raise
        subject_arn = self._record(region, verified, caller, now, failed=False)
        return json_answer(_CREATED, _answer(granted, subject_arn))

    def _grant(
        self,
        region: Region,
        asked: SessionParameters,
        verified: VerifiedRequest,
        caller: Caller,
        now: datetime,
    ) -> _Granted:
        profile = require_profile(region, asked)
        entitlement = require_role(profile, asked, self._roles)
        bearer = _bearer(verified, profile, asked, caller)
        require_trust(entitlement.role, bearer)
        role = entitlement.role
        whole = moments.whole_seconds(now)
        grant = Grant(
            access_key_id=new_access_key_id(),
            account=caller.account,
            partition=caller.partition,
            role_arn=role.arn,
            role_name=role.name,
            role_id=role.role_id,
            session_name=bearer.session_name,
            source_identity=bearer.source_identity,
            tags={**role.tags, **bearer.tags},
            session_policies=session_policies(profile, self._roles, role.arn),
            issued_at=whole,
            expiration=whole + timedelta(seconds=entitlement.duration_seconds),
        )
        used = packed_size(profile, bearer.tags)
        return _Granted(grant, self._tokens.seal(grant), used)

    def _record(
        self,
        region: Region,
        verified: VerifiedRequest,
        caller: Caller,
        now: datetime,
        *,
        failed: bool,
    ) -> str:
        prefix = f"arn:{caller.partition}:rolesanywhere:{caller.region}:{caller.account}:"
        with self._store.lock:
            subject = subjects.record(
                region,
                verified.leaf,
                verified.leaf_der,
                arn_prefix=prefix,
                now=now,
                failed=failed,
            )
        return subject.arn


def _bearer(
    verified: VerifiedRequest, profile: Profile, asked: SessionParameters, caller: Caller
) -> Bearer:
    return Bearer(
        tags=session_tags(verified.leaf, profile.mappings),
        source_identity=source_identity(verified.leaf),
        session_name=asked.role_session_name or default_session_name(verified.leaf),
        trust_anchor_arn=asked.trust_anchor_arn,
        account=caller.account,
        region=caller.region,
    )


def _answer(granted: _Granted, subject_arn: str) -> dict[str, Any]:
    grant, credential = granted.grant, granted.credential
    return {
        "credentialSet": [
            {
                "assumedRoleUser": {"arn": grant.arn, "assumedRoleId": grant.user_id},
                "credentials": {
                    "accessKeyId": credential.access_key_id,
                    "secretAccessKey": credential.secret_access_key,
                    "sessionToken": credential.session_token,
                    "expiration": moments.show(grant.expiration),
                },
                "packedPolicySize": granted.packed_size,
                "roleArn": grant.role_arn,
                "sourceIdentity": grant.source_identity,
            }
        ],
        "subjectArn": subject_arn,
    }
