"""What the operator needs in a cluster before it starts: its kinds, its rights, its namespace."""

import time
from pathlib import Path
from typing import Final

from hack.cluster.errors import ClusterError
from hack.cluster.folder import REPOSITORY
from hack.cluster.kubectl import Kubectl

CUSTOM_RESOURCES: Final = REPOSITORY / "crds"
RIGHTS: Final = REPOSITORY / "charts/rolesanywhere-operator/files/controller-rbac.yaml"
LOCAL_USER: Final = Path(__file__).parent / "controller-user.yaml"
_SERVED_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.1
_EACH_LIST: Final = (  # path of each kind's list in the API, one a line
    r'{range .items[*]}/apis/{.spec.group}/{.spec.versions[0].name}/{.spec.names.plural}{"\n"}{end}'
)


def apply(kubectl: Kubectl, *, account: Path = LOCAL_USER) -> None:
    """Apply everything, and wait until the API server serves our kinds.

    ``account`` is the manifest of the controller's namespace, and of who the controller is there.
    """
    kinds = f"--filename={CUSTOM_RESOURCES}"
    kubectl("apply", "--server-side", f"--filename={account}", f"--filename={RIGHTS}", kinds)
    kubectl("wait", "--for=condition=Established", f"--timeout={_SERVED_SECONDS:.0f}s", kinds)
    for path in kubectl("get", f"--output=jsonpath={_EACH_LIST}", kinds).stdout.splitlines():
        _wait_until_served(kubectl, path)


def _wait_until_served(kubectl: Kubectl, path: str) -> None:
    """Wait for a first list: for a moment after "Established" it is still 404 or 429."""
    deadline = time.monotonic() + _SERVED_SECONDS
    while (answer := kubectl("get", "--raw", path, check=False)).returncode != 0:
        if time.monotonic() > deadline:
            message = f"the API server does not serve {path}: {answer.stderr.strip()}"
            raise ClusterError(message)
        time.sleep(_POLL_SECONDS)
