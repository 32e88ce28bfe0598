"""Kubeconfigs of the local control plane, and the guard that keeps tests away from any other."""

import base64
from pathlib import Path
from typing import Final

import yaml
from hack.cluster.certificates import write_private
from hack.cluster.errors import NotLocalError

CONTEXT: Final = "rolesanywhere-local"


def write(path: Path, *, url: str, user: str, pki: Path, client: str) -> None:
    """Write a kubeconfig with everything embedded; its one context is ``CONTEXT``."""
    credential = _encoded(pki / f"{client}.pem")  # certificate and key, each found in the one PEM
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": CONTEXT,
                "cluster": {"server": url, "certificate-authority-data": _encoded(pki / "ca.pem")},
            }
        ],
        "users": [
            {
                "name": user,
                "user": {"client-certificate-data": credential, "client-key-data": credential},
            }
        ],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": user}}],
        "current-context": CONTEXT,
    }
    write_private(path, yaml.safe_dump(document, sort_keys=False).encode())


def require_local(kubeconfig: Path) -> Path:
    """Give the kubeconfig back if its current context is the local control plane's.

    Raises ``NotLocalError`` for any other: tests create and delete what they like.
    """
    try:
        document = yaml.safe_load(kubeconfig.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"{kubeconfig} is no kubeconfig ({error}); run `make cluster-up` for one"
        raise NotLocalError(message) from error
    current = document.get("current-context") if isinstance(document, dict) else None
    if current != CONTEXT:
        message = (
            f"refusing to touch the cluster of context {current!r} in {kubeconfig}: only "
            f"{CONTEXT!r}, the local control plane of `make cluster-up`, is for tests"
        )
        raise NotLocalError(message)
    return kubeconfig


def server(kubeconfig: Path) -> str:
    """Give the URL of the API server a kubeconfig of ours points to."""
    url = yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
    return str(url)


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
