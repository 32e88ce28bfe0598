"""Requests of AWS's own client verify; with any byte of them changed they do not."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.unit.pki.making import Vector, vectors

from rolesanywhere.pki.canonical import WireRequest
from rolesanywhere.pki.verification import Refused, SignatureRefused, VerifiedRequest, verify

each_vector = pytest.mark.parametrize("vector", vectors(), ids=range(len(vectors())))
EVERY_BIT = tuple(1 << bit for bit in range(8))
ONE_BIT_AND_CASE = (0x01, 0x20)  # 0x20 turns %2F into %2f and a digit into a control character


def check(request: WireRequest, vector: Vector, now: datetime | None = None) -> VerifiedRequest:
    return verify(request, region=vector.region, now=now or vector.signed_at)


def survivors(requests: Iterator[tuple[str, WireRequest]], vector: Vector) -> list[str]:
    """Name the changed requests that still verify."""
    alive = []
    for name, request in requests:
        try:
            check(request, vector)
        except SignatureRefused:
            continue
        alive.append(name)
    return alive


def flipped(text: str, masks: tuple[int, ...]) -> Iterator[tuple[int, str]]:
    """Change each byte of ``text`` in turn, by each mask in turn."""
    for position, letter in enumerate(text):
        for mask in masks:
            other = chr(ord(letter) ^ mask)
            yield position, f"{text[:position]}{other}{text[position + 1 :]}"


def masks(vector: Vector) -> tuple[int, ...]:
    """Give every bit for the first request; a telling few for the others, to save time."""
    return EVERY_BIT if vector is vectors()[0] else ONE_BIT_AND_CASE


def own_headers(vector: Vector) -> Iterator[tuple[int, str, str]]:
    """Give the headers, with their places, that no request before this one has exactly so."""
    before = vectors()[: vectors().index(vector)]
    known = {header for other in before for header in other.request.headers}
    for index, (name, value) in enumerate(vector.request.headers):
        if (name, value) not in known:
            yield index, name, value


def with_header(request: WireRequest, index: int, value: str) -> WireRequest:
    headers = list(request.headers)
    headers[index] = (headers[index][0], value)
    return replace(request, headers=tuple(headers))


@each_vector
def test_a_recorded_request_verifies(vector: Vector) -> None:
    """What aws_signing_helper signs is accepted, with all it says about itself."""
    verified = check(vector.request, vector)
    chain = dict(vector.request.headers).get("X-Amz-X509-Chain", "")
    assert {"host", "x-amz-date", "x-amz-x509"} <= verified.signed_headers
    assert verified.signed_at == vector.signed_at
    assert verified.leaf.subject.first("CN") in {"leaf-ec", "leaf-rsa"}
    assert list(verified.chain_der) == [base64.b64decode(x) for x in chain.split(",") if x]


@each_vector
def test_no_bit_of_the_body_can_change(vector: Vector) -> None:
    """Every bit of the body is under the signature."""
    body = vector.request.body.decode("latin-1")
    changed = (
        (f"{at}", replace(vector.request, body=text.encode("latin-1")))
        for at, text in flipped(body, EVERY_BIT)
    )
    assert survivors(changed, vector) == []


@each_vector
def test_no_bit_of_the_query_can_change(vector: Vector) -> None:
    """Not even the case of an escape's digits, which canonicalisation would forgive."""
    changed = (
        (text, replace(vector.request, query=text))
        for _, text in flipped(vector.request.query, masks(vector))
    )
    assert survivors(changed, vector) == []


@each_vector
def test_no_byte_of_a_signed_header_can_change(vector: Vector) -> None:
    """The certificate, its chain, the date, the host and the rest, each text byte by byte."""
    signed = check(vector.request, vector).signed_headers
    header_masks = ONE_BIT_AND_CASE if vector is vectors()[0] else (0x20,)
    changed = (
        (f"{name}[{at}]", with_header(vector.request, index, text))
        for index, name, value in own_headers(vector)
        if name.lower() in signed
        for at, text in flipped(value, header_masks)
    )
    assert survivors(changed, vector) == []


@each_vector
def test_no_byte_of_the_authorization_can_change(vector: Vector) -> None:
    """It is not under the signature itself, so it is read strictly."""
    index, value = next(
        (i, v) for i, (n, v) in enumerate(vector.request.headers) if n == "Authorization"
    )
    changed = (
        (f"[{at}]", with_header(vector.request, index, text))
        for at, text in flipped(value, (1, 0x10, 0x20))
    )
    assert survivors(changed, vector) == []


@pytest.mark.parametrize(
    ("part", "value"),
    [("method", "PUT"), ("path", "/session"), ("path", "/sessions/"), ("path", "//sessions")],
)
def test_method_and_path_are_signed(part: str, value: str) -> None:
    """Neither can be exchanged."""
    vector = vectors()[0]
    changed = (
        replace(vector.request, method=value)
        if part == "method"
        else replace(vector.request, path=value)
    )
    with pytest.raises(SignatureRefused) as refusal:
        check(changed, vector)
    assert refusal.value.kind is Refused.INVALID


@pytest.mark.parametrize(
    ("offset", "fresh"), [(300, True), (-300, True), (301, False), (-301, False)]
)
def test_a_request_is_fresh_for_five_minutes(offset: int, fresh: bool) -> None:  # noqa: FBT001 - a column
    """Five minutes either way are accepted, one second more is not."""
    vector = vectors()[0]
    now = vector.signed_at + timedelta(seconds=offset)
    if fresh:
        assert check(vector.request, vector, now).signed_at == vector.signed_at
        return
    with pytest.raises(SignatureRefused) as refusal:
        check(vector.request, vector, now)
    assert refusal.value.kind is Refused.STALE


def test_another_region_is_another_scope() -> None:
    """A request for one region is refused in every other."""
    vector = vectors()[0]
    with pytest.raises(SignatureRefused) as refusal:
        verify(vector.request, region="ap-northeast-1", now=vector.signed_at)
    assert refusal.value.kind is Refused.SCOPE_MISMATCH


def test_headers_may_differ_in_case_and_order() -> None:
    """A proxy that reorders headers or spells their names otherwise breaks nothing."""
    vector = vectors()[1]
    headers = tuple((name.upper(), value) for name, value in reversed(vector.request.headers))
    assert check(replace(vector.request, headers=headers), vector).chain_der


def test_query_pairs_may_come_in_any_order() -> None:
    """The signature covers the pairs sorted, as the protocol says."""
    vector = vectors()[0]
    query = "&".join(reversed(vector.request.query.split("&")))
    assert check(replace(vector.request, query=query), vector).leaf.serial
