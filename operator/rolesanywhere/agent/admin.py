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

    def __init__(self, *, lacking: Callable[[], str], metrics: Callable[[], bytes]) -> None:
        """Take where the answers come from; ``lacking`` says what is missing to be ready."""
        self._lacking = lacking
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
            return _readiness(self._lacking())
        if request.path == b"/metrics":
            return Reply(HTTPStatus.OK, self._metrics(), CONTENT_TYPE)
        return refuse(HTTPStatus.NOT_FOUND, "NotFound", "here are /healthz, /readyz and /metrics")


def _readiness(lacking: str) -> Reply:
    if lacking:
        body = f"{lacking}\n".encode(errors="replace")  # a path may be no text
        return Reply(HTTPStatus.SERVICE_UNAVAILABLE, body, TEXT)
    return Reply(HTTPStatus.OK, b"ok\n", TEXT)
