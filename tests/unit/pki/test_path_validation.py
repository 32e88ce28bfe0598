"""Certificate paths: what Roles Anywhere trusts, and which of its two answers the rest gets."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA224, SHA384, SHA512
from tests.unit.pki.making import DAY, NOON, OUTDATED, Made, make, make_ca, signed_weakly, version_1

from rolesanywhere.pki.path import Distrust, Untrusted, validate

UNTRUSTED = Distrust.UNTRUSTED_SIGNING_CERTIFICATE
INSUFFICIENT = Distrust.INSUFFICIENT_CERTIFICATE
EXPIRED: dict[str, Any] = {"not_before": NOON - 2 * DAY, "not_after": NOON - DAY}

ROOT = make_ca("CN=root")
MIDDLE = make_ca("CN=middle", ROOT)
LOWER = make_ca("CN=lower", MIDDLE)
STRANGER = make_ca("CN=stranger")
NAMESAKE = Made(
    key=STRANGER.key,
    certificate=make_ca("CN=root", kind="P-384").certificate,  # the name alone proves nothing
)


def depth(count: int) -> list[Made]:
    """Give a root and ``count`` intermediates, each signed by the one before."""
    line = [ROOT]
    for number in range(count):
        line.append(make_ca(f"CN=level {number}", line[-1]))
    return line


def judge(
    leaf: Made, chain: Sequence[Made] = (), anchors: Sequence[Made] = (ROOT,), now: datetime = NOON
) -> Distrust | None:
    """Give the kind of distrust, or None for a trusted leaf."""
    bundle = "".join(each.pem.decode() for each in anchors)
    try:
        validate(leaf.der, [each.der for each in chain], bundle, now=now)
    except Untrusted as untrusted:
        return untrusted.kind
    return None


def leaf_of(issuer: Made, **options: Any) -> Made:  # noqa: ANN401 - as make
    return make("CN=web", issuer, **options)


FIVE, SIX = depth(5), depth(6)


@pytest.mark.parametrize(
    ("leaf", "chain", "anchors"),
    [
        pytest.param(leaf_of(ROOT), [], [ROOT], id="issued-by-anchor"),
        pytest.param(leaf_of(MIDDLE), [MIDDLE], [ROOT], id="one-intermediate"),
        pytest.param(leaf_of(LOWER), [LOWER, MIDDLE], [ROOT], id="two-intermediates"),
        pytest.param(leaf_of(LOWER), [MIDDLE, LOWER], [ROOT], id="chain-in-any-order"),
        pytest.param(leaf_of(MIDDLE), [], [MIDDLE], id="anchor-is-an-intermediate"),
        pytest.param(leaf_of(MIDDLE), [MIDDLE, ROOT], [ROOT], id="root-in-chain"),
        pytest.param(leaf_of(ROOT), [STRANGER], [ROOT], id="stranger-in-chain"),
        pytest.param(leaf_of(ROOT), [], [STRANGER, ROOT], id="second-anchor"),
        pytest.param(leaf_of(ROOT), [], [NAMESAKE, ROOT], id="anchor-renewed-with-new-key"),
        pytest.param(leaf_of(FIVE[-1]), FIVE[1:], [ROOT], id="five-intermediates"),
        pytest.param(leaf_of(ROOT, ca=None), [], [ROOT], id="no-basic-constraints"),
        pytest.param(
            leaf_of(ROOT, usage=["digital_signature", "key_encipherment"]),
            [],
            [ROOT],
            id="more-key-usage",
        ),
        pytest.param(leaf_of(ROOT, digest=SHA384()), [], [ROOT], id="sha384"),
        pytest.param(leaf_of(ROOT, digest=SHA512()), [], [ROOT], id="sha512"),
        pytest.param(leaf_of(ROOT, kind="RSA"), [], [ROOT], id="rsa-leaf"),
        pytest.param(leaf_of(ROOT, kind="ML-DSA-65"), [], [ROOT], id="ml-dsa-leaf"),
    ],
)
def test_a_good_path_is_trusted(leaf: Made, chain: Sequence[Made], anchors: Sequence[Made]) -> None:
    """A path to any of the anchors is enough, whatever else is in the chain."""
    assert judge(leaf, chain, anchors) is None


@pytest.mark.parametrize("kind", ["RSA", "P-384", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"])
def test_authorities_of_every_kind(kind: str) -> None:
    """RSA, EC and ML-DSA authorities sign good paths alike."""
    root = make_ca(f"CN={kind} root", kind=kind)
    middle = make_ca(f"CN={kind} middle", root, kind=kind)
    assert judge(leaf_of(middle), [middle], [root]) is None
    assert judge(leaf_of(middle), [middle], [ROOT]) is UNTRUSTED


def test_the_leaf_may_be_in_the_chain() -> None:
    """Clients with PKCS#12 files send the leaf first; it is not one of the five."""
    leaf = leaf_of(FIVE[-1])
    assert judge(leaf, [leaf, *FIVE[1:]]) is None


