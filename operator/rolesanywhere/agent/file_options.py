"""One identity from files and ARNs instead of a Secret's folder, in the Go helper's words.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/credential-helper.html
"""

import argparse
import os
from typing import Final

from rolesanywhere.agent.identity import FilesIdentity
from rolesanywhere.agent.words import is_name, number
from rolesanywhere.domain.session_region import session_region

_ARNS: Final = ("trust_anchor_arn", "profile_arn", "role_arn")
_USUAL_DURATION: Final = 3600  # seconds
_DURATION: Final = (900, 43_200)  # seconds, as CreateSession takes it


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = parser.add_argument_group(
        "one identity from files, instead of --identity-dir; named as --profile says, or `default`"
    )
    for name, words in (
        ("certificate", "PEM, or PKCS#12 with everything in it"),
        ("private-key", "PEM; the certificate's file unless given"),
        ("intermediates", "PEM, the CAs between the certificate and the trust anchor"),
        ("password-file", "holds the password of an encrypted key; only the exchange reads it"),
    ):
        group.add_argument(f"--{name}", metavar="PATH", help=words)
    group.add_argument(
        "--pkcs8-password",
        metavar="TEXT",
        help="the same as text, for all users of this machine to see; prefer --password-file",
    )
    for name in _ARNS:
        group.add_argument(f"--{name.replace('_', '-')}", metavar="ARN")
    group.add_argument(
        "--session-duration",
        type=number(*_DURATION),
        metavar="SECONDS",
        help="from 900 to 43200 (default 3600)",
    )
    group.add_argument("--region", help="the trust anchor's unless given")
    group.add_argument("--endpoint", metavar="URL", help="AWS's own unless given")
    group.add_argument(
        "--role-session-name", metavar="NAME", help="the profile must accept one; see CloudTrail"
    )


def identity(parser: argparse.ArgumentParser, given: argparse.Namespace) -> FilesIdentity | None:
    """Give the identity that was described; None if none was. Exits 2 for half of one."""
    if given.certificate is None:
        _require_nothing(parser, given)
        return None
    if given.identity_dir:
        parser.error("--certificate and --identity-dir exclude each other")
    for name in _ARNS:
        if getattr(given, name) is None:
            parser.error(f"--certificate needs --{name.replace('_', '-')} too")
    try:
        region = session_region(
            given.trust_anchor_arn, given.profile_arn, named=given.region or None
        )
    except ValueError as error:
        parser.error(str(error))
    name = given.profile if given.profile and is_name(given.profile) else "default"
    return FilesIdentity(
        name=name,
        certificate=os.path.abspath(given.certificate),  # noqa: PTH100 - pathlib costs the server memory
        private_key=os.path.abspath(given.private_key or given.certificate),  # noqa: PTH100 - as above
        intermediates=given.intermediates or None,  # an empty option is none, as in the helper
        password=given.pkcs8_password,
        password_file=given.password_file or None,
        configuration={
            "name": name,
            "namespace": "",
            "region": region,
            "trustAnchorArn": given.trust_anchor_arn,
            "profileArn": given.profile_arn,
            "roleArn": given.role_arn,
            "sessionDurationSeconds": given.session_duration or _USUAL_DURATION,
            "endpoint": given.endpoint or None,
            "roleSessionName": given.role_session_name or None,
        },
    )


def _require_nothing(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    files = ("private_key", "intermediates", "password_file", "pkcs8_password")
    settings = ("session_duration", "region", "endpoint", "role_session_name")
    names = (*files, *_ARNS, *settings)  # a folder's agent.json says what these say
    for name in names:
        if getattr(given, name) is not None:
            parser.error(f"--{name.replace('_', '-')} is of use with --certificate only")
