"""When a certificate must be issued again, and why."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.facts import AUTHORITY, NOON, URI, leaf, name

from rolesanywhere.domain import moments
from rolesanywhere.domain.rotation import (
    CHAIN,
    JITTER,
    HeldCertificate,
    IssueReason,
    RotationInput,
    Violation,
    WantedCertificate,
    first_violation,
    renewal_time,
)

WEEK = timedelta(days=7)
ROOT = "root fingerprint"
LEAF = leaf()
WANTED = WantedCertificate(
    common_name="report.shop",
    organizational_unit=None,
    organization=None,
    uri=URI,
    key_algorithm=AUTHORITY.key_algorithm,
    duration_seconds=int(WEEK.total_seconds()),
    renew_at=0.67,
    identity_uid="u1",
)
HELD = HeldCertificate(leaf=LEAF, key_matches=True, issued_at=NOON, root_fingerprint=ROOT)
GIVEN = RotationInput(
    wanted=WANTED, held=HELD, authority=AUTHORITY, root_fingerprint=ROOT, now=NOON
)
DUE = renewal_time(NOON, NOON + WEEK, renew_at=0.67, identity_uid="u1")


def given_(
    *,
    wanted: dict[str, Any] | None = None,
    held: dict[str, Any] | None = None,
    certificate: dict[str, Any] | None = None,
    **changes: Any,  # noqa: ANN401 - fields of RotationInput
) -> RotationInput:
    """Give a situation in which all is well, but for these changes."""
    changed = replace(HELD, leaf=replace(LEAF, **certificate or {}))
    return replace(
        GIVEN,
        **{
            "wanted": replace(WANTED, **wanted or {}),
            "held": replace(changed, **held or {}),
            **changes,
        },
    )


@pytest.mark.parametrize(
    "situation",
    [
        GIVEN,
        given_(now=DUE - timedelta(seconds=1)),
        given_(certificate={"not_after": NOON + WEEK + timedelta(seconds=300)}),
        given_(certificate={"not_after": NOON + WEEK - timedelta(seconds=300)}),
        given_(  # the CA's own end cuts it short
            certificate={"not_after": NOON + timedelta(days=2)},
            authority=replace(AUTHORITY, not_after=NOON + timedelta(days=2)),
        ),
        given_(
            wanted={"organizational_unit": "tech", "organization": "Example"},
            certificate={
                "subject": name(("O", "Example"), ("OU", "tech"), ("CN", "report.shop")),
            },
        ),
    ],
)
def test_a_good_certificate_stays(situation: RotationInput) -> None:
    """Nothing is issued while nothing is wrong."""
    assert first_violation(situation) is None


@pytest.mark.parametrize(
    ("situation", "reason", "message"),
    [
        (replace(GIVEN, held=None), IssueReason.MISSING, "there is no certificate yet"),
        (
            given_(held={"leaf": None}),
            IssueReason.UNREADABLE,
            "tls.crt in the Secret is not a certificate",
        ),
        (
            given_(held={"key_matches": False}),
            IssueReason.KEY_DIFFERS,
            "tls.key does not belong to tls.crt in the Secret",
        ),
        *(
            (
                given_(**change),
                IssueReason.SUBJECT_DIFFERS,
                "the certificate says CN=report.shop, the spec asks otherwise",
            )
            for change in (
                {"wanted": {"common_name": "sample"}},
                {"wanted": {"organizational_unit": "tech"}},
                {"wanted": {"organization": "Example"}},
                {"wanted": {"uri": f"{URI}2"}},
                {"certificate": {"san_uri": ()}},
                {"certificate": {"san_uri": (URI, "spiffe://second")}},
            )
        ),
        (
            given_(wanted={"key_algorithm": "RSA_2048"}),
            IssueReason.KEY_ALGORITHM_DIFFERS,
            "the key is EC_prime256v1, the spec asks for RSA_2048",
        ),
        *(
            (
                given_(**change),
                IssueReason.AUTHORITY_DIFFERS,
                f"the certificate was issued by another {issuer}",
            )
            for change, issuer in (
                ({"root_fingerprint": "other"}, AUTHORITY.subject.text),
                ({"certificate": {"issuer": name(("CN", "other"))}}, "CN=other"),
            )
        ),
        (
            given_(wanted={"duration_seconds": 3600}),
            IssueReason.LIFETIME_DIFFERS,
            "it ends at 2026-12-01T12:00:00Z, the spec asks for 2026-11-24T13:00:00Z",
        ),
        (
            given_(certificate={"not_after": NOON + WEEK + timedelta(seconds=301)}),
            IssueReason.LIFETIME_DIFFERS,
            "it ends at 2026-12-01T12:05:01Z, the spec asks for 2026-12-01T12:00:00Z",
        ),
        (given_(now=DUE), IssueReason.RENEWING, f"renewal was due at {moments.show(DUE)}"),
        (
            given_(now=NOON + 2 * WEEK),  # long over
            IssueReason.RENEWING,
            f"renewal was due at {moments.show(DUE)}",
        ),
    ],
)
def test_the_reason_is_named(situation: RotationInput, reason: IssueReason, message: str) -> None:
    """Each thing that can be wrong has its reason and a sentence."""
    assert first_violation(situation) == Violation(reason, message)


def test_the_first_reason_in_the_chain_counts() -> None:
    """With everything wrong at once, taking the causes away one by one follows the chain."""
    repairs: list[dict[str, Any]] = [
        {"key_matches": True},
        {"uri": URI},
        {"key_algorithm": AUTHORITY.key_algorithm},
        {"root_fingerprint": ROOT},
        {"issued_at": HELD.issued_at},
        {"duration_seconds": WANTED.duration_seconds},
    ]
    wanted = replace(WANTED, uri="spiffe://a", key_algorithm="RSA_2048", duration_seconds=60)
    late = DUE + timedelta(hours=1)
    held = replace(HELD, key_matches=False, root_fingerprint="other", issued_at=late)
    told = []
    for repair in [{}, *repairs]:
        fields = repair.keys() & {"key_matches", "root_fingerprint", "issued_at"}
        held, wanted = (
            (replace(held, **repair), wanted) if fields else (held, replace(wanted, **repair))
        )
        violation = first_violation(replace(GIVEN, wanted=wanted, held=held, now=DUE))
        told.append(violation.reason if violation else None)
    assert told == [
        IssueReason.KEY_DIFFERS,
        IssueReason.SUBJECT_DIFFERS,
        IssueReason.KEY_ALGORITHM_DIFFERS,
        IssueReason.AUTHORITY_DIFFERS,
        IssueReason.FROM_THE_FUTURE,
        IssueReason.LIFETIME_DIFFERS,
        IssueReason.RENEWING,
    ]
    assert len(told) == len(CHAIN)


LIVES = st.integers(min_value=60, max_value=10 * 365 * 86400)
SHARES = st.integers(min_value=1, max_value=99).map(lambda percent: percent / 100)


@given(life=LIVES, renew_at=SHARES, uid=st.text(max_size=36))
def test_a_renewal_lies_within_life(life: int, renew_at: float, uid: str) -> None:
    """Never before a good part of the way, never later than asked, the same for the same uid."""
    due = renewal_time(NOON, NOON + timedelta(seconds=life), renew_at=renew_at, identity_uid=uid)
    passed = (due - NOON).total_seconds()
    assert life * renew_at / 2 - 1 <= passed <= life * renew_at
    assert passed >= life * (renew_at - JITTER) - 1
    assert due == renewal_time(
        NOON, NOON + timedelta(seconds=life), renew_at=renew_at, identity_uid=uid
    )


def test_identities_made_together_renew_apart() -> None:
    """A thousand identities are spread over a twentieth of their life."""
    dues = [
        renewal_time(NOON, NOON + WEEK, renew_at=0.67, identity_uid=f"uid-{number}")
        for number in range(1000)
    ]
    assert spread(dues) > WEEK * JITTER * 0.95
    assert len(set(dues)) > 950


def spread(times: list[datetime]) -> timedelta:
    return max(times) - min(times)


def test_a_backdated_start_is_no_life() -> None:
    """Private CA sets NotBefore an hour back: an hour's certificate still lasts 40 minutes."""
    hour = timedelta(hours=1)
    due = renewal_time(NOON, NOON + hour, renew_at=0.67, identity_uid="u1")
    assert due > NOON + hour * 0.6


def test_a_short_life_is_renewed_in_time() -> None:
    """A certificate of ten minutes is renewed after the first, though it gains only one more."""
    life = timedelta(minutes=10)
    due = renewal_time(NOON, NOON + life, renew_at=0.1, identity_uid="u1")
    wanted = {"duration_seconds": int(life.total_seconds()), "renew_at": 0.1}
    case = given_(wanted=wanted, certificate={"not_after": NOON + life}, now=due)
    violation = first_violation(case)
    assert violation is not None
    assert violation.reason is IssueReason.RENEWING
    assert first_violation(replace(case, now=due - timedelta(seconds=1))) is None
