"""Which cluster this is: the id by which its objects are known in AWS."""

from typing import Final

from rolesanywhere.kube.client import ApiServer
from rolesanywhere.kube.errors import Call

_OLDEST_NAMESPACE: Final = "kube-system"


def cluster_id(server: ApiServer) -> str:
    """Give the uid of kube-system, as good as an id of the cluster. Raises ``Trouble``.

    Kubernetes has no other: https://github.com/kubernetes/kubernetes/issues/77487
    """
    answer = server.request(Call("get", "namespaces", name=_OLDEST_NAMESPACE))
    return str(answer["metadata"]["uid"])
