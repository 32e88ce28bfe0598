"""The demo's own checks: each takes what is right, and none takes anything else for it."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from hack.demo.checks import certificates, roles, sessions
from hack.demo.errors import ExpectationError
from hack.demo.objects import Object, Reference, wait_for
from hack.demo.pod import CONTENT, Said
from hack.demo.walkthroughs import NAME, OWN_CA
from tests.flow.demo_listener import Listener
from tests.unit.pki.making import DAY, NOON, Made, make, make_ca

LAST_DAY = datetime(2200, 3, 15, tzinfo=UTC)
ANCHOR = "arn:aws:rolesanywhere:eu-west-1:123456789012:trust-anchor/a"
SERIAL = "0a0b0c"
KEY = "EC secp256r1"
NAMES = (("CN", "sample"), ("OU", "tech"))


@cache
def root() -> Made:
    return make_ca(NAME, not_after=LAST_DAY)


def uri(text: str) -> tuple[x509.ExtensionType, bool]:
    return x509.SubjectAlternativeName([x509.UniformResourceIdentifier(text)]), False


def leaf(subject: str = NAME, *, ends: datetime = NOON + 7 * DAY, san: str = OWN_CA.uri) -> Made:
    return make(subject, root(), not_after=ends, extra=[uri(san)])


def test_right_root() -> None:
    """A CA's own certificate with the right name, key, signature and end passes."""
    listener = Listener()
    certificates.check_root(listener, root().certificate, key=KEY)
    assert listener.facts == {
        "subject": NAME,
        "key": KEY,
        "signed by": "itself",
        "ends": "2200-03-15 00:00 UTC",
    }


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        (lambda: make_ca("CN=other,OU=tech", not_after=LAST_DAY), "expected subject to be"),
        (lambda: make_ca("OU=tech,CN=sample", not_after=LAST_DAY), "expected subject to be"),
        (lambda: make_ca(NAME, kind="P-384", not_after=LAST_DAY), "expected key to be"),
        (lambda: make_ca(NAME, not_after=LAST_DAY - DAY), "expected ends to be"),
        (
            lambda: make_ca(NAME, make_ca("CN=x"), not_after=LAST_DAY),
            "certificate signed by itself",
        ),
        (lambda: make(NAME, not_after=LAST_DAY), "it says CA:FALSE"),
    ],
)
def test_wrong_root(made: Callable[[], Made], complaint: str) -> None:
    """A CA's certificate of another name, key or end, or of no CA, does not pass."""
    with pytest.raises(ExpectationError, match=complaint):
        certificates.check_root(Listener(), made().certificate, key=KEY)


def test_right_leaf() -> None:
    """A workload's certificate with name, URI, key and seven days passes."""
    listener = Listener()
    certificates.check_leaf(listener, leaf().certificate, OWN_CA, now=NOON)
    assert listener.facts["ends"] == "2030-06-22 12:00 UTC, 7 days after its issue"


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        (leaf("CN=other,OU=tech"), "expected subject to be"),
        (leaf(san="spiffe://cluster.local/ns/shop/sa/report"), "expected URI to be"),
        (leaf(ends=NOON + 6 * DAY), "a certificate that ends 7 days from now"),
        (leaf(ends=NOON + 7 * DAY + timedelta(hours=1)), "a certificate that ends 7 days from"),
    ],
)
def test_wrong_leaf(made: Made, complaint: str) -> None:
    """A workload's certificate of another name, URI or life does not pass."""
    with pytest.raises(ExpectationError, match=complaint):
        certificates.check_leaf(Listener(), made.certificate, OWN_CA, now=NOON)


def test_issuer_is_proven_by_the_signature() -> None:
    """A certificate passes as another's only by the signature, not by the issuer's name alone."""
    stranger = make_ca(NAME, kind="P-384")
    certificates.check_issuer(Listener(), leaf().certificate, root().certificate, "the root")
    with pytest.raises(ExpectationError, match="expected a certificate signed by the root"):
        certificates.check_issuer(Listener(), leaf().certificate, stranger.certificate, "the root")


def test_key_of_another_certificate() -> None:
    """Key and certificate pass only when they belong together; no key is told."""
    listener = Listener()
    certificates.check_pair(listener, leaf().key_pem, leaf().certificate)
    assert listener.facts == {"tls.key": "belongs to tls.crt"}
    with pytest.raises(ExpectationError, match=r"expected tls\.key and tls\.crt to belong"):
        certificates.check_pair(listener, leaf().key_pem, make("CN=a").certificate)


def test_serial_as_a_session_is_named() -> None:
    """A serial number is told in whole bytes of hexadecimal digits."""
    assert certificates.serial(make("CN=a", serial=0x0A0B0C).certificate) == SERIAL


def policy() -> dict[str, Any]:
    tags = {f"x509{kind}/{name}": value for kind in ("Issuer", "Subject") for name, value in NAMES}
    tags["x509SAN/URI"] = OWN_CA.uri
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "rolesanywhere.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        "Condition": {
            "StringEquals": {f"aws:PrincipalTag/{tag}": value for tag, value in tags.items()},
            "ArnEquals": {"aws:SourceArn": ANCHOR},
        },
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_right_trust_policy() -> None:
    """The trust policy of the walkthrough, pinned to URI and trust anchor, passes."""
    listener = Listener()
    roles.check_trust(listener, policy(), OWN_CA, ANCHOR)
    assert listener.facts["x509Issuer"] == listener.facts["x509Subject"] == "CN=sample,OU=tech"


