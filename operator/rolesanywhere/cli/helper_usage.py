"""The help of the Go helper's commands. For whoever asks: nobody else imports it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_COLUMN = 30  # at which a flag's words begin
_GAP = "   "  # between a flag's value and its words
_FILES = "--certificate tls.crt --private-key tls.key"
_ARNS = "--trust-anchor-arn ARN --profile-arn ARN --role-arn ARN"
_STATUSES = {
    "credential-process": (
        ("0", "credentials were printed"),
        ("1", "key or certificate cannot be read, or will not do"),
        ("2", "a wrong flag, endpoint, region, proxy, CA bundle or AWS config file"),
        ("3", "AWS refused"),
        ("4", "no answer of use from AWS in time"),
        ("130", "interrupted by Ctrl-C"),
    ),
    "serve": (
        ("0", "ended by SIGTERM or Ctrl-C"),
        ("1", "the port cannot be opened"),
        ("2", "a wrong flag or AWS config file"),
    ),
    "update": (
        ("0", "ended by SIGTERM or Ctrl-C; with --once: the file is written"),
        ("1", "the file's folder cannot be made; with --once: the file cannot be written"),
        ("2", "a wrong flag or AWS config file; with --once: endpoint, region, proxy, CA bundle"),
        ("3", "with --once: AWS refused"),
        ("4", "with --once: no answer from AWS in time, or key and certificate will not do"),
        ("130, 143", "with --once: interrupted by Ctrl-C, by SIGTERM"),
    ),
}
_PURPOSES = {
    "credential-process": "Print temporary AWS credentials, for an AWS config's credential_process."
    "\nThey are kept until shortly before their end: not every run asks AWS.",
    "serve": "Serve temporary AWS credentials to this machine as EC2's instance metadata service"
    "\n(version 2) does; prints the variable that makes SDKs find it.",
    "update": "Keep temporary AWS credentials in the shared credentials file: in the one"
    "\nthat AWS_SHARED_CREDENTIALS_FILE names, or ~/.aws/credentials.",
}


def usage(command: str, texts: Mapping[str, str], switches: Mapping[str, str]) -> str:
    """Write a command's help; each text is its value's name and, behind a gap, words about it."""
    parts = (text.partition(_GAP) for text in texts.values())
    flags = [
        (f"--{name} {value}", words) for name, (value, _, words) in zip(texts, parts, strict=True)
    ]
    flags += [(f"--{name}", words) for name, words in switches.items()]
    chapters = (
        f"usage: rolesanywhere {command} FLAGS",
        f"{_PURPOSES[command]}\nA certificate and three ARNs are required.",
        "flags, as aws_signing_helper has them:\n" + _rows(flags, _COLUMN),
        f"example:\n  rolesanywhere {command} {_FILES} \\\n    {_ARNS}",
        "exit statuses:\n" + _rows(_STATUSES[command], 10),
    )
    return "\n\n".join(chapters) + "\n"


def _rows(rows: Iterable[tuple[str, str]], column: int) -> str:
    return "\n".join(f"  {left:<{column}}{right}".rstrip() for left, right in rows)
