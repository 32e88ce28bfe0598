"""The pod that people copy from the documentation, before a real API server."""

import re
from typing import Final

from hack.cluster.kubectl import Kubectl
from tests.manifests import REPOSITORY

PAGE: Final = REPOSITORY / "docs" / "how-to" / "run-the-agent.md"


def test_the_documented_pod_is_accepted_where_pods_are_restricted(
    kubectl: Kubectl, namespace: str
) -> None:
    """No field is misspelt, and the strictest of Kubernetes's pod security standards admits it."""
    manifest = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    kubectl("create", "serviceaccount", "report", f"--namespace={namespace}")
    manifest = manifest.replace("namespace: shop", f"namespace: {namespace}")
    done = kubectl("create", "--dry-run=server", "--validate=strict", "-f", "-", stdin=manifest)
    assert done.stdout == "pod/report created (server dry run)\n"
    assert done.stderr == ""
