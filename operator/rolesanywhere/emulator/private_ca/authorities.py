"""Certificate authorities: made, described, listed, switched off and on."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.private_ca import idempotency, refusals
from rolesanywhere.emulator.private_ca.answers import describe as answer_of
from rolesanywhere.emulator.private_ca.paging import page
from rolesanywhere.emulator.private_ca.publication import prepare
from rolesanywhere.emulator.private_ca.records import Authority, Kind, Status
from rolesanywhere.emulator.private_ca.request import Request
from rolesanywhere.emulator.private_ca.revocation_settings import accept
from rolesanywhere.emulator.private_ca.statuses import is_gone, look, move
from rolesanywhere.emulator.private_ca.tagging import tags_of
from rolesanywhere.pki.issuers import StoredIssuer

_DEFAULT_KEY_STORAGE: Final = "FIPS_140_2_LEVEL_3_OR_HIGHER"
_CHINA: Final = "aws-cn"
_CHINESE_KEY_STORAGE: Final = "CCPC_LEVEL_1_OR_HIGHER"
_GENERAL_PURPOSE: Final = "GENERAL_PURPOSE"
_SWITCHABLE: Final = (Status.ACTIVE, Status.DISABLED)


def known(request: Request) -> dict[str, Any] | None:
    """Give the answer to the same CreateCertificateAuthority of the last 5 minutes, or None."""
    _forget_gone(request)
    arn = idempotency.recall(request)
    return {"CertificateAuthorityArn": arn} if arn in request.state.authorities else None


def create(request: Request, issuer: StoredIssuer) -> dict[str, Any]:
    """CreateCertificateAuthority, with the key already made: that takes its time.

    Raises ``AwsError``: InvalidArgsException, InvalidTagException, InvalidPolicyException,
    LimitExceededException.
    """
    if (answer := known(request)) is not None:
        return answer
    _require_room(request)
    authority = _authority(request, issuer)
    prepare(request, authority)
    request.state.authorities[authority.arn] = authority
    idempotency.remember(request, authority.arn)
    return {"CertificateAuthorityArn": authority.arn}


def describe(request: Request) -> dict[str, Any]:
    """DescribeCertificateAuthority."""
    authority = request.authority()
    look(authority, request.now)
    return {"CertificateAuthority": answer_of(authority, request.now)}


def list_all(request: Request) -> dict[str, Any]:
    """ListCertificateAuthorities: the caller's own, or none of what others share by policy.

    Others share by Resource Access Manager, which the emulator has not.
    """
    is_own = request.parameters.get("ResourceOwner", "SELF") == "SELF"
    found = _own(request) if is_own else []
    chosen, more = page(
        found,
        request.parameters,
        name_of=lambda authority: authority.arn,
        most=request.settings.page_size,
    )
    for authority in chosen:
        look(authority, request.now)
    return {"CertificateAuthorities": [answer_of(each, request.now) for each in chosen], **more}


def update(request: Request) -> dict[str, Any]:
    """UpdateCertificateAuthority: ACTIVE or DISABLED, and how revocation is published.

    Raises ``AwsError``: InvalidStateException, InvalidArgsException.
    """
    authority, wanted = request.authority(), request.parameters.get("Status")
    if wanted is not None and wanted not in _SWITCHABLE:
        message = f"A certificate authority cannot be updated to status {wanted}."
        raise refusals.invalid_arguments(message)
    if request.status(authority) not in _SWITCHABLE:
        raise refusals.wrong_state(authority.arn, "be updated")
    given = request.parameters.get("RevocationConfiguration")
    if given is not None:
        _configure_revocation(request, authority, given)
    if wanted is not None and wanted != authority.status:
        move(authority, Status(wanted), request.now)
    return {}


def _configure_revocation(request: Request, authority: Authority, given: Mapping[str, Any]) -> None:
    """Take a new configuration, unless its bucket cannot be written to: then keep the old."""
    before = authority.revocation_configuration
    authority.revocation_configuration = accept(given, before)
    try:
        prepare(request, authority)
    except AwsError:
        authority.revocation_configuration = before
        raise


def _own(request: Request) -> list[Authority]:
    return [
        each
        for each in request.state.authorities.values()
        if each.account == request.caller.account
        and each.region == request.caller.region
        and not is_gone(each, request.now)
    ]


def _forget_gone(request: Request) -> None:
    """Drop the CAs whose restoration period is over, with their keys and certificates."""
    held = request.state.authorities
    for arn in [arn for arn, each in held.items() if is_gone(each, request.now)]:
        del held[arn]
        request.vault.forget(arn)


def _require_room(request: Request) -> None:
    alive = [each for each in _own(request) if each.status is not Status.DELETED]
    if len(alive) >= request.settings.most_authorities:
        message = (
            f"You have reached your limit of {request.settings.most_authorities} "
            "certificate authorities."
        )
        raise refusals.limit_exceeded(message)


def _authority(request: Request, issuer: StoredIssuer) -> Authority:
    caller, given = request.caller, request.parameters
    return Authority(
        arn=(
            f"arn:{caller.partition}:acm-pca:{caller.region}:{caller.account}:"
            f"certificate-authority/{uuid4()}"
        ),
        account=caller.account,
        kind=Kind(given["CertificateAuthorityType"]),
        configuration=dict(given["CertificateAuthorityConfiguration"]),
        revocation_configuration=accept(given.get("RevocationConfiguration") or {}),
        usage_mode=given.get("UsageMode", _GENERAL_PURPOSE),
        key_storage=_key_storage(request),
        private_key=issuer.private_key,
        csr=issuer.request.decode("ascii"),
        created_at=request.now,
        state_changed_at=request.now,
        asks_left=request.settings.asks_in_progress,
        status=Status.CREATING if request.settings.asks_in_progress else Status.PENDING_CERTIFICATE,
        tags=tags_of(given.get("Tags") or ()),
    )


def _key_storage(request: Request) -> str:
    """Choose the standard a region supports, or refuse one it does not."""
    is_chinese = request.caller.partition == _CHINA
    supported = _CHINESE_KEY_STORAGE if is_chinese else _DEFAULT_KEY_STORAGE
    wanted = str(request.parameters.get("KeyStorageSecurityStandard", _DEFAULT_KEY_STORAGE))
    if (wanted == _CHINESE_KEY_STORAGE) is not is_chinese:
        message = (
            "A certificate authority cannot be created in this region with the specified "
            "security standard."
        )
        raise refusals.invalid_arguments(message)
    return supported if wanted == _DEFAULT_KEY_STORAGE else wanted
