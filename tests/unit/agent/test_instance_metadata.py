"""The instance metadata service, without a socket."""

import json

import pytest
from tests.unit.agent.heads import read
from tests.unit.agent.holding import NOON, WALL_NOON, Held, grant

from rolesanywhere.agent.instance_metadata import InstanceMetadata
from rolesanywhere.agent.reply import Reply
from rolesanywhere.agent.report import Failure
from rolesanywhere.agent.session_tokens import SessionTokens

TTL = b"x-aws-ec2-metadata-token-ttl-seconds"
TOKEN = b"x-aws-ec2-metadata-token"
LIST = b"/latest/meta-data/iam/security-credentials"
DENIED = Failure("SessionRefused", "AWS refused CreateSession: no", refused=True)


def service(**holders: Held) -> InstanceMetadata:
    held = holders or {"one": Held(grant("first"))}
    return InstanceMetadata(
        holders=held,
        tokens=SessionTokens(b"secret", clock=lambda: NOON, now=lambda: 0.0),
        clock=lambda: NOON,
        now=lambda: WALL_NOON,
    )


def ask(
    ours: InstanceMetadata, method: bytes, target: bytes, *headers: tuple[bytes, bytes]
) -> Reply:
    return ours.answer(read(method, target, *headers))


def token_of(ours: InstanceMetadata) -> bytes:
    return ask(ours, b"PUT", b"/latest/api/token", (TTL, b"60")).body


def get(ours: InstanceMetadata, target: bytes) -> Reply:
    return ask(ours, b"GET", target, (TOKEN, token_of(ours)))


@pytest.mark.parametrize("ttl", [b"1", b"300", b"21600"])
def test_a_token_is_given_for_as_long_as_asked(ttl: bytes) -> None:
    """The reply repeats the time to live."""
    reply = ask(service(), b"PUT", b"/latest/api/token", (TTL, ttl))
    assert (reply.status, dict(reply.headers)[TTL]) == (200, ttl)
    assert len(reply.body) == 80


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        (b"PUT", [], 400),
        (b"PUT", [(TTL, b"0")], 400),
        (b"PUT", [(TTL, b"21601")], 400),
        (b"PUT", [(TTL, b"-1")], 400),
        (b"PUT", [(TTL, b"abc")], 400),
        (b"PUT", [(TTL, b"")], 400),
        (b"PUT", [(TTL, b"9" * 5000)], 400),
        (b"PUT", [(TTL, b"60"), (TTL, b"60")], 400),
        (b"PUT", [(TTL, b"60"), (b"x-forwarded-for", b"10.0.0.1")], 403),
        (b"PUT", [(TTL, b"60"), (b"x-forwarded-for", b"")], 403),
        (b"PUT", [(TTL, b"60"), (b"host", b"attacker.example")], 403),
        (b"PUT", [(TTL, b"60"), (b"host", b"attacker.example:1338")], 403),
        (b"PUT", [(TTL, b"60"), (b"host", b"127.0.0.1.attacker.example")], 403),
        (b"GET", [(TTL, b"60")], 405),
        (b"POST", [(TTL, b"60")], 405),
    ],
)
def test_who_gets_no_token(method: bytes, headers: list[tuple[bytes, bytes]], status: int) -> None:
    """As EC2 does: the time to live is required, a proxy on the way is refused."""
    assert ask(service(), method, b"/latest/api/token", *headers).status == status


@pytest.mark.parametrize("host", [b"127.0.0.1", b"169.254.169.254:80", b"[::1]:1", b"LocalHost:9"])
def test_who_comes_by_address_gets_one(host: bytes) -> None:
    """As every SDK does."""
    headers = ((TTL, b"60"), (b"host", host))
    assert ask(service(), b"PUT", b"/latest/api/token", *headers).status == 200


@pytest.mark.parametrize(
    ("authority", "host", "status"),
    [
        (b"169.254.169.254", b"169.254.169.254", 200),
        (b"attacker.example", b"attacker.example", 403),
        (b"attacker.example:80", b"127.0.0.1", 403),
        (b"127.0.0.1@attacker.example", b"127.0.0.1", 403),
        (b"127.0.0.1", b"attacker.example", 403),
    ],
)
def test_a_name_in_the_target_counts_as_host_does(
    authority: bytes, host: bytes, status: int
) -> None:
    """Neither may hide the other."""
    target = b"http://%b/latest/api/token" % authority
    assert ask(service(), b"PUT", target, (TTL, b"60"), (b"host", host)).status == status


