"""Subjects: one per X.509 subject that asked for a session, with the certificates it showed."""

import ssl
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from rolesanywhere.domain.certificate import CertificateFacts, serial_hex
from rolesanywhere.emulator.roles_anywhere.context import Call
from rolesanywhere.emulator.roles_anywhere.paging import page
from rolesanywhere.emulator.roles_anywhere.records import SeenCredential, Subject
from rolesanywhere.emulator.roles_anywhere.store import Region, new_id
from rolesanywhere.emulator.roles_anywhere.wire import Shown, show_subject, show_subject_summary

_MOST_SUBJECTS: Final = 1000  # per region: a load test must not fill the memory
_MOST_CREDENTIALS: Final = 10  # per subject: rotation brings a new one every time


def get(call: Call) -> Shown:
    """GetSubject."""
    return {"subject": show_subject(call.region.subjects.get(call.parameters["subjectId"]))}


def list_all(call: Call) -> Shown:
    """ListSubjects."""
    subjects, token = page(call.region.subjects, call.parameters)
    more = {} if token is None else {"nextToken": token}
    return {"subjects": [show_subject_summary(each) for each in subjects], **more}


def record(
    region: Region,
    leaf: CertificateFacts,
    leaf_der: bytes,
    *,
    arn_prefix: str,
    now: datetime,
    failed: bool,
) -> Subject:
    """Note that a certificate asked for a session, and give its subject.

    ``arn_prefix`` is everything of an ARN before ``subject/…``. The oldest subjects and
    certificates make room for new ones.
    """
    name = leaf.subject.text
    known = next((each for each in region.subjects if each.x509_subject == name), None)
    subject = known or _new(name, arn_prefix, now)
    seen = SeenCredential(
        serial=serial_hex(leaf.serial),
        issuer=leaf.issuer.text,
        certificate=ssl.DER_cert_to_PEM_cert(leaf_der),
        seen_at=now,
        failed=failed,
    )
    region.subjects.records.pop(subject.id, None)  # to the end: seen last, dropped last
    kept = region.subjects.put(
        replace(
            subject, last_seen_at=now, updated_at=now, credentials=_with(subject.credentials, seen)
        )
    )
    while len(region.subjects) > _MOST_SUBJECTS:
        region.subjects.remove(next(iter(region.subjects)))
    return kept


def _new(name: str, arn_prefix: str, now: datetime) -> Subject:
    identifier = new_id()
    return Subject(
        id=identifier,
        arn=f"{arn_prefix}subject/{identifier}",
        x509_subject=name,
        created_at=now,
        updated_at=now,
        last_seen_at=now,
        credentials={},
    )


def _with(
    credentials: Mapping[str, SeenCredential], seen: SeenCredential
) -> dict[str, SeenCredential]:
    others = [each for each in credentials.values() if each.serial != seen.serial]
    return {each.serial: each for each in [*others, seen][-_MOST_CREDENTIALS:]}
