"""The Go helper's flags (aws_signing_helper 1.8), read from the command line.

Without argparse, which would take a third of the time ``credential-process`` has.
https://docs.aws.amazon.com/rolesanywhere/latest/userguide/credential-helper.html
"""

from __future__ import annotations

from rolesanywhere.cli.go_words import boolean, integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TEXTS = {
    "certificate": "PATH   PEM, or PKCS#12 with everything in it",
    "private-key": "PATH   PEM; the certificate's file unless given",
    "intermediates": "PATH   PEM, the CAs between the certificate and the trust anchor",
    "trust-anchor-arn": "ARN   whom AWS trusts to have issued the certificate",
    "profile-arn": "ARN   of Roles Anywhere's profile that has the role",
    "role-arn": "ARN   of the IAM role whose credentials are wanted",
    "session-duration": "SECONDS   from 900 to 43200 (default 3600)",
    "region": "REGION   the trust anchor's unless given",
    "endpoint": "URL   AWS's own unless given",
    "role-session-name": "NAME   for CloudTrail; the profile must accept one",
    "pkcs8-password": "TEXT   of an encrypted key, for all users of this machine to see",
    "password-file": "PATH   holds that password; better",
}
SWITCHES = {
    "with-proxy": "no effect: HTTPS_PROXY is always followed",
    "debug": "say on standard error where the credentials come from",
}
_SESSION_SECONDS = range(900, 43_201)
_REQUIRED = ("certificate", "trust-anchor-arn", "profile-arn", "role-arn")
_ELSEWHERE = "keys in hardware and in the system's stores are not supported: give files"
_UNSUPPORTED_TEXTS = dict.fromkeys(
    ("cert-selector", "system-store-name", "pkcs11-lib", "tpm-key-password"), _ELSEWHERE
)
_UNSUPPORTED_SWITCHES = {
    "no-verify-ssl": "TLS is always verified: name your CA in AWS_CA_BUNDLE",
    "use-latest-expiring-certificate": _ELSEWHERE,
    "reuse-pin": _ELSEWHERE,
    "no-tpm-key-password": _ELSEWHERE,
}
_NUMBERS = ("session-duration", "port", "hop-limit")  # of which an empty one is none
_OTHER_KEYS = ("pkcs11:", "handle:")


class UsageError(ValueError):
    """A wrong command line; the message says what is wrong with it."""


class HelpWanted(Exception):  # noqa: N818 - no error
    """``--help`` was asked for."""


def read(
    arguments: Sequence[str], texts: Mapping[str, str], switches: Mapping[str, str]
) -> dict[str, str]:
    """Read ``--name value``, ``--name=value`` and switches (given as "true" or "false").

    A text that is empty counts as not given, numbers are given in plain decimal. Words that are no
    flags have no effect, nor has anything behind ``--``: the helper's parser leaves them to the
    command, which looks at none. ``texts`` and ``switches`` are the command's own, beside the
    common ones. Raises ``UsageError`` or ``HelpWanted``.
    """
    all_texts = {**TEXTS, **texts, **_UNSUPPORTED_TEXTS}
    all_switches = {**SWITCHES, **switches, **_UNSUPPORTED_SWITCHES}
    given: dict[str, str] = {}
    rest = list(arguments)
    while rest and (word := rest.pop(0)) != "--":
        if not word.startswith("-") or word == "-":
            continue
        name, value = _split(word)
        if name in all_switches:
            given[name] = _switch(name, value)
        elif name in all_texts:
            given[name] = _value(name, rest) if value is None else value
        else:
            message = f"there is no flag --{name}; see --help"
            raise UsageError(message)
    given = {name: value for name, value in given.items() if value or name in _NUMBERS}
    _refuse_unsupported(given)
    _check(given)
    return {name: _plain(value) if name in _NUMBERS else value for name, value in given.items()}


def usage(command: str, texts: Mapping[str, str], switches: Mapping[str, str]) -> str:
    """Write a command's help."""
    from rolesanywhere.cli import helper_usage  # noqa: PLC0415 - only for whoever asks

    return helper_usage.usage(command, {**TEXTS, **texts}, {**SWITCHES, **switches})


def _split(word: str) -> tuple[str, str | None]:
    if word in ("--help", "-h"):
        raise HelpWanted
    if not word.startswith("--"):
        message = f"there is no flag {word}; see --help"
        raise UsageError(message)
    name, equals, value = word.removeprefix("--").partition("=")
    return name, value if equals else None


def _switch(name: str, value: str | None) -> str:
    meaning = True if value is None else boolean(value)
    if meaning is None:
        message = f"--{name}={value} is neither true nor false"
        raise UsageError(message)
    return "true" if meaning else "false"


def _value(name: str, rest: list[str]) -> str:
    if rest:
        return rest.pop(0)
    message = f"--{name} lacks its value"
    raise UsageError(message)


def _plain(number: str) -> str:
    """Write it in plain decimal; what is no number stays as it is, for whoever checks it."""
    value = integer(number)
    return number if value is None else str(value)


def _refuse_unsupported(given: dict[str, str]) -> None:
    """Refuse what cannot be had here; a switch that says no to it is as good as none."""
    for name in _UNSUPPORTED_SWITCHES:
        if given.get(name) == "false":
            del given[name]
    for name, because in (*_UNSUPPORTED_TEXTS.items(), *_UNSUPPORTED_SWITCHES.items()):
        if name in given:
            message = f"--{name} is not supported: {because}"
            raise UsageError(message)


def _check(given: Mapping[str, str]) -> None:
    for name in ("certificate", "private-key"):
        if given.get(name, "").startswith(_OTHER_KEYS):
            message = f"--{name} {given[name]!r}: {_ELSEWHERE}"
            raise UsageError(message)
    missing = [f"--{name}" for name in _REQUIRED if not given.get(name)]
    if missing:
        message = f"missing: {', '.join(missing)}"
        raise UsageError(message)
    name = given.get("role-session-name", "")
    if not name.isascii():  # before AWS says so in words of its own; what is no text cannot be sent
        message = f"--role-session-name {name!r} holds more than letters, digits and _+=,.@-"
        raise UsageError(message)
    seconds = given.get("session-duration", "3600")
    if integer(seconds) not in _SESSION_SECONDS:
        message = f"--session-duration {seconds!r} is not a number from 900 to 43200"
        raise UsageError(message)