NO_CA = make("CN=no ca", ROOT, usage=["key_cert_sign"])
NO_CONSTRAINTS = make("CN=bare", ROOT, ca=None, usage=["key_cert_sign"])
NO_CERT_SIGN = make_ca("CN=no sign", ROOT, usage=["crl_sign"])
NO_USAGE = make_ca("CN=no usage", ROOT, usage=None)
RSA_ROOT = make_ca("CN=rsa root", kind="RSA")
WEAK = signed_weakly(make_ca("CN=weak", RSA_ROOT), RSA_ROOT, OUTDATED[0])
SHA224_CA = make_ca("CN=sha224", ROOT, digest=SHA224())
OLD = make_ca("CN=old", ROOT, **EXPIRED)
CONSTRAINED = make_ca(
    "CN=constrained",
    ROOT,
    extra=[(x509.NameConstraints([x509.DNSName("example.com")], None), True)],
)
SHORT = make_ca("CN=short", ROOT, path_length=0)
BELOW_SHORT = make_ca("CN=below short", SHORT)
SHORT_ROOT = make_ca("CN=short root", path_length=0)
BELOW_SHORT_ROOT = make_ca("CN=below short root", SHORT_ROOT)
OLD_ROOT = make_ca("CN=old root", **EXPIRED)
WEAK_ROOT = signed_weakly(RSA_ROOT, RSA_ROOT, OUTDATED[0])
LEAF_ROOT = make("CN=self")
FIRST_VERSION = make("CN=v1", ca=None, usage=None)
V1_ROOT = version_1(FIRST_VERSION, FIRST_VERSION)


@pytest.mark.parametrize(
    ("leaf", "chain", "anchors"),
    [
        pytest.param(leaf_of(STRANGER), [], [ROOT], id="wrong-ca"),
        pytest.param(leaf_of(ROOT), [], [NAMESAKE], id="ca-of-the-same-name"),
        pytest.param(leaf_of(MIDDLE), [], [ROOT], id="missing-intermediate"),
        pytest.param(leaf_of(STRANGER), [STRANGER], [ROOT], id="brings-its-own-root"),
        pytest.param(leaf_of(SIX[-1]), SIX[1:], [ROOT], id="six-intermediates"),
        pytest.param(leaf_of(ROOT, **EXPIRED), [], [ROOT], id="expired-leaf"),
        pytest.param(
            leaf_of(ROOT, not_before=NOON + timedelta(seconds=1)), [], [ROOT], id="early-leaf"
        ),
        pytest.param(leaf_of(OLD), [OLD], [ROOT], id="expired-intermediate"),
        pytest.param(leaf_of(OLD_ROOT), [], [OLD_ROOT], id="expired-anchor"),
        pytest.param(leaf_of(NO_CA), [NO_CA], [ROOT], id="intermediate-not-ca"),
        pytest.param(leaf_of(NO_CONSTRAINTS), [NO_CONSTRAINTS], [ROOT], id="no-constraints"),
        pytest.param(leaf_of(NO_CERT_SIGN), [NO_CERT_SIGN], [ROOT], id="no-key-cert-sign"),
        pytest.param(leaf_of(NO_USAGE), [NO_USAGE], [ROOT], id="no-key-usage"),
        pytest.param(leaf_of(WEAK), [WEAK], [RSA_ROOT], id="sha1-intermediate"),
        pytest.param(leaf_of(SHA224_CA), [SHA224_CA], [ROOT], id="sha224-intermediate"),
        pytest.param(leaf_of(WEAK_ROOT), [], [WEAK_ROOT], id="sha1-anchor"),
        pytest.param(leaf_of(BELOW_SHORT), [BELOW_SHORT, SHORT], [ROOT], id="path-length"),
        pytest.param(
            leaf_of(BELOW_SHORT_ROOT), [BELOW_SHORT_ROOT], [SHORT_ROOT], id="anchor-path-length"
        ),
        pytest.param(leaf_of(CONSTRAINED), [CONSTRAINED], [ROOT], id="name-constraints"),
        pytest.param(leaf_of(V1_ROOT), [], [V1_ROOT], id="v1-anchor"),
        pytest.param(LEAF_ROOT, [], [LEAF_ROOT], id="leaf-as-its-own-anchor"),
    ],
)
def test_no_good_path_is_untrusted(
    leaf: Made, chain: Sequence[Made], anchors: Sequence[Made]
) -> None:
    """Whatever is wrong above the leaf, or with time, is an untrusted signing certificate."""
    assert judge(leaf, chain, anchors) is UNTRUSTED


