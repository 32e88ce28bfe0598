"""CreateSession's rules, one request each: what is refused in which words, and what is not.

A row of ``REFUSED`` holds an attempt that differs from the row's own successful one in one thing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from tests.flow.emulated_aws import authority, leaf, trust_policy
from tests.flow.emulated_session import REGION, Attempt, World, with_header
from tests.unit.pki.making import Made, key, make_ca, signed_weakly, version_1

from rolesanywhere.emulator.roles_anywhere.quotas import LIMITS, Quota
from rolesanywhere.emulator.running import Emulator
from rolesanywhere.pki.authorization import Authorization

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
SPAN: dict[str, Any] = {"not_before": NOW - 24 * HOUR, "not_after": NOW + 144 * HOUR}
OTHER_ID = "00000000-0000-4000-8000-000000000000"
OTHER_ANCHOR = f"arn:aws:rolesanywhere:us-east-1:123456789012:trust-anchor/{OTHER_ID}"
OTHER_PROFILE = f"arn:aws:rolesanywhere:us-east-1:123456789012:profile/{OTHER_ID}"
OTHER_ROLE = "arn:aws:iam::123456789012:role/other"

INVALID = (400, "ValidationException")
DENIED = (403, "AccessDeniedException")
MISSING = (404, "ResourceNotFoundException")
THROTTLED = (429, "ThrottlingException")
UNTRUSTED = "Untrusted signing certificate"
INSUFFICIENT = "Untrusted certificate. Insufficient certificate"
CANNOT_ASSUME = "Unable to assume role for arn:aws:iam::123456789012:role/reader"
TOO_LONG = (
    f"{CANNOT_ASSUME} The requested DurationSeconds exceeds the MaxSessionDuration set for this "
    "role."
)

Make = Callable[[World], Attempt]


def plain(world: World) -> Attempt:
    return world.attempt()


@dataclass(frozen=True)
class Row:
    """A refusal and its twin. ``words``: the message, or what it contains; None: not known."""

    name: str
    bad: Make
    answer: tuple[int, str]
    words: str | None = None
    good: Make = plain


def asking(**parameters: Any) -> Make:  # noqa: ANN401 - of CreateSession
    return lambda world: world.attempt().asking(**parameters)


def bearing(make: Callable[[], Made], *chain: Callable[[], Made]) -> Make:
    return lambda world: world.attempt(make()).but(chain=tuple(each() for each in chain))


def but(**changes: Any) -> Make:  # noqa: ANN401 - of an Attempt
    return lambda world: world.attempt().but(**changes)


def trusting(**conditions: str) -> Make:
    return lambda world: world.retrust(world.trust(**conditions))


def trusting_only(*actions: str) -> Make:
    return lambda world: world.retrust(trust_policy(actions=list(actions)))


def updated(**settings: Any) -> Make:  # noqa: ANN401 - of UpdateProfile
    return lambda world: world.reprofile(**settings)


def claiming(**claims: Any) -> Make:  # noqa: ANN401 - of an Authorization
    return but(reclaim=lambda claim: replace(claim, **claims))


def disabled_anchor(world: World) -> Attempt:
    world.anywhere.disable_trust_anchor(trustAnchorId=world.anchor["trustAnchorId"])
    return world.attempt()


def disabled_profile(world: World) -> Attempt:
    world.anywhere.disable_profile(profileId=world.profile["profileId"])
    return world.attempt()


def with_maximum(seconds: int) -> Make:
    def make(world: World) -> Attempt:
        world.iam.update_role(RoleName="reader", MaxSessionDuration=seconds)
        return world.attempt().asking(durationSeconds=7200)

    return make


def through(depth: int) -> Make:
    """Go through this many intermediates."""

    def make(world: World) -> Attempt:
        issuer, chain = authority(), []
        for level in range(depth):
            issuer = make_ca(f"CN=test ca,OU=level {level}", issuer, **SPAN)
            chain.append(issuer)
        return world.attempt(leaf(issuer=issuer)).but(chain=tuple(reversed(chain)))

    return make


def in_other_scope(world: World) -> Attempt:
    return world.attempt().but(region="eu-west-1")


def by_expired_ca(world: World) -> Attempt:
    old = make_ca("CN=test ca,OU=old", not_before=NOW - 3 * HOUR, not_after=NOW - HOUR)
    world.anchor = world.make_anchor(old)
    world.retrust(world.trust())
    return world.attempt(leaf(issuer=old))


def revoked(*, enabled: bool) -> Make:
    def make(world: World) -> Attempt:
        made, other = leaf(), leaf("CN=other")
        entry = x509.RevokedCertificateBuilder().revocation_date(NOW - HOUR)
        crl = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(authority().certificate.subject)
            .last_update(NOW - HOUR)
            .next_update(NOW + HOUR)
            .add_revoked_certificate(entry.serial_number(other.certificate.serial_number).build())
            .add_revoked_certificate(entry.serial_number(made.certificate.serial_number).build())
            .sign(authority().key, SHA256())
        )
        imported = world.anywhere.import_crl(
            name="revoked",
            crlData=crl.public_bytes(Encoding.PEM),
            trustAnchorArn=world.anchor["trustAnchorArn"],
            enabled=True,
        )
        if not enabled:
            world.anywhere.disable_crl(crlId=imported["crl"]["crlId"])
        return world.attempt(made)

    return make


def weakly_signed(*, weak: bool) -> Make:
    def make(world: World) -> Attempt:
        rsa_ca = make_ca("CN=test ca,OU=rsa", kind="RSA", **SPAN)
        world.anchor = world.make_anchor(rsa_ca)
        world.retrust(world.trust())
        made = leaf(issuer=rsa_ca)
        return world.attempt(signed_weakly(made, rsa_ca, SHA1()) if weak else made)  # noqa: S303 - to see it refused

    return make


def denying(world: World) -> Attempt:
    deny = '{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}'
    policy = trust_policy().replace('"Statement": [', f'"Statement": [{deny}, ')
    return world.retrust(policy)


def without_role(world: World) -> Attempt:
    world.iam.delete_role(RoleName="reader")
    return world.attempt()


def throttled(world: World) -> Attempt:
    world.emulator.quotas.enforce(Quota.SESSION_RATE)
    attempt = world.attempt()
    for _ in range(LIMITS[Quota.SESSION_RATE]):  # here, since by HTTP it may take a second
        world.emulator.quotas.require_turn(Quota.SESSION_RATE, REGION, "CreateSession")
    return attempt


def unthrottled(world: World) -> Attempt:
    world.emulator.quotas.enforce(Quota.SESSION_RATE)
    return world.attempt()


def unsigned(header: str) -> Make:
    def reclaim(claim: Authorization) -> Authorization:
        kept = tuple(name for name in claim.signed_headers if name != header)
        return replace(claim, signed_headers=kept)

    return but(reclaim=reclaim)


def long_policy(size: int) -> str:
    noise = "".join(f"{number * 2654435761 % 2**32:08x}" for number in range(size))
    return f'{{"Version": "2012-10-17", "Statement": [], "Id": "{noise}"}}'


URI = (x509.SubjectAlternativeName([x509.UniformResourceIdentifier("spiffe://ours/sa/web")]), False)
RSA_LEAF: dict[str, Any] = {"kind": "RSA"}

REFUSED = [
    Row("unknown anchor", asking(trustAnchorArn=OTHER_ANCHOR), MISSING),
    Row("disabled anchor", disabled_anchor, DENIED),
    Row("anchor of another region", in_other_scope, MISSING),
    Row("unknown profile", asking(profileArn=OTHER_PROFILE), MISSING),
    Row("disabled profile", disabled_profile, DENIED),
    Row("role not in the profile", asking(roleArn=OTHER_ROLE), DENIED),
    Row("role that does not exist", without_role, DENIED, CANNOT_ASSUME),
    Row(
        "certificate of another CA of the same name",
        bearing(lambda: leaf(issuer=replace(authority(), key=key("P-256", "stranger")))),
        DENIED,
        UNTRUSTED,
    ),
    Row(
        "certificate of another CA",
        bearing(lambda: leaf(issuer=make_ca("CN=test ca,OU=elsewhere", **SPAN))),
        DENIED,
        UNTRUSTED,
    ),
    Row(
        "missing intermediate",
        lambda world: through(1)(world).but(chain=()),
        DENIED,
        UNTRUSTED,
        through(1),
    ),
    Row("expired CA", by_expired_ca, DENIED, UNTRUSTED),
    Row(
        "expired certificate",
        bearing(lambda: leaf(not_before=NOW - 2 * HOUR, not_after=NOW - HOUR)),
        DENIED,
        UNTRUSTED,
        bearing(lambda: leaf(not_before=NOW - 2 * HOUR, not_after=NOW + HOUR)),
    ),
    Row(
        "certificate not valid yet",
        bearing(lambda: leaf(not_before=NOW + HOUR, not_after=NOW + 2 * HOUR)),
        DENIED,
        UNTRUSTED,
        bearing(lambda: leaf(not_before=NOW - HOUR, not_after=NOW + 2 * HOUR)),
    ),
    Row(
        "a CA's certificate",
        bearing(lambda: leaf(ca=True)),
        DENIED,
        INSUFFICIENT,
        bearing(lambda: leaf(ca=None)),
    ),
    Row("no keyUsage", bearing(lambda: leaf(usage=None)), DENIED, INSUFFICIENT),
    Row(
        "keyUsage without digitalSignature",
        bearing(lambda: leaf(usage=("key_encipherment",))),
        DENIED,
        INSUFFICIENT,
        bearing(lambda: leaf(usage=("key_encipherment", "digital_signature"))),
    ),
    Row(
        "signed with SHA-1",
        weakly_signed(weak=True),
        DENIED,
        INSUFFICIENT,
        weakly_signed(weak=False),
    ),
    Row(
        "X.509 version 1",
        bearing(lambda: version_1(leaf(ca=None, usage=None), authority())),
        DENIED,
    ),
    Row(
        "empty subject",
        bearing(lambda: leaf("", extra=[(URI[0], True)])),
        DENIED,
        INSUFFICIENT,
        bearing(lambda: leaf(extra=[(URI[0], True)])),
    ),
    Row("revoked", revoked(enabled=True), DENIED, None, revoked(enabled=False)),
    Row("six intermediates", through(6), DENIED, None, through(5)),
    Row(
        "a session name the profile does not accept",
        asking(roleSessionName="web"),
        DENIED,
        "Not authorized to set roleSessionName",
        lambda world: world.reprofile(acceptRoleSessionName=True).asking(roleSessionName="web"),
    ),
    Row(
        "a session name STS does not take",
        lambda world: world.reprofile(acceptRoleSessionName=True).asking(roleSessionName="a b"),
        INVALID,
        "roleSessionName",
        lambda world: world.reprofile(acceptRoleSessionName=True).asking(roleSessionName="a_b"),
    ),
    Row(
        "899 seconds",
        asking(durationSeconds=899),
        INVALID,
        "durationSeconds",
        asking(durationSeconds=900),
    ),
    Row(
        "43201 seconds",
        asking(durationSeconds=43_201),
        INVALID,
        "durationSeconds",
        asking(durationSeconds=43_200),
    ),
    Row("a duration in words", asking(durationSeconds="3600"), INVALID, "durationSeconds"),
    Row("longer than the role allows", with_maximum(7199), DENIED, TOO_LONG, with_maximum(7200)),
    Row("no trust anchor", asking(trustAnchorArn=None), INVALID, "trustAnchorArn"),
    Row("no role", asking(roleArn=None), INVALID, "roleArn"),
    Row("no profile", asking(profileArn=None), INVALID, "profileArn"),
    Row("an ARN of something else", asking(profileArn=OTHER_ANCHOR), INVALID, "profileArn"),
    Row(
        "two trust anchors",
        lambda world: world.attempt().but(body={"trustAnchorArn": OTHER_ANCHOR}),
        INVALID,
        "trustAnchorArn",
        lambda world: world.attempt().but(body={"trustAnchorArn": world.anchor["trustAnchorArn"]}),
    ),
    Row(
        "trust without TagSession",
        trusting_only("sts:AssumeRole", "sts:SetSourceIdentity"),
        DENIED,
        CANNOT_ASSUME,
        trusting_only("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"),
    ),
    Row(
        "trust without SetSourceIdentity",
        trusting_only("sts:AssumeRole", "sts:TagSession"),
        DENIED,
        CANNOT_ASSUME,
        trusting_only("sts:SetSourceIdentity", "sts:TagSession", "sts:AssumeRole"),
    ),
    Row(
        "trust without AssumeRole",
        trusting_only("sts:TagSession", "sts:SetSourceIdentity"),
        DENIED,
        CANNOT_ASSUME,
        trusting_only("sts:TagSession", "sts:SetSourceIdentity", "sts:AssumeRole"),
    ),
    Row(
        "another common name",
        trusting(**{"aws:PrincipalTag/x509Subject/CN": "db"}),
        DENIED,
        CANNOT_ASSUME,
        trusting(**{"aws:PrincipalTag/x509Subject/CN": "web"}),
    ),
    Row(
        "another unit of the issuer",
        trusting(**{"aws:PrincipalTag/x509Issuer/OU": "sales"}),
        DENIED,
        CANNOT_ASSUME,
        trusting(**{"aws:PrincipalTag/x509Issuer/OU": "tech"}),
    ),
    Row(
        "no such URI",
        trusting(**{"aws:PrincipalTag/x509SAN/URI": "spiffe://ours/sa/web"}),
        DENIED,
        CANNOT_ASSUME,
        lambda world: trusting(**{"aws:PrincipalTag/x509SAN/URI": "spiffe://ours/sa/web"})(
            world
        ).but(made=leaf(extra=[URI])),
    ),
    Row(
        "another source identity",
        trusting(**{"sts:SourceIdentity": "web"}),
        DENIED,
        CANNOT_ASSUME,
        trusting(**{"sts:SourceIdentity": "CN=web"}),
    ),
    Row(
        "trust in another anchor",
        trusting(**{"aws:SourceArn": OTHER_ANCHOR}),
        DENIED,
        CANNOT_ASSUME,
        trusting(**{"aws:SourceAccount": "123456789012"}),
    ),
    Row("an explicit Deny", denying, DENIED, CANNOT_ASSUME),
    Row(
        "a changed body",
        but(tamper=lambda request: replace(request, body=b'{"durationSeconds": 3601}')),
        DENIED,
        "Invalid signature",
    ),
    Row(
        "a changed query",
        but(tamper=lambda request: replace(request, query=request.query + "&x=1")),
        DENIED,
        "Invalid signature",
    ),
    Row("X-Amz-X509 not signed", unsigned("x-amz-x509"), DENIED),
    Row("Host not signed", unsigned("host"), DENIED),
    Row("another serial", claiming(serial=4711), DENIED),
    Row(
        "the algorithm of another kind of key",
        lambda world: claiming(algorithm="AWS4-X509-ECDSA-SHA256")(world).but(
            made=leaf(**RSA_LEAF)
        ),
        DENIED,
        None,
        bearing(lambda: leaf(**RSA_LEAF)),
    ),
    Row(
        "another key's signature",
        but(tamper=with_header("Authorization", lambda text: f"{text[:-8]}00000000")),
        DENIED,
    ),
    Row(
        "a stale date",
        but(signed_ago=timedelta(seconds=330)),
        DENIED,
        None,
        but(signed_ago=timedelta(seconds=270)),
    ),
    Row(
        "a date to come",
        but(signed_ago=-timedelta(seconds=330)),
        DENIED,
        None,
        but(signed_ago=-timedelta(seconds=270)),
    ),
    Row("no signature", but(tamper=lambda request: replace(request, headers=())), DENIED),
    Row(
        "another path",
        but(path="/profiles"),
        (404, "UnknownOperationException"),
    ),
    Row(
        "a body that is no JSON",
        but(tamper=lambda request: replace(request, body=b"{")),
        INVALID,
        "not valid JSON",
    ),
    Row(
        "policies that do not fit",
        updated(sessionPolicy=long_policy(900)),
        INVALID,
        "packed size",
        updated(sessionPolicy=long_policy(90)),
    ),
    Row(
        "a managed policy that does not exist",
        updated(managedPolicyArns=["arn:aws:iam::aws:policy/Nothing"]),
        DENIED,
        CANNOT_ASSUME,
        updated(managedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    ),
    Row("an eleventh session in a second", throttled, THROTTLED, "Rate exceeded", unthrottled),
]


@pytest.fixture
def world(emulator: Emulator) -> World:
    return World(emulator)


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.name)
def test_refused(world: World, row: Row) -> None:
    """Status, code and words are AWS's; the reason is in the journal, not on the wire."""
    answer = row.bad(world).send()
    entry = world.emulator.journal.entries[-1]
    assert (answer.status, answer.code) == row.answer
    if row.words is not None:
        assert row.words in answer.message
    assert (entry.operation, entry.code) == ("CreateSession", answer.code)
    if row.answer == DENIED:
        assert entry.because
        assert entry.because not in answer.message
    assert "credentialSet" not in answer.body


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.name)
def test_twin_of_a_refusal_is_granted(world: World, row: Row) -> None:
    """The same request without the one fault gets its session."""
    answer = row.good(world).send()
    assert answer.status == 201, answer.body


