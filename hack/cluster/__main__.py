"""``python -m hack.cluster up|down|status|build``: the local control plane from a shell."""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Final

from hack.cluster import build, certificates, leftovers
from hack.cluster.control_plane import ControlPlane
from hack.cluster.errors import ClusterError
from hack.cluster.folder import STATE, Folder

_EXAMPLE: Final = f"""example:
  python -m hack.cluster up
  export KUBECONFIG={STATE / f"{certificates.ADMIN}.kubeconfig"}
  kubectl get trustanchors,profiles,workloadidentities --all-namespaces
  python -m hack.cluster down

A first `up` builds etcd and Kubernetes from source, which takes some minutes; later ones take
seconds. The data does not survive `down`."""


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; give the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m hack.cluster",
        description="A real Kubernetes control plane on this machine, without nodes.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, verb in _VERBS.items():
        verbs.add_parser(name, help=verb.__doc__, description=verb.__doc__)
    try:
        return _VERBS[parser.parse_args(arguments).verb]()
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; nothing was left running", file=sys.stderr)
        return 130  # 128 + SIGINT, as shells do


def _up() -> int:
    """Start the control plane and leave it running; print how to use it."""
    folder = Folder(STATE)
    if "supervisor" in folder.running():
        print(f"runs already: export KUBECONFIG={folder.kubeconfig(certificates.ADMIN)}")
        return 0
    build.ensure()
    began = time.monotonic()
    plane = ControlPlane.start(STATE)
    plane.detach()
    print(f"ready in {time.monotonic() - began:.1f} s at {plane.url}")
    print(f"export KUBECONFIG={plane.admin_kubeconfig}")
    print(f"the controller's own rights: {plane.controller_kubeconfig}")
    return 0


def _down() -> int:
    """Stop the control plane and remove its data."""
    print("stopped" if leftovers.stop(Folder(STATE)) else "nothing was running")
    return 0


def _status() -> int:
    """Say what runs; exit status 0 if the control plane does, 1 if not."""
    running = Folder(STATE).running()
    for name, process in running.items():
        print(f"{name:<24} process {process.pid}")
    if not running:
        print("nothing runs; start it by `make cluster-up`")
    return 0 if running else 1


def _build() -> int:
    """Build the programs of the pinned versions, unless they are in the cache; print where."""
    print(build.ensure())
    return 0


_VERBS: Final[dict[str, Callable[[], int]]] = {
    "up": _up,
    "down": _down,
    "status": _status,
    "build": _build,
}

if __name__ == "__main__":
    sys.exit(main())