@pytest.mark.parametrize(
    "leaf",
    [
        pytest.param(make_ca("CN=web", ROOT, usage=["digital_signature"]), id="ca-true"),
        pytest.param(version_1(leaf_of(ROOT, ca=None, usage=None), ROOT), id="v1"),
        pytest.param(leaf_of(ROOT, usage=None), id="no-key-usage"),
        pytest.param(leaf_of(ROOT, usage=["key_encipherment"]), id="no-digital-signature"),
        *(
            pytest.param(signed_weakly(leaf_of(RSA_ROOT), RSA_ROOT, digest), id=digest.name)
            for digest in OUTDATED
        ),
        pytest.param(leaf_of(ROOT, digest=SHA224()), id="sha224"),
        pytest.param(
            make("", ROOT, extra=[(x509.SubjectAlternativeName([x509.DNSName("web")]), True)]),
            id="empty-subject",
        ),
        pytest.param(
            leaf_of(
                ROOT,
                extra=[
                    (
                        x509.UnrecognizedExtension(
                            x509.ObjectIdentifier("1.3.6.1.4.1.99"), b"\5\0"
                        ),
                        True,
                    )
                ],
            ),
            id="unknown-critical-extension",
        ),
    ],
)
def test_an_unfit_leaf_is_insufficient(leaf: Made) -> None:
    """A leaf on a good path that breaks a rule for leaves gets the other answer."""
    assert judge(leaf, anchors=[ROOT, RSA_ROOT]) is INSUFFICIENT


@pytest.mark.parametrize(
    ("moment", "trusted"),
    [(NOON - DAY, True), (NOON + DAY, True), (NOON + DAY + timedelta(seconds=1), False)],
)
def test_validity_includes_both_ends(moment: datetime, trusted: bool) -> None:  # noqa: FBT001 - a column
    """NotBefore and notAfter themselves are still good moments (RFC 5280, 4.1.2.5)."""
    assert (judge(leaf_of(ROOT), now=moment) is None) is trusted


def test_a_self_issued_ca_does_not_count_against_the_path_length() -> None:
    """A CA's new key, certified by its old one, adds no level (RFC 5280, 4.2.1.9)."""
    outer = make_ca("CN=outer", ROOT, path_length=0)
    rolled = make_ca("CN=outer", outer, kind="P-384")
    assert judge(leaf_of(rolled), [rolled, outer]) is None


def test_the_refusal_names_the_missing_issuer() -> None:
    """An administrator reads which CA is missing, not only that one is."""
    with pytest.raises(Untrusted, match="its issuer, CN=middle, is not at hand"):
        validate(leaf_of(MIDDLE).der, [], ROOT.pem.decode(), now=NOON)
