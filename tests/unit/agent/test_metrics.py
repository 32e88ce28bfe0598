"""Prometheus's text format."""

import io
from typing import NoReturn

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


def test_failures_are_counted_from_nought() -> None:
    """For each reason there is: an increase is seen only of what was there before."""

    def spawn(*_: object, **__: object) -> NoReturn:
        raise OSError

    refresher = Refresher(
        FolderIdentity("orders", "/nowhere"),
        spawn=spawn,
        journal=Journal(io.StringIO(), lambda: 0.0),
        clocks=Clocks(monotonic=lambda: 0.0, wall=lambda: 0.0, chance=lambda: 0.0),
        places=Places(),
    )
    assert failures_of(refresher) == dict.fromkeys(REASONS, 0)
    refresher.tick()
    assert failures_of(refresher) == {**dict.fromkeys(REASONS, 0), "InternalError": 1}


def test_reasons_are_words_of_the_api() -> None:
    """The server does not import them."""
    assert set(REASONS) <= set(Reason)
