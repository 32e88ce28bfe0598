"""Whatever arrives at the port: an answer in AWS's shape, never a traceback, and the port lives."""

import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.flow.emulated_aws import authority, client
from tests.flow.emulated_session import World

from rolesanywhere.emulator.running import Emulator

Raw = tuple[int, dict[str, str], bytes]


def exchange(emulator: Emulator, data: bytes) -> Raw:
    """Send bytes, and read one answer to its end."""
    address = urlsplit(emulator.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(data)
        return read_answer(connection.makefile("rb"))


def read_answer(stream: Any) -> Raw:  # noqa: ANN401 - a socket's file
    status = int(stream.readline().split(b" ")[1])
    headers = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    return status, headers, stream.read(int(headers["content-length"]))


def written(
    line: str, headers: dict[str, str] | None = None, body: bytes = b"", *, length: bool = True
) -> bytes:
    sized = {"Content-Length": str(len(body))} if length else {}
    fields = {"Host": "127.0.0.1", **sized, **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{line} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def signed(
    emulator: Emulator,
    service: str,
    line: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> bytes:
    """Write a request the administrator signed."""
    method, target = line.split(" ")
    key = emulator.administrator
    request = AWSRequest(method, f"{emulator.url}{target}", headers=headers or {}, data=body)
    credentials = Credentials(key.access_key_id, key.secret_access_key)
    SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    host = {"Host": urlsplit(emulator.url).netloc}
    return written(line, {**host, **dict(request.headers.items())}, body)


TARGET = {"X-Amz-Target": "ACMPrivateCA.ListTags", "Content-Type": "application/x-amz-json-1.1"}
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LARGE = b" " * 1_000_001
DEEP = b"[" * 100_000

Message = Callable[[Emulator], bytes]
MALFORMED: dict[str, tuple[Message, int, str]] = {
    "no HTTP": (lambda _: b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, "BadRequest"),
    "another HTTP": (lambda _: b"GET / HTTP/9.9\r\n\r\n", 505, "BadRequest"),
    "an unknown method": (lambda _: written("BREW /"), 501, "BadRequest"),
    "a long line": (lambda _: b"GET /" + b"a" * 70_000, 414, "BadRequest"),
    "a long header": (lambda _: written("GET /", {"X-A": "a" * 70_000}), 431, "BadRequest"),
    "many headers": (
        lambda _: written("GET /", {f"X-{number}": "a" for number in range(200)}),
        431,
        "BadRequest",
    ),
    "a length in words": (
        lambda _: written("POST /", {"Content-Length": "ten"}, length=False),
        400,
        "BadRequest",
    ),
    "a length below nothing": (
        lambda _: written("POST /", {"Content-Length": "-1"}, length=False),
        400,
        "BadRequest",
    ),
    "a length beyond memory": (
        lambda _: written("POST /", {"Content-Length": str(10**12)}, length=False),
        413,
        "BadRequest",
    ),
    "an unknown coding": (
        lambda _: written("POST /", {"Transfer-Encoding": "gzip"}, length=False),
        501,
        "BadRequest",
    ),
    "a broken chunk": (
        lambda _: written("POST /", {"Transfer-Encoding": "chunked"}, b"zz\r\n", length=False),
        400,
        "BadRequest",
    ),
    "no operation of Roles Anywhere": (
        lambda emulator: signed(emulator, "rolesanywhere", "GET /nothing"),
        404,
        "UnknownOperationException",
    ),
    "another method of Roles Anywhere": (
        lambda emulator: signed(emulator, "rolesanywhere", "DELETE /profiles"),
        404,
        "UnknownOperationException",
    ),
    "no operation of Private CA": (
        lambda emulator: signed(
            emulator, "acm-pca", "POST /", b"{}", {**TARGET, "X-Amz-Target": "ACMPrivateCA.Nothing"}
        ),
        400,
        "UnknownOperationException",
    ),
    "broken JSON to Roles Anywhere": (
        lambda emulator: signed(emulator, "rolesanywhere", "POST /profiles", b"{", JSON),
        400,
        "SerializationException",
    ),
    "bytes that are no text": (
        lambda emulator: signed(emulator, "rolesanywhere", "POST /profiles", b"\xff\xfe{", JSON),
        400,
        "SerializationException",
    ),
    "deep JSON": (
        lambda emulator: signed(emulator, "rolesanywhere", "POST /profiles", DEEP, JSON),
        400,
        "SerializationException",
    ),
    "a list": (
        lambda emulator: signed(emulator, "rolesanywhere", "POST /profiles", b"[]", JSON),
        400,
        "SerializationException",
    ),
    "broken JSON to Private CA": (
        lambda emulator: signed(emulator, "acm-pca", "POST /", b"{", TARGET),
        400,
        "SerializationException",
    ),
    "a megabyte to Roles Anywhere": (
        lambda emulator: signed(emulator, "rolesanywhere", "POST /profiles", LARGE, JSON),
        413,
        "RequestEntityTooLargeException",
    ),
    "a megabyte to Private CA": (
        lambda emulator: signed(emulator, "acm-pca", "POST /", LARGE, TARGET),
        413,
        "RequestEntityTooLargeException",
    ),
    "an unsigned operation of Private CA": (
        lambda _: written("POST /", TARGET, b"{}"),
        400,
        "MissingAuthenticationTokenException",
    ),
    "a signature that is none": (
        lambda _: written("GET /profiles", {"Authorization": "AWS4-HMAC-SHA256 what"}),
        400,
        "AuthorizationHeaderMalformed",
    ),
    "an unsigned operation of IAM": (
        lambda _: written("POST /", FORM, b"Action=ListRoles&Version=2010-05-08"),
        403,
        "MissingAuthenticationToken",
    ),
    "an unsigned operation of EC2": (
        lambda _: written("POST /", FORM, b"Action=DescribeVpcs&Version=2016-11-15"),
        403,
        "MissingAuthenticationToken",
    ),
    "an unknown operation of IAM": (
        lambda emulator: signed(emulator, "iam", "POST /", b"Action=Nothing", FORM),
        400,
        "InvalidAction",
    ),
    "an unknown service": (
        lambda emulator: signed(emulator, "nothing", "GET /"),
        404,
        "UnknownOperationException",
    ),
}


@pytest.mark.parametrize(("message", "status", "code"), MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed(emulator: Emulator, message: Message, status: int, code: str) -> None:
    """The answer has AWS's shape, tells no internals, and the next request is answered."""
    answered, headers, body = exchange(emulator, message(emulator))
    assert (answered, code in f"{headers.get('x-amzn-errortype')}{body.decode()}") == (status, True)
    assert b"Traceback" not in body
    assert b".py" not in body
    client(emulator, "sts").get_caller_identity()


def test_a_bad_certificate_bundle_is_a_validation_error(emulator: Emulator) -> None:
    """Damaged PEM is the caller's mistake."""
    pem = authority().pem.decode().replace("M", "!", 1)
    body = {
        "name": "a",
        "source": {
            "sourceType": "CERTIFICATE_BUNDLE",
            "sourceData": {"x509CertificateData": pem},
        },
    }
    message = signed(
        emulator, "rolesanywhere", "POST /trustanchors", json.dumps(body).encode(), JSON
    )
    status, headers, _ = exchange(emulator, message)
    assert (status, headers["x-amzn-errortype"]) == (400, "ValidationException")


def test_a_connection_is_used_again(emulator: Emulator) -> None:
    """Answers follow each other on one connection, errors included."""
    address = urlsplit(emulator.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        stream = connection.makefile("rb")
        for _ in range(3):
            connection.sendall(signed(emulator, "rolesanywhere", "GET /profiles"))
            assert read_answer(stream)[0] == 200
            connection.sendall(written("GET /profiles"))
            assert read_answer(stream)[0] == 403


def test_a_body_in_chunks(emulator: Emulator) -> None:
    """A caller that does not know the length sends chunks."""
    body = b'{"name": "chunked", "roleArns": []}'
    message = signed(emulator, "rolesanywhere", "POST /profiles", body, JSON)
    head, _, _ = message.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:9], body[9:]))
    chunked = b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", chunks + b"0\r\n\r\n"])
    assert exchange(emulator, chunked)[0] == 201


def test_a_caller_that_goes_away_is_no_news(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """A connection that ends in the middle leaves no trace on the console."""
    address = urlsplit(emulator.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(written("POST /", {"Content-Length": "10"}, b"half", length=False))
    client(emulator, "sts").get_caller_identity()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_head_has_no_body(emulator: Emulator) -> None:
    """HEAD tells the length and sends nothing."""
    s3 = client(emulator, "s3")
    s3.create_bucket(Bucket="here")
    s3.put_object(Bucket="here", Key="a", Body=b"12345")
    assert s3.head_object(Bucket="here", Key="a")["ContentLength"] == 5
    assert s3.get_object(Bucket="here", Key="a")["Body"].read() == b"12345"


def test_large_headers_of_post_quantum_certificates_pass(emulator: Emulator) -> None:
    """A request signed with ML-DSA-87 has 19 kB of headers."""
    from tests.flow.emulated_aws import leaf  # noqa: PLC0415 - only here

    assert World(emulator).attempt(leaf(kind="ML-DSA-87")).send().status == 201