def changed(path: str, value: object) -> dict[str, Any]:
    """Give the right policy with one value replaced; ``path`` leads there, split at ``|``."""
    document = copy.deepcopy(policy())
    *parents, last = path.split("|")
    place = document["Statement"][0]
    for parent in parents:
        place = place[parent]
    place[last] = value
    return document


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (changed("Principal", {"Service": "ec2.amazonaws.com"}), "expected trusts to be"),
        (changed("Action", ["sts:AssumeRole"]), "expected actions to be"),
        (changed("Condition|StringEquals|aws:PrincipalTag/x509Subject/CN", "x"), "x509Subject"),
        (changed("Condition|StringEquals|aws:PrincipalTag/x509Issuer/OU", "x"), "x509Issuer"),
        (changed("Condition|StringEquals|aws:PrincipalTag/x509SAN/URI", "x"), "x509SAN/URI"),
        (changed("Condition|ArnEquals|aws:SourceArn", ANCHOR + "b"), "aws:SourceArn to be"),
        (changed("Condition|StringNotEquals", {"a": "b"}), "expected conditions to be"),
        ({"Statement": policy()["Statement"] * 2}, "there are 2"),
    ],
)
def test_wrong_trust_policy(wrong: dict[str, Any], complaint: str) -> None:
    """A trust policy that lets in anyone else, or not all the way, does not pass."""
    with pytest.raises(ExpectationError, match=complaint):
        roles.check_trust(Listener(), wrong, OWN_CA, ANCHOR)


WHO = f"who_am_i: arn:aws:sts::123456789012:assumed-role/reader/{SERIAL}\n"
READ = f"read_report: {CONTENT}\n"
DENIED = (
    "list_machines: An error occurred (UnauthorizedOperation) when calling the DescribeInstances "
    "operation: no\n"
)


def test_allowed_and_denied() -> None:
    """A program that is the role, reads S3 and is denied EC2 passes."""
    listener = Listener()
    sessions.check(listener, Said(WHO + READ + DENIED, "", 0), role="reader", serial=SERIAL)
    assert listener.facts["reads S3"] == CONTENT
    assert listener.facts["lists EC2"] == "denied: UnauthorizedOperation"


@pytest.mark.parametrize(
    ("output", "status", "complaint"),
    [
        (WHO + READ + DENIED, 1, "it ended 1"),
        (
            WHO.replace("reader", "admin") + READ + DENIED,
            0,
            "program to be assumed-role/reader",
        ),
        (WHO + "read_report: An error occurred (AccessDenied)\n" + DENIED, 0, "reads S3 to be"),
        (WHO + READ + "list_machines: []\n", 0, "EC2 to answer"),
        (WHO + READ, 0, "EC2 to answer"),
        ("", 0, "it is nobody"),
    ],
)
def test_neither_more_nor_less_is_allowed(output: str, status: int, complaint: str) -> None:
    """A program that is another role, may not read S3, or may list EC2, does not pass."""
    with pytest.raises(ExpectationError, match=complaint):
        sessions.check(Listener(), Said(output, "", status), role="reader", serial=SERIAL)


@pytest.mark.parametrize(
    "said",
    [
        Said("", "who_am_i: ... AccessDeniedException ...", 0),
        Said("", "who_am_i: Unable to locate credentials", 1),
        Said(WHO, "read_report: AccessDeniedException", 1),
    ],
)
def test_refusal_is_told_from_other_failures(said: Said) -> None:
    """Only a program that ends without a call, for AWS's refusal, was refused."""
    with pytest.raises(ExpectationError, match="to find no credentials"):
        sessions.check_refused(Listener(), said)


def identity(status: str, observed: int) -> Object:
    condition = {
        "type": "Ready",
        "status": status,
        "observedGeneration": observed,
        "reason": "Pending",
        "message": "waits",
    }
    metadata = {"uid": "1", "generation": 2}
    return Object({"metadata": metadata, "status": {"conditions": [condition]}})


@pytest.mark.parametrize(
    ("status", "observed", "holds"), [("True", 2, True), ("True", 1, False), ("Unknown", 2, False)]
)
def test_condition_holds_for_the_spec_as_it_is(status: str, observed: int, *, holds: bool) -> None:
    """A condition counts only when it speaks of the spec as it is now."""
    assert identity(status, observed).has("Ready") is holds


def test_condition_in_words() -> None:
    """While people wait they read what a condition says, or that it is not there yet."""
    assert identity("Unknown", 2).words("Ready") == "Ready is Unknown: Pending: waits"
    assert identity("Unknown", 2).words("RoleReady") == "it has no condition RoleReady yet"


def test_wait_ends_with_what_was_missing() -> None:
    """A wait is bounded, and its end says what was expected and what was still missing."""
    said: list[str] = []
    with pytest.raises(ExpectationError) as caught:
        wait_for(
            lambda: iter(["the role is missing"]),
            "an identity",
            said.append,
            seconds=0,
            pause=lambda: None,
        )
    assert str(caught.value) == "expected an identity within 0 s, but the role is missing"
    assert said == ["the role is missing"]


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        (Reference("Profile", "default"), ("profile.rolesanywhere.dev/default",)),
        (Reference("Secret", "own-ca", "system"), ("secret/own-ca", "--namespace=system")),
    ],
)
def test_kinds_are_named_in_full(reference: Reference, words: tuple[str, ...]) -> None:
    """Our kinds carry their group: another operator in the cluster may have a Profile too."""
    assert reference.words == words
