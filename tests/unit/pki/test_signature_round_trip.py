"""What ``sign`` makes, ``verify`` accepts; what breaks one rule is refused for that rule."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from tests.unit.pki.making import NOON, Made, make, make_ca, vectors, version_1

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.pki.authorization import parse
from rolesanywhere.pki.canonical import WireRequest, string_to_sign
from rolesanywhere.pki.signature import sign
from rolesanywhere.pki.verification import Refused, SignatureRefused, verify

REGION = "eu-central-1"
ROOT = make_ca("CN=root")
MIDDLE = make_ca("CN=middle", ROOT)
LEAF = make("CN=web,OU=shop", MIDDLE)
REQUEST = WireRequest(
    "POST",
    "/base/sessions",
    "roleArn=a%20role&profileArn=p%2F1",
    (("Host", "localhost:8443"), ("Content-Type", "application/json"), ("X-Note", "  a   b ")),
    b'{"durationSeconds":3600}',
)


def signed(
    leaf: Made = LEAF, chain: bytes = MIDDLE.pem, request: WireRequest = REQUEST
) -> WireRequest:
    return sign(
        request,
        private_key=leaf.key_pem,
        certificates=leaf.pem + chain,
        region=REGION,
        now=NOON + timedelta(microseconds=7),
    )


def header(request: WireRequest, name: str) -> str | None:
    return next((v for n, v in request.headers if n.lower() == name.lower()), None)


def with_header(request: WireRequest, name: str, value: str) -> WireRequest:
    kept = tuple((n, v) for n, v in request.headers if n.lower() != name.lower())
    return replace(request, headers=(*kept, (name, value)))


@pytest.mark.parametrize("with_chain", [False, True])
@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        ("RSA", "AWS4-X509-RSA-SHA256"),
        ("P-256", "AWS4-X509-ECDSA-SHA256"),
        ("P-384", "AWS4-X509-ECDSA-SHA256"),
        ("P-521", "AWS4-X509-ECDSA-SHA256"),
        ("ML-DSA-44", "AWS4-X509-MLDSA"),
        ("ML-DSA-65", "AWS4-X509-MLDSA"),
        ("ML-DSA-87", "AWS4-X509-MLDSA"),
    ],
)
def test_what_is_signed_verifies(kind: str, algorithm: str, with_chain: bool) -> None:  # noqa: FBT001 - a column
    """Each kind of key signs by its own algorithm, and the verifier agrees."""
    leaf = make(f"CN={kind}", MIDDLE, kind=kind)
    request = signed(leaf, MIDDLE.pem if with_chain else b"")
    verified = verify(request, region=REGION, now=NOON)
    assert (header(request, "Authorization") or "").startswith(f"{algorithm} ")
    assert verified.leaf_der == leaf.der
    assert verified.chain_der == ((MIDDLE.der,) if with_chain else ())
    assert verified.signed_at == NOON


def test_no_intermediates_no_chain_header() -> None:
    """An empty chain header would be refused by Roles Anywhere: none is sent."""
    assert header(signed(chain=b""), "X-Amz-X509-Chain") is None


def test_root_and_leaf_stay_out_of_the_chain() -> None:
    """Only intermediates travel, whatever else the bundle holds."""
    request = signed(chain=LEAF.pem + MIDDLE.pem + ROOT.pem)
    assert header(request, "X-Amz-X509-Chain") == base64.b64encode(MIDDLE.der).decode()


def test_every_header_given_is_signed() -> None:
    """Nothing the caller hands over can be changed on the way."""
    verified = verify(signed(), region=REGION, now=NOON)
    assert verified.signed_headers == {
        "content-type",
        "host",
        "x-amz-date",
        "x-amz-x509",
        "x-amz-x509-chain",
        "x-note",
    }


@pytest.mark.parametrize(
    ("private_key", "certificates", "words"),
    [
        (ROOT.key_pem, LEAF.pem, "not that of certificate"),
        (b"garbage", LEAF.pem, "not readable PEM"),
        (LEAF.key_pem, b"garbage", "no readable PEM certificate"),
        (LEAF.key_pem, b"", "no readable PEM certificate"),
    ],
    ids=["differ", "bad-key", "bad-certificate", "no-certificate"],
)
def test_an_unfit_pair_signs_nothing(private_key: bytes, certificates: bytes, words: str) -> None:
    """A key and a certificate that do not belong together are refused before anything is sent."""
    with pytest.raises(Refusal, match=words) as refusal:
        sign(REQUEST, private_key=private_key, certificates=certificates, region=REGION, now=NOON)
    assert refusal.value.reason is Reason.SESSION_REFUSED


def _authorization(old: str, new: str) -> Callable[[WireRequest], WireRequest]:
    def change(request: WireRequest) -> WireRequest:
        value = header(request, "Authorization") or ""
        assert old in value
        return with_header(request, "Authorization", value.replace(old, new))

    return change


def _header(name: str, value: str) -> Callable[[WireRequest], WireRequest]:
    return lambda request: with_header(request, name, value)


def _added(name: str, value: str) -> Callable[[WireRequest], WireRequest]:
    return lambda request: replace(request, headers=(*request.headers, (name, value)))


def _dropped(name: str) -> Callable[[WireRequest], WireRequest]:
    return lambda request: replace(
        request, headers=tuple((n, v) for n, v in request.headers if n.lower() != name)
    )


def _query(query: str) -> Callable[[WireRequest], WireRequest]:
    return lambda request: replace(request, query=query)


SERIAL = str(LEAF.certificate.serial_number)
LEAF_TEXT = base64.b64encode(LEAF.der).decode()
V1 = version_1(make("CN=v1", MIDDLE, ca=None, usage=None), MIDDLE)
FOREIGN_TEXT = dict(vectors()[0].request.headers)["X-Amz-X509"]  # ends in "mw==": two spare bits
MIDDLE_TEXT = base64.b64encode(MIDDLE.der).decode()


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (_dropped("authorization"), Refused.MALFORMED),
        (_header("Authorization", "Bearer abc"), Refused.MALFORMED),
        (_authorization("Signature=", "Signature=A"), Refused.MALFORMED),
        (_authorization("Signature=30", "Signature=3"), Refused.MALFORMED),
        (_authorization(", Signed", ",Signed"), Refused.MALFORMED),
        (_authorization("host;x-amz-date", "x-amz-date;host"), Refused.MALFORMED),
        (_authorization("host;", "host;host;"), Refused.MALFORMED),
        (_authorization(f"={SERIAL}", f"=0{SERIAL}"), Refused.MALFORMED),
        (_authorization(f"={SERIAL}", f"={'9' * 5000}"), Refused.MALFORMED),
        (_authorization("ECDSA-SHA256", "RSA-SHA256"), Refused.ALGORITHM_MISMATCH),
        (_authorization("ECDSA-SHA256", "ECDSA-SHA512"), Refused.ALGORITHM_MISMATCH),
        (_authorization(f"={SERIAL}", "=1"), Refused.SERIAL_MISMATCH),
        (
            _authorization(f"={SERIAL}", f"={LEAF.certificate.serial_number + 1}"),
            Refused.SERIAL_MISMATCH,
        ),
        (_authorization("rolesanywhere", "sts"), Refused.SCOPE_MISMATCH),
        (_authorization("aws4_request", "aws4-request"), Refused.SCOPE_MISMATCH),
        (_authorization("/20300615/", "/20300614/"), Refused.SCOPE_MISMATCH),
        (_authorization("host;", ""), Refused.HEADER_NOT_SIGNED),
        (_authorization("x-amz-date;", ""), Refused.HEADER_NOT_SIGNED),
        (_authorization("x-amz-x509;", ""), Refused.HEADER_NOT_SIGNED),
        (_authorization(";x-amz-x509-chain", ""), Refused.HEADER_NOT_SIGNED),
        (_authorization(";x-note", ""), Refused.INVALID),
        (_authorization(";x-note", ";x-nota"), Refused.MALFORMED),
        (_dropped("host"), Refused.MALFORMED),
        (_dropped("x-amz-x509"), Refused.MALFORMED),
        (_added("Host", "localhost:8443"), Refused.MALFORMED),
        (_added("x-amz-x509", LEAF_TEXT), Refused.MALFORMED),
        (_added("Authorization", "x"), Refused.MALFORMED),
        (_added("X-Unsigned", "fine\nhost:evil"), Refused.MALFORMED),
        (_header("X-Amz-X509", ""), Refused.MALFORMED),
        (_header("X-Amz-X509", "!" + LEAF_TEXT), Refused.MALFORMED),
        (_header("X-Amz-X509", FOREIGN_TEXT), Refused.SERIAL_MISMATCH),
        (_header("X-Amz-X509", FOREIGN_TEXT.replace("mw==", "mx==")), Refused.MALFORMED),
        (_header("X-Amz-X509", FOREIGN_TEXT.replace("==", "")), Refused.MALFORMED),
        (_header("X-Amz-X509", base64.b64encode(V1.der).decode()), Refused.MALFORMED),
        (_header("X-Amz-X509", base64.b64encode(b"no certificate").decode()), Refused.MALFORMED),
        (_header("X-Amz-X509-Chain", ""), Refused.MALFORMED),
        (_header("X-Amz-X509-Chain", f"{MIDDLE_TEXT},"), Refused.MALFORMED),
        (_header("X-Amz-X509-Chain", ",".join([MIDDLE_TEXT] * 6)), Refused.CHAIN_TOO_LONG),
        (_header("X-Amz-X509-Chain", ",".join([MIDDLE_TEXT] * 2)), Refused.INVALID),
        (_header("X-Amz-Date", "20300615T120000"), Refused.MALFORMED),
        (_header("X-Amz-Date", "20301315T120000Z"), Refused.MALFORMED),
        (_header("X-Amz-Date", "20300615T115959Z"), Refused.INVALID),
        (_header("X-Amz-Date", "20300615T110000Z"), Refused.STALE),
        (_header("X-Note", "a\tb"), Refused.MALFORMED),
        (_header("X-Note", "a b"), None),
        (_query("profileArn=p%2f1&roleArn=a%20role"), Refused.MALFORMED),
        (_query("profileArn=p%2F1&roleArn=a+role"), Refused.MALFORMED),
        (_query("profileArn=p/1&roleArn=a%20role"), Refused.MALFORMED),
        (_query("profileArn=p%2F1&roleArn=a%20role&"), Refused.MALFORMED),
        (_query("profileArn=p%2F1&roleArn=a%20rol%65"), Refused.MALFORMED),
        (_query("profileArn=p%2F1&roleArn=a%20role&x="), Refused.INVALID),
        (_query("profileArn=p%2F1&roleArn=a%20role"), None),
        (lambda request: replace(request, path="/base/sessions\n"), Refused.MALFORMED),
        (lambda request: replace(request, path="/base/s\u20acssions"), Refused.MALFORMED),
    ],
)
def test_each_rule_has_its_refusal(
    change: Callable[[WireRequest], WireRequest], kind: Refused | None
) -> None:
    """A changed request is refused for the rule it breaks; None marks a change without meaning."""
    assert _refusal(change(signed())) is kind


def test_a_signature_of_another_encoding_is_refused() -> None:
    """The same EC signature with a padded integer is not DER and does not pass."""
    request = signed()
    claim = parse(header(request, "Authorization") or "")
    text = string_to_sign(
        request,
        algorithm=claim.algorithm,
        signed_headers=claim.signed_headers,
        timestamp="20300615T120000Z",
        credential_scope=claim.scope,
    )
    good = LEAF.key.sign(text, ec.ECDSA(SHA256()))
    length = good[3]
    padded = bytes([0x30, good[1] + 1, 0x02, length + 1, 0]) + good[4:]
    for signature, passes in ((good, True), (padded, False), (good + b"\0", False)):
        again = with_header(request, "Authorization", replace(claim, signature=signature).render())
        assert (_refusal(again) is None) is passes


def _refusal(request: WireRequest) -> Refused | None:
    try:
        verify(request, region=REGION, now=NOON)
    except SignatureRefused as refusal:
        return refusal.kind
    return None
