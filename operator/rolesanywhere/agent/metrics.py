"""The agent's numbers in Prometheus's text format. No I/O, no secret.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from rolesanywhere.agent.gate import Gate
from rolesanywhere.agent.refresher import Refresher

CONTENT_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"
_PREFIX: Final = "rolesanywhere_agent_"
# What is in the way of a session: words of `api.conditions.Reason`, which would bring msgspec here.
# Each has a number from the start: what first shows as 1 has not increased.
REASONS: Final = (
    "AWSRefused",
    "AWSUnavailable",
    "InternalError",
    "InvalidSpec",
    "Pending",
    "SessionRefused",
    "Throttled",
)
_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_NONE_SO_FAR: Final = dict.fromkeys(REASONS, 0)

Sample = tuple[Mapping[str, str], float]


class Family(NamedTuple):
    """One metric: its name without the prefix, type, meaning and samples."""

    name: str
    kind: str  # "gauge" or "counter"
    meaning: str
    samples: Sequence[Sample]

    def lines(self) -> Iterator[str]:
        """Write it."""
        name = f"{_PREFIX}{self.name}"
        yield f"# HELP {name} {self.meaning}"
        yield f"# TYPE {name} {self.kind}"
        for labels, value in self.samples:
            pairs = ((label, text.translate(_ESCAPES)) for label, text in labels.items())
            inner = ",".join(f'{label}="{text}"' for label, text in pairs)
            yield f"{name}{{{inner}}} {value:.15g}" if inner else f"{name} {value:.15g}"


def render(families: Iterable[Family]) -> bytes:
    """Write all of them."""
    return "".join(f"{line}\n" for family in families for line in family.lines()).encode()


def families_of(
    refreshers: Sequence[Refresher], gates: Sequence[Gate], *, clock: float, now: float
) -> Iterator[Family]:
    """Give what can be told of identities and of gates."""
    yield from _of_credentials(refreshers, clock, now)
    yield from _of_refreshing(refreshers)
    yield from _of_gates(gates)


def _of_credentials(refreshers: Sequence[Refresher], clock: float, now: float) -> Iterator[Family]:
    held = [(each.identity.name, each.grant) for each in refreshers if each.grant is not None]
    yield Family(
        "credentials_expiration_timestamp_seconds",
        "gauge",
        "When the credentials held end, by this machine's clock.",
        [
            ({"identity": name}, min(now + grant.until - clock, grant.wall_until))
            for name, grant in held
        ],
    )
    yield Family(
        "certificate_expiration_timestamp_seconds",
        "gauge",
        "When the certificate ends that the credentials were had with.",
        [
            ({"identity": name}, grant.certificate_end)
            for name, grant in held
            if grant.certificate_end is not None
        ],
    )
    yield Family(
        "clock_skew_seconds",
        "gauge",
        "How far AWS's clock was ahead of this machine's at the last refresh.",
        [
            ({"identity": name}, grant.skew_seconds)
            for name, grant in held
            if grant.skew_seconds is not None
        ],
    )


def _of_refreshing(refreshers: Sequence[Refresher]) -> Iterator[Family]:
    yield Family(
        "refreshes_total",
        "counter",
        "Sessions that AWS granted.",
        [({"identity": each.identity.name}, each.grants) for each in refreshers],
    )
    yield Family(
        "refresh_failures_total",
        "counter",
        "Tries that brought no session, by reason.",
        [
            ({"identity": each.identity.name, "reason": reason}, count)
            for each in refreshers
            for reason, count in sorted({**_NONE_SO_FAR, **each.failures}.items())
        ],
    )


def _of_gates(gates: Sequence[Gate]) -> Iterator[Family]:
    yield Family(
        "requests_total",
        "counter",
        "Replies, by address and HTTP status.",
        [
            ({"endpoint": gate.name, "code": str(status)}, count)
            for gate in gates
            for status, count in sorted(gate.statuses.items())
        ],
    )
    yield Family(
        "open_connections",
        "gauge",
        "Connections at this moment.",
        [({"endpoint": gate.name}, len(gate.connections)) for gate in gates],
    )
