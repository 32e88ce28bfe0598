"""One connection pool to the API server; JSON in, JSON out.

The official client's transport, credentials and configuration, without its model classes: one
``CoreV1Api`` imports 250 modules and 80 MB for what three paths and a dictionary do.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import kubernetes.config
import urllib3
from kubernetes.client.api_client import ApiClient
from kubernetes.client.configuration import Configuration
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException

from rolesanywhere.api import names
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.kube import errors
from rolesanywhere.kube.errors import Call

_loaders: Any = kubernetes.config  # its functions carry no types
_CONNECT_SECONDS: Final = 5.0
_READ_SECONDS: Final = 30.0
_MORE_ATTEMPTS: Final = 1  # when no connection comes about, or a GET's answer is lost
_SUCCESS: Final = range(200, 300)
_CONTENT_TYPES: Final = {
    **dict.fromkeys(("get", "create", "update", "delete"), "application/json"),
    "patch": "application/merge-patch+json",  # RFC 7386: custom resources know no strategic one
}


class ApiServer:
    """The API server. Thread-safe."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        pool_size: int = 32,
        read_seconds: float = _READ_SECONDS,
    ) -> None:
        """``pool_size`` connections are kept: at least the number of worker threads.

        ``read_seconds`` is how long an answer may take.
        """
        configuration.connection_pool_maxsize = pool_size
        # A write whose answer was lost is not sent again here: use cases look before they act.
        configuration.retries = urllib3.Retry(
            total=None, connect=_MORE_ATTEMPTS, read=_MORE_ATTEMPTS, allowed_methods={"GET"}
        )
        self._client: Any = ApiClient(configuration)
        self._client.user_agent = names.MANAGER
        self._timeouts = (_CONNECT_SECONDS, read_seconds)

    def request(self, call: Call, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Make one call and give the object answered. Raises ``Trouble`` in ``call``'s words."""
        headers = {"Accept": "application/json", "Content-Type": _CONTENT_TYPES[call.verb]}
        try:
            method, url, headers, *_ = self._client.param_serialize(
                call.method, call.path, header_params=headers, auth_settings=["BearerToken"]
            )
            answer = self._client.call_api(
                method, url, headers, body, _request_timeout=self._timeouts
            )
            text = answer.read()
        except (ApiException, urllib3.exceptions.HTTPError, OSError) as error:
            raise errors.from_connection(call, _cause(error)) from error
        if answer.status not in _SUCCESS:
            raise errors.from_answer(call, answer.status, text, answer.headers)
        return _object(call, text)

    def close(self) -> None:
        """Close all connections."""
        self._client.rest_client.close()


def connect(
    *,
    kubeconfig: Path | None = None,
    context: str | None = None,
    pool_size: int = 32,
    read_seconds: float = _READ_SECONDS,
) -> ApiServer:
    """Connect as the environment says: a kubeconfig when given, else as a pod, else the default.

    Raises ``Refusal`` when neither is there. No request is made yet.
    """
    configuration = Configuration()
    try:
        if kubeconfig is not None or context is not None:
            _load_kubeconfig(configuration, kubeconfig, context)
        else:
            _load_default(configuration)
    except (ConfigException, OSError) as error:
        message = f"no way to the API server: {error}; run in a pod, or name a kubeconfig"
        raise Refusal(Reason.API_SERVER_UNAVAILABLE, message) from error
    return ApiServer(configuration, pool_size=pool_size, read_seconds=read_seconds)


def _load_default(configuration: Configuration) -> None:
    try:
        _loaders.load_incluster_config(client_configuration=configuration)
    except ConfigException:  # not in a pod
        _load_kubeconfig(configuration, None, None)


def _load_kubeconfig(configuration: Configuration, path: Path | None, context: str | None) -> None:
    _loaders.load_kube_config(
        config_file=str(path) if path else None,
        context=context,
        client_configuration=configuration,
        persist_config=False,
    )


def _object(call: Call, text: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise errors.from_connection(call, "the answer is not JSON") from error
    return answer if isinstance(answer, dict) else {}


def _cause(error: Exception) -> str:
    """Give the reason inside urllib3's error, whose own text repeats pool and URL."""
    return str(getattr(error, "reason", None) or error)
