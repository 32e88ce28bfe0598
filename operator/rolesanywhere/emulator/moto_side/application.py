"""A request handed to moto: the service's handler found by its own table of paths, and called.

moto's own server needs flask to do the same; its handlers do not.
"""

import logging
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

import moto.backend_index
from moto.core.exceptions import ServiceException
from moto.core.request import Request as MotoRequest
from werkzeug.exceptions import HTTPException

from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.http.message import Request, Response
from rolesanywhere.emulator.moto_side.state import MotoState

_Handler = Callable[[MotoRequest, str, Any], tuple[int, Mapping[str, Any], Any]]
_logger = logging.getLogger(__name__)
_HOP_BY_HOP: Final = frozenset({"connection", "content-length", "date", "server", "status"})
_NOT_MOTOS: Final = frozenset(
    {"host", "transfer-encoding", "connection", "expect", "x-moto-account-id"}
)
_NO_SUCH_OPERATION: Final = "OperationNotFoundError"  # botocore's, which is not imported here
_NO_BODY: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class _ServerRequest(MotoRequest):
    """As moto receives requests in server mode."""

    from_wsgi_server = True


class MotoApplication:
    """moto's services, called without a network in between."""

    def __init__(self, state: MotoState) -> None:
        self._state = state
        self._paths: dict[str, tuple[tuple[re.Pattern[str], _Handler], ...]] = {}

    def handle(self, request: Request, *, service: str, region: str) -> Response:
        """Let moto answer. Raises ``AwsError`` for what moto cannot do."""
        url = f"http://{self._host(request, service, region)}{request.path}"
        handler = self._handler(url, service, region)
        try:
            answer = handler(*self._arguments(request, url))
        except ServiceException as error:
            raise AwsError(error.code, error.message) from error
        except HTTPException as error:
            headers = {name: str(value) for name, value in error.get_headers()}
            answer = int(error.code or HTTPStatus.BAD_REQUEST), headers, error.get_body()
        except NotImplementedError as error:
            raise _not_implemented(error) from error
        except Exception as error:
            if type(error).__name__ == _NO_SUCH_OPERATION:
                raise _invalid_action(error) from error
            _logger.exception("moto failed on %s %s of %s", request.method, request.path, service)
            raise _internal_failure(error) from error
        return _response(*answer)

    def _handler(self, url: str, service: str, region: str) -> _Handler:
        for pattern, handler in self._table(url, service, region):
            if pattern.match(url):
                return handler
        raise _unknown(service)

    def _table(
        self, url: str, service: str, region: str
    ) -> tuple[tuple[re.Pattern[str], _Handler], ...]:
        name = _backend_name(url, service)
        if name not in self._paths:
            try:
                urls = self._state.backend(name, region).urls
            except LookupError as error:
                raise _unknown(service) from error
            self._paths[name] = tuple((re.compile(key), handler) for key, handler in urls.items())
        return self._paths[name]

    def _arguments(self, request: Request, url: str) -> tuple[MotoRequest, str, Any]:
        """Give moto the request as if it had come to AWS's own host, for our account."""
        host = url.removeprefix("http://").partition("/")[0]
        kept = [(n, v) for n, v in request.headers if n.lower() not in _NOT_MOTOS]
        asked = _ServerRequest.from_primitives(
            request.method,
            f"{url}?{request.query}" if request.query else url,
            dict([*kept, ("Host", host), ("x-moto-account-id", self._state.account)]),
            request.body,
        )
        asked.environ["RAW_URI"] = f"{request.path}?{request.query}".rstrip("?")
        asked.environ["PATH_INFO"] = unquote(request.path)
        return asked, asked.raw_url, asked.headers

    def _host(self, request: Request, service: str, region: str) -> str:
        suffix = "amazonaws.com.cn" if self._state.partition == "aws-cn" else "amazonaws.com"
        aws = f"{service}.{region}.{suffix}"
        bucket = _virtual_bucket(request) if service == "s3" else None
        return f"{bucket}.{aws}" if bucket else aws


def _invalid_action(error: Exception) -> AwsError:
    """Give Query's error for an Action nobody knows."""
    return AwsError("InvalidAction", f"Could not find operation {error}")


def _unknown(service: str) -> AwsError:
    message = f"The emulator has no such operation of {service}"
    return AwsError("UnknownOperationException", message, status=404)


def _not_implemented(error: NotImplementedError) -> AwsError:
    return AwsError("NotImplemented", str(error) or "moto does not do this", status=501)


def _internal_failure(error: Exception) -> AwsError:
    message = "The request processing has failed because of an unknown error."
    return AwsError("InternalFailure", message, status=500, because=f"moto: {error!r}")


def _virtual_bucket(request: Request) -> str | None:
    """Give the bucket of ``bucket.localhost:4599``, as SDKs write it for hosts by name."""
    host = (request.header("host") or "").rpartition(":")[0]
    return host.removesuffix(".localhost") if host.endswith(".localhost") else None


def _backend_name(url: str, service: str) -> str:
    """Give moto's name of the backend whose host this is; the signing name may differ."""
    if service in {"iam", "sts", "s3", "ec2"}:
        return service
    patterns = moto.backend_index.backend_url_patterns
    return next((name for name, pattern in patterns if pattern.match(url)), service)


def _response(status: int, headers: Mapping[str, Any], body: Any) -> Response:  # noqa: ANN401 - text, bytes or nothing
    data = body.encode() if isinstance(body, str) else bytes(body or b"")
    kept = tuple(
        (str(name), str(value))
        for name, value in headers.items()
        if name.lower() not in _HOP_BY_HOP
    )
    # A HEAD of S3 says how long the body would be
    length = next((str(v) for n, v in headers.items() if n.lower() == "content-length"), None)
    if length is not None and not data:
        kept = (*kept, ("Content-Length", length))
    return Response(status, b"" if status in _NO_BODY else data, kept)
