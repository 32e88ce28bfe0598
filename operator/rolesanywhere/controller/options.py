"""The controller's options: text in, ``Options`` out; a wrong one ends it with status 2."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rolesanywhere.domain import moments

DEFAULT_NAMESPACE: Final = "rolesanywhere-system"
_LEVELS: Final = ("debug", "info", "warning", "error")
_EXAMPLES: Final = """\
examples:
  rolesanywhere controller                 # in a pod: its ServiceAccount and AWS credentials
  rolesanywhere controller --kubeconfig ~/.kube/config --cluster-id lab
  AWS_ENDPOINT_URL=http://127.0.0.1:4599 rolesanywhere controller --resync 10s
"""


@dataclass(frozen=True, slots=True)
class Options:
    """What the controller was asked to do. Times in seconds."""

    kubeconfig: Path | None
    namespace: str
    cluster_id: str | None
    trust_domain: str | None
    session_endpoint: str | None
    resync_seconds: float
    refused_seconds: float
    proof_seconds: float
    workers: int
    leader_elect: bool
    log_level: str


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line. Exits 2 with a message for people when it is wrong."""
    given = _parser().parse_args(arguments)
    return Options(
        kubeconfig=given.kubeconfig,
        namespace=given.namespace,
        cluster_id=given.cluster_id,
        trust_domain=given.trust_domain,
        session_endpoint=given.session_endpoint,
        resync_seconds=given.resync,
        refused_seconds=min(given.refused, given.resync),
        proof_seconds=given.proof,
        workers=given.workers,
        leader_elect=given.leader_elect,
        log_level=given.log_level,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rolesanywhere controller",
        description="Reconcile TrustAnchors, Profiles and WorkloadIdentities with AWS.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--kubeconfig",
        type=Path,
        metavar="FILE",
        help="of the cluster to serve, its current context (default: the pod's, else KUBECONFIG)",
    )
    add(
        "--namespace",
        default=DEFAULT_NAMESPACE,
        help=f"where the lease and the Secrets of own CAs are (default {DEFAULT_NAMESPACE})",
    )
    add(
        "--cluster-id",
        metavar="ID",
        help="by which this cluster's objects are known in AWS; never change it (default: the uid "
        "of the namespace kube-system)",
    )
    add(
        "--trust-domain",
        metavar="NAME",
        help="of the URI in certificates, spiffe://NAME/ns/…/sa/…; no two clusters that share a CA "
        "may have the same (default ID.cluster.local, by the cluster's id)",
    )
    add(
        "--session-endpoint",
        metavar="URL",
        help="where agents find CreateSession; written into agent.json (default: AWS's own)",
    )
    add("--resync", type=_duration, default=600.0, metavar="TIME", help="between looks (10m)")
    add(
        "--refused",
        type=_duration,
        default=60.0,
        metavar="TIME",
        help="between looks at an object whose spec must change first (1m)",
    )
    add("--proof", type=_duration, default=3600.0, metavar="TIME", help="age of a proof (1h)")
    add("--workers", type=_positive, default=16, metavar="N", help="threads that reconcile (16)")
    add(
        "--leader-elect",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="work only while holding the lease, of all controllers of a cluster one; others wait "
        "to take over (default on; never run two without it)",
    )
    add("--log-level", choices=_LEVELS, default="info", help="(default info)")
    return parser


def _duration(text: str) -> float:
    try:
        seconds = moments.duration_seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if seconds == 0:
        message = "must be at least 1s"
        raise argparse.ArgumentTypeError(message)
    return float(seconds)


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        message = f"{text!r} is not a number of threads"
        raise argparse.ArgumentTypeError(message)
    return number
