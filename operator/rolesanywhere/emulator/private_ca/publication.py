"""Revocation lists, written to S3.

https://docs.aws.amazon.com/privateca/latest/userguide/crl-planning.html
AWS writes about 30 minutes after a revocation and renews a list before its time by itself. Here a
list is written at once, and renewed by the next issue or revocation once half its time is over.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.records import Authority, PublishedList
from rolesanywhere.emulator.private_ca.request import Request
from rolesanywhere.emulator.private_ca.revocation_settings import (
    crl_key,
    crl_settings,
    partition_url,
)
from rolesanywhere.pki.crl import RevocationList, RevokedCertificate

_logger = logging.getLogger(__name__)

_TEST_KEY: Final = "acm-pca-permission-test-key"  # what AWS writes to try a bucket
_BACKDATING: Final = timedelta(minutes=60)  # of thisUpdate, as of a certificate's NotBefore
_MILLISECONDS: Final = 1000
_NO_BUCKET: Final = "NoSuchBucket"  # S3's code


def prepare(request: Request, authority: Authority) -> None:
    """Try the bucket a CA is to publish to, as AWS does when it is configured.

    Raises ``AwsError``: InvalidArgsException for a bucket that is not there, InvalidPolicyException
    for one that may not be written to.
    """
    settings = crl_settings(authority)
    if settings is None:
        return
    authority.partition_id = authority.partition_id or str(uuid4())
    try:
        request.put_object(settings["S3BucketName"], _TEST_KEY, b"")
    except AwsError as error:
        if error.code == _NO_BUCKET:
            raise refusals.invalid_arguments(error.message) from error
        raise refusals.invalid_policy(error.message) from error


def publish_if_due(request: Request, authority: Authority) -> None:
    """Write a first list, or a new one where the configuration or half its time asks for it."""
    settings = crl_settings(authority)
    if settings is not None and _is_due(request, authority, settings):
        _publish(request, authority, settings)


def publish(request: Request, authority: Authority) -> None:
    """Write a new list, if the CA publishes any."""
    settings = crl_settings(authority)
    if settings is not None:
        _publish(request, authority, settings)


def _is_due(request: Request, authority: Authority, settings: Mapping[str, Any]) -> bool:
    last = authority.published
    if last is None or (last.bucket, last.key) != _place(authority, settings):
        return True
    return request.now > last.at + (last.next_update - last.at) / 2


def _place(authority: Authority, settings: Mapping[str, Any]) -> tuple[str, str]:
    return settings["S3BucketName"], crl_key(authority, settings)


def _publish(request: Request, authority: Authority, settings: Mapping[str, Any]) -> None:
    """Sign and write.

    A bucket that refuses does not undo what the list is about: AWS tries again every 15 minutes,
    and here the next issue or revocation does.
    """
    now = request.now.replace(microsecond=0)
    until = now + timedelta(days=settings["ExpirationInDays"])
    revoked = RevocationList(
        entries=tuple(_entries(authority)),
        this_update=now - _BACKDATING,
        next_update=until,
        number=int(request.now.timestamp() * _MILLISECONDS),
        distribution_point=partition_url(authority, settings),
    )
    algorithm = authority.configuration["SigningAlgorithm"]
    der = request.vault.issuer(authority).revocation_list(revoked, algorithm)
    bucket, key = _place(authority, settings)
    try:
        request.put_object(bucket, key, der)
    except AwsError as error:
        _logger.warning("no revocation list of %s in S3: %s", authority.arn, error.message)
        authority.published = None
        return
    authority.published = PublishedList(bucket, key, now, until)


def _entries(authority: Authority) -> Iterator[RevokedCertificate]:
    """List what is revoked, until one list after it expires."""
    last = authority.published
    for certificate in authority.certificates.values():
        revocation = certificate.revocation
        is_listed = last is None or certificate.not_after >= last.at
        if revocation is not None and is_listed:
            yield RevokedCertificate(certificate.serial, revocation.at, revocation.reason)
