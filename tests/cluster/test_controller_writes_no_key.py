"""No private key anywhere but in the Secrets it belongs to: not after all that happened before.

Run last of its kind by its name: what it searches is everything all tests made the controller say.
"""

import base64
import json
import re
from collections.abc import Iterator
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tests.cluster.api_server import Manifest
from tests.cluster.stage import Stage
from tests.cluster.watched import KINDS

from rolesanywhere.api import names

PEM: Final = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
TELLING: Final = 40  # characters of base64: 240 bits, no coincidence
OURS: Final = {
    names.ISSUED_AT,
    names.AUTHORITY,
    names.CERTIFICATE_ARN,
    names.NOT_AFTER,
    names.TOKEN,
    names.PURPOSE,
}


@pytest.fixture(scope="module")
def told(stage: Stage) -> Stage:
    """Give the stage once its own stories, at least, are told."""
    for story in stage.long_ago.values():
        stage.until_ready(story.anchor, story.profile, story.identity())
    return stage


@pytest.fixture(scope="module")
def marks(told: Stage) -> set[str]:
    """Give what each private key would be recognized by, in base64, hex or digits."""
    found: set[str] = set()
    for secret in told.watched.everything("Secret"):
        for text in secret.get("data", {}).values():
            content = base64.b64decode(text)
            if PEM.match(content):
                found.update(marks_of(text, content))
    assert len(found) > 50, "there are keys to look for"
    return found


def marks_of(text: str, content: bytes) -> Iterator[str]:
    """Give marks of a key: of the PEM as a Secret's JSON has it, and of its private numbers."""
    yield from (text[at : at + TELLING] for at in range(80, len(text) - 80, 97))
    for number in private_numbers(content):
        raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
        yield raw.hex()
        yield str(number)
        for shift in range(3):  # however the bytes lie within what is encoded
            encoded = base64.b64encode(bytes(shift) + raw).decode()
            yield encoded[4 : 4 + min(TELLING, len(encoded) - 8)]


def private_numbers(content: bytes) -> Iterator[int]:
    key = load_pem_private_key(content, None)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        yield key.private_numbers().private_value
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        yield from (numbers.d, numbers.p, numbers.q)


def test_marks_find_a_key(marks: set[str], told: Stage) -> None:
    """The search would find what it looks for: in a Secret's data, and in its PEM."""
    story = next(iter(told.long_ago.values()))
    data = told.watched.latest(story.secret())["data"]["tls.key"]
    lines = base64.b64decode(data).decode().split("\n")
    assert any(mark in data for mark in marks)
    assert any(mark in "".join(lines[1:-2]) for mark in marks)


@pytest.mark.parametrize("kind", KINDS)
def test_no_object_tells_a_key(told: Stage, marks: set[str], kind: str) -> None:
    """No version of any object has a key in annotations, status, or anything but Secret data."""
    versions = [{**each, "data": None} for each in told.watched.everything(kind)]
    assert versions
    haystack = json.dumps(versions)
    assert not [mark for mark in marks if mark in haystack]


def test_no_log_tells_a_key(told: Stage, marks: set[str]) -> None:
    """The controller's log is long, and no key is in it."""
    assert len(told.log) > 1000
    assert not [mark for mark in marks if mark in told.log]
    assert "PRIVATE KEY" not in told.log


def test_log_tells_no_error_of_our_own(told: Stage) -> None:
    """Whatever was tried, no pass of the controller ended in an error nobody foresaw."""
    assert "InternalError" not in told.log
    assert "Traceback" not in told.log


def test_secrets_carry_no_copy_of_themselves(told: Stage) -> None:
    """kopf, which would write an object's content into an annotation, never handles a Secret."""
    ours = [each for each in told.watched.everything("Secret") if is_ours(each)]
    assert ours
    for each in ours:
        assert set(each["metadata"].get("annotations", {})) <= OURS
        assert not each["metadata"].get("finalizers")


def test_objects_carry_no_copy_of_themselves(told: Stage) -> None:
    """Annotations tell how far a deletion is, and no spec: what kopf compares is in memory."""
    for kind in (names.TRUST_ANCHOR, names.PROFILE, names.WORKLOAD_IDENTITY):
        for each in told.watched.everything(kind):
            annotations = each["metadata"].get("annotations", {})
            assert {key.partition("/")[0] for key in annotations} <= {names.GROUP}
            assert "spec" not in json.dumps(annotations)


def is_ours(secret: Manifest) -> bool:
    return names.OWNER_UID_LABEL in secret["metadata"].get("labels", {})
