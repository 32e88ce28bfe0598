"""Prometheus's text format."""

import io
from typing import NoReturn

import pytest
from tests.unit.agent.holding import NOON, WALL_NOON, grant

from rolesanywhere.agent.identity import FolderIdentity
from rolesanywhere.agent.journal import Journal
from rolesanywhere.agent.metrics import REASONS, Family, families_of, render
from rolesanywhere.agent.places import Places
from rolesanywhere.agent.refresher import Clocks, Refresher
from rolesanywhere.api.conditions import Reason


def test_families_are_written() -> None:
    """With labels or without; a label may hold anything, AWS's own words among it."""
    families = [
        Family("ready", "gauge", "One.", [({}, 1)]),
        Family("failures_total", "counter", "Two.", [({"a": 'x"y\\z\n', "b": "c"}, 2.5)]),
    ]
    assert render(families).decode() == (
        "# HELP rolesanywhere_agent_ready One.\n"
        "# TYPE rolesanywhere_agent_ready gauge\n"
        "rolesanywhere_agent_ready 1\n"
        "# HELP rolesanywhere_agent_failures_total Two.\n"
        "# TYPE rolesanywhere_agent_failures_total counter\n"
        'rolesanywhere_agent_failures_total{a="x\\"y\\\\z\\n",b="c"} 2.5\n'
    )


def failures_of(refresher: Refresher) -> dict[str, float]:
    families = families_of([refresher], [], clock=0.0, now=0.0)
    (family,) = (each for each in families if each.name == "refresh_failures_total")
    assert {labels["identity"] for labels, _ in family.samples} == {"orders"}
    return {labels["reason"]: count for labels, count in family.samples}


def refuse_to_start(*_: object, **__: object) -> NoReturn:
    raise OSError


def idle_refresher() -> Refresher:
    return Refresher(
        FolderIdentity("orders", "/nowhere"),
        spawn=refuse_to_start,
        journal=Journal(io.StringIO(), lambda: 0.0),
        clocks=Clocks(monotonic=lambda: 0.0, wall=lambda: 0.0, chance=lambda: 0.0),
        places=Places(),
    )


def test_failures_are_counted_from_nought() -> None:
    """For each reason there is: an increase is seen only of what was there before."""
    refresher = idle_refresher()
    assert failures_of(refresher) == dict.fromkeys(REASONS, 0)
    refresher.tick()
    assert failures_of(refresher) == {**dict.fromkeys(REASONS, 0), "InternalError": 1}


@pytest.mark.parametrize(("wall_left", "left"), [(3600, 60), (30, 30)])
def test_an_end_is_what_comes_first(wall_left: float, left: float) -> None:
    """By the server's clock, or by the wall's after a pause of the machine."""
    refresher = idle_refresher()
    refresher.grant = grant("first", seconds_left=60, wall_left=wall_left)
    found = families_of([refresher], [], clock=NOON, now=WALL_NOON)
    (family,) = (each for each in found if each.name == "credentials_expiration_timestamp_seconds")
    assert family.samples == [({"identity": "orders"}, WALL_NOON + left)]


def test_reasons_are_words_of_the_api() -> None:
    """The server does not import them."""
    assert set(REASONS) <= set(Reason)
