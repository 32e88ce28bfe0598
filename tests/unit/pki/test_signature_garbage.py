"""Whatever is sent, the verifier answers with a refusal and never with a crash."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.pki.making import NOON, make, make_ca, vectors

from rolesanywhere.pki.canonical import WireRequest
from rolesanywhere.pki.certificates import UnreadableCertificate
from rolesanywhere.pki.inspection import facts_of
from rolesanywhere.pki.path import Untrusted, validate
from rolesanywhere.pki.verification import SignatureRefused, verify

VECTOR = vectors()[1]
HEADERS = dict(VECTOR.request.headers)
NAMES = st.sampled_from([*HEADERS, "x-amz-x509-chain", ""]) | st.text(max_size=8)
VALUES = st.sampled_from(list(HEADERS.values())) | st.text(max_size=200)
ANCHOR = make_ca("CN=anchor")
LEAF = make("CN=leaf", ANCHOR)


@settings(max_examples=300, deadline=None)
@given(
    st.builds(
        WireRequest,
        method=st.just("POST") | st.text(max_size=8),
        path=st.just("/sessions") | st.text(max_size=20),
        query=st.just(VECTOR.request.query) | st.text(max_size=60),
        headers=st.lists(st.tuples(NAMES, VALUES), max_size=9).map(tuple),
        body=st.binary(max_size=30),
    )
)
def test_any_request_is_refused_politely(request: WireRequest) -> None:
    """Texts of any kind in any place."""
    with pytest.raises(SignatureRefused):
        verify(request, region=VECTOR.region, now=VECTOR.signed_at)


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(list(HEADERS)), value=VALUES)
def test_one_header_replaced(name: str, value: str) -> None:
    """A single header exchanged is either without meaning or refused."""
    headers = tuple((n, value if n == name else v) for n, v in VECTOR.request.headers)
    request = replace(VECTOR.request, headers=headers)
    try:
        verified = verify(request, region=VECTOR.region, now=VECTOR.signed_at)
    except SignatureRefused:
        return
    assert name.lower() not in verified.signed_headers or value == HEADERS[name]


@pytest.mark.parametrize("mask", [0x01, 0x03, 0x20, 0xFF])
def test_a_damaged_certificate_is_refused_politely(mask: int) -> None:
    """Every byte of the certificate in turn, well-encoded: no parser of ours falls over it."""
    der = bytearray(base64.b64decode(HEADERS["X-Amz-X509"]))
    for position in range(len(der)):
        damaged = bytes(der[:position]) + bytes([der[position] ^ mask]) + bytes(der[position + 1 :])
        text = base64.b64encode(damaged).decode()
        headers = tuple((n, text if n == "X-Amz-X509" else v) for n, v in VECTOR.request.headers)
        with pytest.raises(SignatureRefused):
            verify(
                replace(VECTOR.request, headers=headers),
                region=VECTOR.region,
                now=VECTOR.signed_at,
            )


@pytest.mark.parametrize("mask", [0x01, 0x03, 0x20, 0xFF])
def test_a_damaged_leaf_finds_no_path(mask: int) -> None:
    """A certificate changed in any signed byte is not its CA's any more, or cannot be read."""
    signed = LEAF.certificate.tbs_certificate_bytes
    start = LEAF.der.index(signed)
    for position in range(start, start + len(signed)):
        damaged = bytearray(LEAF.der)
        damaged[position] ^= mask
        with pytest.raises(Untrusted):
            validate(bytes(damaged), [], ANCHOR.pem.decode(), now=NOON)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_garbage_is_no_certificate(garbage: bytes) -> None:
    """Neither as a leaf, nor in a chain, nor as facts."""
    with pytest.raises(UnreadableCertificate):
        facts_of(garbage)
    with pytest.raises(Untrusted):
        validate(garbage, [], ANCHOR.pem.decode(), now=NOON)
    with pytest.raises(Untrusted):
        validate(LEAF.der, [garbage], ANCHOR.pem.decode(), now=NOON)
    with pytest.raises(Untrusted):
        validate(LEAF.der, [], garbage.decode("latin-1"), now=NOON)