ACCEPTED = {
    "ARNs in the body": but(in_query=False),
    "no duration": asking(durationSeconds=None),
    "the leaf in its own chain, as PKCS#12 has it": lambda world: _with_itself(world.attempt()),
    "five intermediates": through(5),
    "the root in the chain": lambda world: _with_root(world.attempt()),
    "an RSA key": bearing(lambda: leaf(**RSA_LEAF)),
    "an EC P-384 key": bearing(lambda: leaf(kind="P-384")),
    "an ML-DSA-44 key": bearing(lambda: leaf(kind="ML-DSA-44")),
    "an ML-DSA-87 key": bearing(lambda: leaf(kind="ML-DSA-87")),
    "no basicConstraints": bearing(lambda: leaf(ca=None)),
    "a disabled CRL": revoked(enabled=False),
    "an instance property, which nobody reads": asking(instanceProperties={"a": "b"}),
}


def _with_itself(attempt: Attempt) -> Attempt:
    return attempt.but(tamper=None, reclaim=None, chain_header=(attempt.made,))


def _with_root(attempt: Attempt) -> Attempt:
    return attempt.but(chain_header=(authority(),))


@pytest.mark.parametrize("make", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted(world: World, make: Make) -> None:
    """What AWS lets through is let through."""
    answer = make(world).send()
    assert answer.status == 201, answer.body


def test_answer(world: World) -> None:
    """The answer has every part the documentation shows, and dates in whole seconds."""
    attempt = world.attempt()
    body = attempt.send().body
    (given,) = body["credentialSet"]
    serial = f"{attempt.made.certificate.serial_number:x}"
    name = serial.zfill(len(serial) + len(serial) % 2)
    assumed = f"arn:aws:sts::123456789012:assumed-role/reader/{name}"
    assert given["assumedRoleUser"]["arn"] == assumed
    assert given["assumedRoleUser"]["assumedRoleId"].startswith("AROA")
    assert given["assumedRoleUser"]["assumedRoleId"].endswith(f":{name}")
    assert given["credentials"]["accessKeyId"].startswith("ASIA")
    end = datetime.fromisoformat(given["credentials"]["expiration"])
    assert abs(end - datetime.now(UTC) - HOUR) < timedelta(seconds=5)
    assert 0 < given["packedPolicySize"] < 20
    assert given["roleArn"] == world.role_arn
    assert given["sourceIdentity"] == "CN=web"
    assert body["subjectArn"].startswith("arn:aws:rolesanywhere:us-east-1:123456789012:subject/")


@pytest.mark.parametrize(
    ("profile", "asked", "granted"), [(3600, None, 3600), (3600, 900, 900), (1800, 7200, 1800)]
)
def test_duration_is_the_shorter_one(
    world: World, profile: int, asked: int | None, granted: int
) -> None:
    """A session lasts as long as the profile says, or as asked where that is less."""
    answer = world.reprofile(durationSeconds=profile).asking(durationSeconds=asked).send()
    end = answer.body["credentialSet"][0]["credentials"]["expiration"]
    lasts = datetime.fromisoformat(end) - datetime.now(UTC)
    assert abs(lasts - timedelta(seconds=granted)) < timedelta(seconds=5)


def test_session_name_is_the_one_asked_for(world: World) -> None:
    """A profile that accepts session names lets the caller choose one."""
    attempt = world.reprofile(acceptRoleSessionName=True).asking(roleSessionName="me@host")
    user = attempt.send().body["credentialSet"][0]["assumedRoleUser"]
    assert user["arn"].endswith("/reader/me@host")


def test_unmapped_tags_are_absent(world: World) -> None:
    """Without a mapping rule a tag does not exist, so StringEquals on it fails."""
    world.anywhere.put_attribute_mapping(
        profileId=world.profile["profileId"],
        certificateField="x509Subject",
        mappingRules=[{"specifier": "OU"}],
    )
    assert world.attempt().send().message == CANNOT_ASSUME
    assert "x509Subject/CN" in str(world.emulator.journal.entries[-1].because)


def test_subjects_are_recorded(world: World) -> None:
    """Who came is listed with every certificate shown, refused requests included."""
    good = leaf("CN=web,OU=tech,O=ours")
    world.attempt(good).send()
    world.attempt(leaf("CN=web,OU=tech,O=ours", usage=None)).send()
    world.retrust(trust_policy(actions=["sts:AssumeRole"])).but(made=good).send()
    (summary,) = world.anywhere.list_subjects()["subjects"]
    subject = world.anywhere.get_subject(subjectId=summary["subjectId"])["subject"]
    (seen,) = subject["credentials"]
    assert subject["x509Subject"] == "CN=web,OU=tech,O=ours"
    assert seen["failed"] is True
    assert seen["serialNumber"].lstrip("0") == f"{good.certificate.serial_number:x}"
    assert seen["x509CertificateData"].strip() == good.pem.decode().strip()
