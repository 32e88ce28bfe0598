"""The one place where the API server's refusals become ``Trouble``.

A missing right names itself: verb, resource and namespace, so that whoever installs the operator
can add it. The answer's text reaches people; a request's body, which may be a Secret, never does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.trouble import AlreadyExists, Conflict, NotFound, Refusal, Trouble

_WORDS_LENGTH: Final = 600  # characters of the API server's own text that are passed on
_FORBIDDEN: Final = 403
_SERVER_ERROR: Final = 500
_TOO_MANY_REQUESTS: Final = 429
_METHODS: Final = {
    "get": "GET",
    "create": "POST",
    "update": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the API server, in RBAC's words.

    ``verb``: get, create, update, patch or delete. ``resource`` may have a subresource behind a
    slash, as RBAC writes it.
    """

    verb: str
    resource: str  # plural: "secrets", "trustanchors/status"
    namespace: str | None = None
    name: str | None = None
    api: str = "/api/v1"  # or "/apis/<group>/<version>"

    @property
    def method(self) -> str:
        """Give the HTTP method."""
        return _METHODS[self.verb]

    @property
    def path(self) -> str:
        """Give the path, its parts quoted; an object to be created is named in the body."""
        scope = ("namespaces", self.namespace) if self.namespace else ()
        resource, _, subresource = self.resource.partition("/")
        name = (self.name,) if self.name and self.verb != "create" else ()
        below = (subresource,) if subresource else ()
        parts = (quote(part, safe="") for part in (*scope, resource, *name, *below))
        return "/".join((self.api, *parts))

    def __str__(self) -> str:
        """Read as ``get secrets shop/report``."""
        path = "/".join(part for part in (self.namespace, self.name) if part)
        return f"{self.verb} {self.resource} {path}".rstrip()


@dataclass(frozen=True, slots=True)
class _Verdict:
    kind: type[Trouble]
    reason: Reason
    advice: str = ""


_DOWN: Final = _Verdict(Trouble, Reason.API_SERVER_UNAVAILABLE, "it is tried again")
_UNKNOWN: Final = _Verdict(Trouble, Reason.INTERNAL_ERROR)
_ALREADY_EXISTS: Final = _Verdict(AlreadyExists, Reason.SECRET_NAME_TAKEN)

# https://kubernetes.io/docs/reference/using-api/api-concepts/ and metav1.StatusReason
_BY_STATUS: Final[Mapping[int, _Verdict]] = {
    401: _Verdict(
        Trouble, Reason.FORBIDDEN, "check the operator's ServiceAccount token or kubeconfig"
    ),
    404: _Verdict(NotFound, Reason.PENDING),
    409: _Verdict(Conflict, Reason.PENDING, "it is read and tried again"),
    410: _Verdict(Conflict, Reason.PENDING, "it is read and tried again"),
    413: _Verdict(Refusal, Reason.INVALID_SPEC, "the object is too large"),
    422: _Verdict(Refusal, Reason.INVALID_SPEC, "change the spec"),
    _TOO_MANY_REQUESTS: _DOWN,
}


def from_answer(call: Call, status: int, body: bytes, headers: Mapping[str, str]) -> Trouble:
    """Turn an answer that is no success into the ``Trouble`` it stands for."""
    reason, words = _status_of(body)
    said = words[:_WORDS_LENGTH] or f"HTTP {status}"
    if status == _FORBIDDEN:
        return Trouble(Reason.FORBIDDEN, _forbidden(call, reason, said))
    verdict = _judge(status, reason)
    advice = f"; {verdict.advice}" if verdict.advice else ""
    return verdict.kind(
        verdict.reason,
        f"the API server did not {call}: {said}{advice}",
        retry_after=_retry_after(headers),
    )


def from_connection(call: Call, because: str) -> Trouble:
    """Say that there was no answer at all."""
    return Trouble(
        Reason.API_SERVER_UNAVAILABLE,
        f"no answer from the API server to {call}: {because[:_WORDS_LENGTH]}; it is tried again",
    )


def _judge(status: int, reason: str) -> _Verdict:
    if reason == "AlreadyExists":  # a 409, like Conflict
        return _ALREADY_EXISTS
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return _DOWN if status >= _SERVER_ERROR else _UNKNOWN


def _forbidden(call: Call, reason: str, said: str) -> str:
    """Name the missing right; an admission webhook's or quota's refusal is not one."""
    where = f"in namespace {call.namespace}" if call.namespace else "in the cluster"
    if reason == "Forbidden" and "cannot" in said:
        advice = f"add it to the operator's {'Role or ' if call.namespace else ''}ClusterRole"
        return f"the operator may not {call.verb} {call.resource} {where}: {advice} ({said})"
    return f"the API server forbids the operator to {call} {where}: {said}"


def _status_of(body: bytes) -> tuple[str, str]:
    """Give ``reason`` and ``message`` of a ``metav1.Status``; the bare text of anything else."""
    try:
        status = json.loads(body)
    except ValueError:
        return "", body.decode(errors="replace")
    if not isinstance(status, dict):
        return "", ""
    return str(status.get("reason") or ""), str(status.get("message") or "")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None