@pytest.mark.parametrize("target", [LIST, LIST + b"/", LIST + b"/reader", b"/latest/meta-data/"])
def test_version_one_is_not_spoken(target: bytes) -> None:
    """Without a good token nothing is told, not even what there is."""
    ours = service()
    assert ask(ours, b"GET", target).status == 401
    assert ask(ours, b"GET", target, (TOKEN, b"guess")).status == 401
    good = token_of(ours)
    assert ask(ours, b"GET", target, (TOKEN, good), (TOKEN, good)).status == 401


@pytest.mark.parametrize("slash", [b"", b"/"])
def test_the_listing_is_the_first_identitys_role(slash: bytes) -> None:
    """SDKs take all of it for one name, so it is one."""
    ours = service(one=Held(grant("first")), two=Held(grant("second", role="writer")))
    reply = get(ours, LIST + slash)
    assert (reply.status, reply.body, reply.content_type) == (200, b"reader", b"text/plain")
    assert dict(reply.headers)[TTL] == b"60"


@pytest.mark.parametrize(
    ("name", "key"),
    [(b"reader", "first"), (b"writer", "second"), (b"two", "second"), (b"writer/", "second")],
)
def test_each_identity_answers_under_its_role_and_its_name(name: bytes, key: str) -> None:
    """The listing names one; whoever knows another may have that."""
    ours = service(one=Held(grant("first")), two=Held(grant("second", role="writer")))
    reply = get(ours, LIST + b"/" + name)
    assert json.loads(reply.body) == {
        "Code": "Success",
        "LastUpdated": "2026-11-24T12:00:00Z",
        "Type": "AWS-HMAC",
        "AccessKeyId": key,
        "SecretAccessKey": f"secret-of-{key}",
        "Token": f"token-of-{key}",
        "Expiration": "2026-11-24T13:00:00Z",
    }


def test_a_roles_name_may_be_escaped() -> None:
    """IAM allows +=,.@ in it, and SDKs differ in what they escape."""
    ours = service(one=Held(grant("first", role="a+b@c")))
    for name in (b"a+b@c", b"a%2Bb%40c", b"a%2bb@c"):
        assert get(ours, LIST + b"/" + name).status == 200


@pytest.mark.parametrize("target", [LIST + b"/other", b"/latest/user-data", b"/", LIST + b"x"])
def test_nothing_else_is_here(target: bytes) -> None:
    """An unknown role is 404, not the known one's name."""
    assert get(service(), target).status == 404


def test_only_get_reads() -> None:
    """Whatever the token."""
    ours = service()
    assert ask(ours, b"POST", LIST, (TOKEN, token_of(ours))).status == 405


@pytest.mark.parametrize("target", [LIST, LIST + b"/one"])
@pytest.mark.parametrize(
    "held", [Held(), Held(grant("old", seconds_left=1), DENIED), Held(grant("old", wall_left=1))]
)
def test_no_valid_credentials_is_503(target: bytes, held: Held) -> None:
    """Never an empty or expired 200."""
    assert get(service(one=held), target).status == 503


PROD = Held(failure=DENIED._replace(role_name="app"))


@pytest.mark.parametrize(
    ("holders", "name", "status", "key"),
    [
        # its own name comes before another's role
        (
            {"ops": Held(grant("ops", role="audit")), "audit": Held(grant("audit"))},
            "audit",
            200,
            "audit",
        ),
        # the first of one role, whichever of them AWS grants
        ({"prod": Held(grant("prod")), "dev": Held(grant("dev"))}, "reader", 200, "prod"),
        ({"prod": PROD, "dev": Held(grant("dev", role="app"))}, "app", 503, None),
        ({"prod": PROD, "dev": Held(grant("dev", role="app"))}, "dev", 200, "dev"),
        ({"prod": PROD, "dev": Held(grant("dev"))}, "reader", 200, "dev"),
        # one whose role nobody knows may be the one that is meant
        ({"prod": Held(), "dev": Held(grant("dev", role="app"))}, "app", 503, None),
        ({"dev": Held(grant("dev", role="app")), "prod": Held()}, "app", 200, "dev"),
        ({"dev": Held(grant("dev")), "prod": Held(failure=DENIED)}, "app", 503, None),
        ({"dev": Held(grant("dev")), "prod": PROD}, "other", 404, None),
    ],
)
def test_a_name_never_means_another_identity(
    holders: dict[str, Held], name: str, status: int, key: str | None
) -> None:
    """Not even while AWS refuses the one that it means: that one's trouble is told instead."""
    reply = get(service(**holders), LIST + b"/" + name.encode())
    assert reply.status == status
    assert key is None or json.loads(reply.body)["AccessKeyId"] == key


def test_the_listing_names_the_first_identity_at_any_rate() -> None:
    """By its own name where its role's is another identity's."""
    ours = service(ops=Held(grant("ops", role="audit")), audit=Held(grant("audit")))
    assert get(ours, LIST).body == b"ops"
