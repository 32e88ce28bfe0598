"""AWS Private CA in memory: states that take their time, tokens that run out, real certificates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from tests.fakes import ACCOUNT, FakeClock, Wire, carried

from rolesanywhere.api.authority import CASubject, KeyAlgorithm, SigningAlgorithm, UsageMode
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.trust_anchor import CreatePrivateCA
from rolesanywhere.domain.observed import AuthorityRecord, IssuedCertificate
from rolesanywhere.domain.trouble import NotFound, Refusal, Trouble
from rolesanywhere.pki.templates import Issuer, new_issuer

ROOT: Final = "RootCACertificate/V1"
BACKDATED: Final = timedelta(minutes=60)
TOKENS_LIVE: Final = timedelta(minutes=5)
LONGEST_SHORT_LIVED: Final = timedelta(days=7)
MODES: Final = {
    UsageMode.SHORT_LIVED: "SHORT_LIVED_CERTIFICATE",
    UsageMode.GENERAL_PURPOSE: "GENERAL_PURPOSE",
}
BROUGHT: Final = CreatePrivateCA(
    subject=CASubject(common_name="sample", organizational_unit="tech"),
    key_algorithm=KeyAlgorithm.EC_PRIME256V1,
)


@dataclass(frozen=True)
class Signed:
    """A certificate that was issued, and when acm-pca gives it out."""

    template: str
    ready_at: datetime
    certificate: str


@dataclass
class Authority:
    """A CA. ``forced`` is a state that AWS or a person put it in."""

    arn: str
    wanted: CreatePrivateCA
    tags: Mapping[str, str]
    issuer: Issuer
    created_at: datetime
    forced: str | None = None
    failure: str | None = None
    certificate: str | None = None
    not_after: datetime | None = None

    @property
    def signing_algorithm(self) -> str:
        """Give the algorithm it signs with."""
        is_rsa = self.wanted.key_algorithm.startswith("RSA")
        usual = SigningAlgorithm.SHA256_WITH_RSA if is_rsa else SigningAlgorithm.SHA256_WITH_ECDSA
        return (self.wanted.signing_algorithm or usual).value

    @cached_property
    def csr(self) -> bytes:
        """Give the request for its own certificate: always the same one."""
        return self.issuer.request(self.signing_algorithm)


@dataclass
class FakePrivateCA:
    """acm-pca of one account and region."""

    wire: Wire
    clock: FakeClock
    region: str
    service: str = "pca"
    creating_seconds: float = 2.0
    csr_seconds: float = 0.0  # after that, until the CA's request is given out
    signing_seconds: float = 1.0
    made: dict[str, Authority] = field(default_factory=dict)
    signed: dict[str, Signed] = field(default_factory=dict)
    tokens: dict[object, tuple[datetime, str]] = field(default_factory=dict)

    @carried
    def create(self, wanted: CreatePrivateCA, *, token: str, tags: Mapping[str, str]) -> str:
        """Ask for a CA."""
        return self._once(token, lambda: self._make(wanted, tags).arn)

    @carried
    def authorities(self) -> tuple[AuthorityRecord, ...]:
        """List CAs."""
        records = map(self._record, self.made.values())
        return tuple(each for each in records if each.state != "DELETED")

    @carried
    def describe(self, arn: str) -> AuthorityRecord:
        """One CA."""
        return self._record(self._get(arn))

    @carried
    def tags(self, arn: str) -> Mapping[str, str]:
        """Tags of a CA: of a deleted one acm-pca gives none."""
        authority = self._get(arn)
        if self.state(authority) == "DELETED":
            raise _wrong_state(authority, "DELETED")
        return authority.tags

    @carried
    def csr(self, arn: str) -> str | None:
        """Give the CA's own request."""
        authority = self._get(arn)
        age = (self.clock.now() - authority.created_at).total_seconds()
        if age < self.creating_seconds + self.csr_seconds:
            return None
        return authority.csr.decode()

    @carried
    def issue(
        self,
        arn: str,
        *,
        csr: bytes,
        signing_algorithm: str,
        template: str,
        not_after: datetime,
        token: str,
    ) -> str:
        """Ask for a certificate. Other arguments under the same token are another request."""
        authority = self._get(arn)
        self._require(authority, "PENDING_CERTIFICATE" if template == ROOT else "ACTIVE")
        self._require_end(authority, template, not_after)

        def sign() -> str:
            pem = self._sign(authority, csr, signing_algorithm, template, not_after)
            certificate_arn = f"{arn}/certificate/{len(self.signed):032x}"
            ready_at = self.clock.now() + timedelta(seconds=self.signing_seconds)
            self.signed[certificate_arn] = Signed(template, ready_at, pem)
            return certificate_arn

        return self._once((arn, csr, signing_algorithm, template, not_after, token), sign)

    @carried
    def certificate(self, arn: str, certificate_arn: str) -> IssuedCertificate | None:
        """Give an issued certificate once it is there."""
        signed = self.signed.get(certificate_arn)
        if signed is None or not certificate_arn.startswith(arn):
            raise NotFound(Reason.CA_NOT_FOUND, f"AWS found nothing for {certificate_arn}")
        if self.clock.now() < signed.ready_at:
            return None
        return IssuedCertificate(signed.certificate, self._get(arn).certificate or "")

    @carried
    def install(self, arn: str, certificate: str) -> None:
        """Install a root certificate."""
        authority = self._get(arn)
        self._require(authority, "PENDING_CERTIFICATE", "ACTIVE")
        authority.certificate = certificate

    @carried
    def authority_certificate(self, arn: str) -> IssuedCertificate:
        """Give the CA's own certificate."""
        return IssuedCertificate(self._get(arn).certificate or "", "")

    @carried
    def delete(self, arn: str, *, restorable_days: int) -> None:
        """Delete a CA; quietly if that is done."""
        assert 7 <= restorable_days <= 30
        if arn in self.made:
            self.made[arn].forced = "DELETED"

    # What people and AWS do to a CA without our asking, and what it came to.

    def bring(self, wanted: CreatePrivateCA = BROUGHT, *, years: int = 10) -> Authority:
        """Have an ACTIVE CA that somebody else made."""
        authority = self._make(wanted, {})
        self.renew(authority, self.clock.now() + timedelta(days=365 * years))
        return authority

    def renew(self, authority: Authority, not_after: datetime) -> None:
        """Give a CA a new certificate for its key."""
        authority.certificate = self._sign(
            authority, authority.csr, authority.signing_algorithm, ROOT, not_after
        )

    def state(self, authority: Authority) -> str:
        """Tell a CA's state."""
        if authority.forced is not None:
            return authority.forced
        if authority.certificate is None:
            age = (self.clock.now() - authority.created_at).total_seconds()
            return "PENDING_CERTIFICATE" if age >= self.creating_seconds else "CREATING"
        is_over = authority.not_after is not None and authority.not_after < self.clock.now()
        return "EXPIRED" if is_over else "ACTIVE"

    def alive(self) -> list[Authority]:
        """Give the CAs that are not deleted."""
        return [each for each in self.made.values() if self.state(each) != "DELETED"]

    def leaves(self) -> list[str]:
        """Give the certificates issued for workloads: each costs money."""
        return [each.certificate for each in self.signed.values() if each.template != ROOT]

    def _make(self, wanted: CreatePrivateCA, tags: Mapping[str, str]) -> Authority:
        number = f"00000000-0000-0000-0000-{len(self.made):012}"
        arn = f"arn:aws:acm-pca:{self.region}:{ACCOUNT}:certificate-authority/{number}"
        issuer = new_issuer(wanted.key_algorithm, wanted.subject)
        self.made[arn] = Authority(arn, wanted, dict(tags), issuer, self.clock.now())
        return self.made[arn]

    def _get(self, arn: str) -> Authority:
        if arn not in self.made:
            raise NotFound(Reason.CA_NOT_FOUND, f"AWS found nothing for {arn}")
        return self.made[arn]

    def _record(self, authority: Authority) -> AuthorityRecord:
        return AuthorityRecord(
            arn=authority.arn,
            state=self.state(authority),
            usage_mode=MODES[authority.wanted.usage_mode],
            key_algorithm=authority.wanted.key_algorithm.value,
            signing_algorithm=authority.signing_algorithm,
            failure=authority.failure,
        )

    def _require(self, authority: Authority, *states: str) -> None:
        state = self.state(authority)
        if state not in states:
            raise _wrong_state(authority, state)

    def _require_end(self, authority: Authority, template: str, not_after: datetime) -> None:
        is_leaf, now = template != ROOT, self.clock.now()
        is_short_lived = authority.wanted.usage_mode is UsageMode.SHORT_LIVED
        too_long = is_leaf and is_short_lived and not_after > now + LONGEST_SHORT_LIVED
        outlives = authority.not_after is not None and not_after > authority.not_after
        if too_long or outlives or not_after <= now:
            message = f"AWS refused: ValidationException: {not_after} is no end for a certificate"
            raise Refusal(Reason.AWS_REFUSED, message)

    def _sign(
        self, authority: Authority, csr: bytes, algorithm: str, template: str, not_after: datetime
    ) -> str:
        if template == ROOT:
            authority.not_after = not_after
        return authority.issuer.sign(
            csr,
            template=template,
            signing_algorithm=algorithm,
            not_before=self.clock.now() - BACKDATED,
            not_after=not_after,
        ).decode()

    def _once(self, request: object, do: Callable[[], str]) -> str:
        """Do what a token stands for, unless it was done within the last five minutes."""
        done_at, answer = self.tokens.get(request, (None, ""))
        if done_at is None or self.clock.now() - done_at > TOKENS_LIVE:
            self.tokens[request] = self.clock.now(), do()
            answer = self.tokens[request][1]
        return answer


def _wrong_state(authority: Authority, state: str) -> Trouble:
    message = f"AWS refused: InvalidStateException: {authority.arn} is {state}"
    return Trouble(Reason.CA_NOT_ACTIVE, message)
