"""Prometheus's text format."""

from rolesanywhere.agent.metrics import Family, render


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
