"""A world in which CreateSession succeeds, and attempts at it that differ in one thing."""

import base64
import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit

from tests.flow.emulated_aws import authority, client, leaf, trust_policy
from tests.unit.pki.making import Made

from rolesanywhere.emulator.running import Emulator
from rolesanywhere.pki.authorization import Authorization
from rolesanywhere.pki.authorization import parse as parse_authorization
from rolesanywhere.pki.canonical import WireRequest, string_to_sign
from rolesanywhere.pki.signature import sign
from rolesanywhere.pki.signing_algorithm import sign_bytes

REGION = "us-east-1"
Change = Callable[[WireRequest], WireRequest]


@dataclass(frozen=True)
class Answer:
    """What came back. ``body`` is parsed JSON."""

    status: int
    code: str | None
    body: dict[str, Any]

    @property
    def message(self) -> str:
        """The error's words."""
        return str(self.body["message"])

    @property
    def credentials(self) -> dict[str, str]:
        """The session's credentials as boto3 takes them."""
        given = self.body["credentialSet"][0]["credentials"]
        return {
            "aws_access_key_id": given["accessKeyId"],
            "aws_secret_access_key": given["secretAccessKey"],
            "aws_session_token": given["sessionToken"],
        }


@dataclass(frozen=True)
class Attempt:
    """A request to be made. ``reclaim`` changes what is claimed before signing anew.

    ``chain_header`` is sent as it is; ``chain`` goes the client's way, which drops leaf and roots.
    """

    emulator: Emulator
    arns: dict[str, str]
    made: Made
    chain: tuple[Made, ...] = ()
    body: dict[str, Any] = field(default_factory=lambda: {"durationSeconds": 3600})
    in_query: bool = True
    region: str = REGION
    path: str = "/sessions"
    signed_ago: timedelta = timedelta()
    reclaim: Callable[[Authorization], Authorization] | None = None
    tamper: Change | None = None
    chain_header: tuple[Made, ...] = ()

    def but(self, **changes: Any) -> Self:  # noqa: ANN401 - any field
        """Give the same attempt with something else."""
        return replace(self, **changes)

    def asking(self, **parameters: Any) -> Self:  # noqa: ANN401 - any parameter
        """Give the same attempt with other parameters; None leaves one out."""
        arns = {k: parameters.pop(k, v) for k, v in self.arns.items()}
        body = {**self.body, **parameters}
        return replace(
            self,
            arns={k: v for k, v in arns.items() if v is not None},
            body={k: v for k, v in body.items() if v is not None},
        )

    def request(self) -> WireRequest:
        """Sign it, then tamper with it."""
        signed = sign(
            self._unsigned(),
            private_key=self.made.key_pem,
            certificates=self.made.pem + b"".join(each.pem for each in self.chain),
            region=self.region,
            now=datetime.now(UTC) - self.signed_ago,
        )
        if self.chain_header:
            signed = _with_chain(signed, self.chain_header, self.made)
        if self.reclaim is not None:
            signed = _claim_anew(signed, self.reclaim, self.made)
        return self.tamper(signed) if self.tamper else signed

    def send(self) -> Answer:
        """Make the request."""
        return send(self.emulator, self.request())

    def _unsigned(self) -> WireRequest:
        query = urlencode(self.arns, quote_via=quote, safe="") if self.in_query else ""
        body = self.body if self.in_query else {**self.body, **self.arns}
        host = urlsplit(self.emulator.url).netloc
        headers = (("Host", host), ("Content-Type", "application/json"))
        return WireRequest("POST", self.path, query, headers, json.dumps(body).encode())


def send(emulator: Emulator, request: WireRequest) -> Answer:
    """Send exactly this."""
    address = urlsplit(emulator.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    try:
        target = f"{request.path}?{request.query}" if request.query else request.path
        connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers["X-Amzn-ErrorType"], json.loads(answer.read()))
    finally:
        connection.close()


def with_header(name: str, value: Callable[[str], str]) -> Change:
    """Change a header after signing."""

    def change(request: WireRequest) -> WireRequest:
        headers = tuple((k, value(v) if k == name else v) for k, v in request.headers)
        return replace(request, headers=headers)

    return change


def _with_chain(request: WireRequest, chain: tuple[Made, ...], made: Made) -> WireRequest:
    value = ",".join(base64.b64encode(each.der).decode() for each in chain)
    longer = replace(request, headers=(*request.headers, ("X-Amz-X509-Chain", value)))
    signing = "x-amz-x509-chain"
    return _claim_anew(
        longer,
        lambda claim: replace(claim, signed_headers=(*claim.signed_headers, signing)),
        made,
    )


def _claim_anew(
    request: WireRequest, reclaim: Callable[[Authorization], Authorization], made: Made
) -> WireRequest:
    headers = dict(request.headers)
    claim = reclaim(parse_authorization(headers["Authorization"]))
    text = string_to_sign(
        request,
        algorithm=claim.algorithm,
        signed_headers=claim.signed_headers,
        timestamp=headers["X-Amz-Date"],
        credential_scope=claim.scope,
    )
    signed = replace(claim, signature=sign_bytes(made.key, text))
    return with_header("Authorization", lambda _: signed.render())(request)


class World:
    """An anchor on ``authority()``, a role that trusts ``CN=web,OU=tech`` of it, a profile."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.anywhere = client(emulator, "rolesanywhere")
        self.iam = client(emulator, "iam")
        self.anchor = self.make_anchor(authority())
        role = self.iam.create_role(
            RoleName="reader",
            AssumeRolePolicyDocument=self.trust(),
            MaxSessionDuration=43_200,
        )
        self.role_arn: str = role["Role"]["Arn"]
        self.profile = self.anywhere.create_profile(
            name="readers", roleArns=[self.role_arn], durationSeconds=43_200, enabled=True
        )["profile"]

    def attempt(self, made: Made | None = None) -> Attempt:
        """Give an attempt that succeeds, with another certificate perhaps."""
        arns = {
            "profileArn": self.profile["profileArn"],
            "roleArn": self.role_arn,
            "trustAnchorArn": self.anchor["trustAnchorArn"],
        }
        return Attempt(self.emulator, arns, made or leaf())

    def trust(self, **conditions: str) -> str:
        """Write the role's trust policy; more conditions are of StringEquals."""
        source = {"ArnEquals": {"aws:SourceArn": self.anchor["trustAnchorArn"]}}
        names = {
            "aws:PrincipalTag/x509Subject/CN": "web",
            "aws:PrincipalTag/x509Subject/OU": "tech",
            "aws:PrincipalTag/x509Issuer/CN": "test ca",
        }
        return trust_policy({"StringEquals": {**names, **conditions}, **source})

    def make_anchor(self, made: Made) -> dict[str, Any]:
        """Make an enabled anchor on a CA."""
        source = {
            "sourceType": "CERTIFICATE_BUNDLE",
            "sourceData": {"x509CertificateData": made.pem.decode()},
        }
        anchor: dict[str, Any] = self.anywhere.create_trust_anchor(
            name="anchor", source=source, enabled=True
        )["trustAnchor"]
        return anchor

    def retrust(self, document: str) -> Attempt:
        """Put another trust policy, then attempt."""
        self.iam.update_assume_role_policy(RoleName="reader", PolicyDocument=document)
        return self.attempt()

    def reprofile(self, **settings: Any) -> Attempt:  # noqa: ANN401 - of UpdateProfile
        """Update the profile, then attempt."""
        self.anywhere.update_profile(profileId=self.profile["profileId"], **settings)
        return self.attempt()
