"""What operators ask: is it alive, has it credentials, what are its numbers. Never a secret.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#types-of-probe
"""

from collections.abc import Callable
from http import HTTPStatus

from rolesanywhere.agent.metrics import CONTENT_TYPE
from rolesanywhere.agent.reply import TEXT, Reply, refuse
from rolesanywhere.agent.request import Request


class Admin:
    """Answers on the second port."""

    def __init__(self, *, is_ready: Callable[[], bool], metrics: Callable[[], bytes]) -> None:
        """Take where the answers come from."""
        self._is_ready = is_ready
        self._metrics = metrics

    def answer(self, request: Request) -> Reply:
        """Answer one request."""
        if request.method not in (b"GET", b"HEAD"):
            words = "only GET is answered here"
            allow = ((b"allow", b"GET, HEAD"),)
            return refuse(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowed", words, allow)
        if request.path == b"/healthz":
            return Reply(HTTPStatus.OK, b"ok\n", TEXT)
        if request.path == b"/readyz":
            if self._is_ready():
                return Reply(HTTPStatus.OK, b"ok\n", TEXT)
            return Reply(HTTPStatus.SERVICE_UNAVAILABLE, b"no credentials\n", TEXT)
        if request.path == b"/metrics":
            return Reply(HTTPStatus.OK, self._metrics(), CONTENT_TYPE)
        return refuse(HTTPStatus.NOT_FOUND, "NotFound", "here are /healthz, /readyz and /metrics")
