"""Signature Version 4 against the worked examples of AWS's own documentation."""

from dataclasses import replace

import pytest

from rolesanywhere.emulator.authentication.claim import Incomplete, Unsigned, read_claim
from rolesanywhere.emulator.authentication.signature_v4 import is_payload_intact, is_signed
from rolesanywhere.emulator.http.message import Request

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
S3_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

# https://docs.aws.amazon.com/general/latest/gr/sigv4-signed-request-examples.html
LIST_USERS = Request(
    method="GET",
    path="/",
    query="Action=ListUsers&Version=2010-05-08",
    headers=(
        ("Host", "iam.amazonaws.com"),
        ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("X-Amz-Date", "20150830T123600Z"),
        (
            "Authorization",
            (
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                "SignedHeaders=content-type;host;x-amz-date, "
                "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
            ),
        ),
    ),
    body=b"",
)
# https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
GET_OBJECT = Request(
    method="GET",
    path="/test.txt",
    query="",
    headers=(
        ("Host", "examplebucket.s3.amazonaws.com"),
        ("Range", "bytes=0-9"),
        ("x-amz-content-sha256", EMPTY),
        ("x-amz-date", "20130524T000000Z"),
        (
            "Authorization",
            (
                "AWS4-HMAC-SHA256 "
                "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
            ),
        ),
    ),
    body=b"",
)
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
PRESIGNED = Request(
    method="GET",
    path="/test.txt",
    query="X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    headers=(("Host", "examplebucket.s3.amazonaws.com"),),
    body=b"",
)
EXAMPLES = [
    pytest.param(LIST_USERS, SECRET, id="IAM by header"),
    pytest.param(GET_OBJECT, S3_SECRET, id="S3 by header"),
    pytest.param(PRESIGNED, S3_SECRET, id="S3 by URL"),
]


@pytest.mark.parametrize(("request_", "secret"), EXAMPLES)
def test_aws_s_own_examples(request_: Request, secret: str) -> None:
    """What AWS computes is what we compute; with another secret it is not."""
    claim = read_claim(request_)
    assert is_signed(request_, claim, secret)
    assert not is_signed(request_, claim, f"{secret}x")


@pytest.mark.parametrize(("request_", "secret"), EXAMPLES)
def test_another_method_or_path_is_noticed(request_: Request, secret: str) -> None:
    """The signature covers what is done to what."""
    claim = read_claim(request_)
    assert not is_signed(replace(request_, method="PUT"), claim, secret)
    assert not is_signed(replace(request_, path="/other.txt"), claim, secret)


def test_a_payload_is_the_one_declared() -> None:
    """A body other than the one whose hash is signed is noticed."""
    assert is_payload_intact(GET_OBJECT)
    assert not is_payload_intact(replace(GET_OBJECT, body=b"more"))


def without(request: Request, name: str) -> Request:
    kept = tuple((key, value) for key, value in request.headers if key.lower() != name)
    return replace(request, headers=kept)


def test_a_request_without_signature_is_told_apart() -> None:
    """Unsigned is not badly signed."""
    with pytest.raises(Unsigned):
        read_claim(without(LIST_USERS, "authorization"))


@pytest.mark.parametrize(
    "header",
    [
        "Basic dXNlcg==",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=00",
        f"AWS4-HMAC-SHA256 Credential=a/b/aws4_request, SignedHeaders=host, Signature={EMPTY}",
        f"AWS4-HMAC-SHA256 Credential=a//r/s/aws4_request, SignedHeaders=host, Signature={EMPTY}",
        f"AWS4-HMAC-SHA256 Credential=a/b/r/s/aws5, SignedHeaders=host, Signature={EMPTY}",
    ],
)
def test_a_header_that_cannot_be_read(header: str) -> None:
    """What is no Signature Version 4 is said to be none."""
    broken = replace(LIST_USERS, headers=(("Authorization", header), ("X-Amz-Date", "x")))
    with pytest.raises(Incomplete):
        read_claim(broken)


@pytest.mark.parametrize("expires", ["0", "604801", "soon", ""])
def test_a_url_lives_a_week_at_most(expires: str) -> None:
    """X-Amz-Expires is from 1 to 604800 seconds."""
    query = PRESIGNED.query.replace("X-Amz-Expires=86400", f"X-Amz-Expires={expires}")
    with pytest.raises(Incomplete, match="604800"):
        read_claim(replace(PRESIGNED, query=query))


def test_the_token_must_be_signed() -> None:
    """A session token that was put in later does not count."""
    headers = (*LIST_USERS.headers, ("X-Amz-Security-Token", "added"))
    added = replace(LIST_USERS, headers=headers)
    assert not is_signed(added, read_claim(added), SECRET)
