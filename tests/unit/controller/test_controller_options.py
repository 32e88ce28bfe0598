"""The controller's options: defaults, times in people's words, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from rolesanywhere.controller.options import parse

DEFAULTS: dict[str, Any] = {
    "kubeconfig": None,
    "namespace": "rolesanywhere-system",
    "cluster_id": None,
    "trust_domain": None,
    "session_endpoint": None,
    "resync_seconds": 600.0,
    "refused_seconds": 60.0,
    "proof_seconds": 3600.0,
    "workers": 16,
    "leader_elect": True,
    "log_level": "info",
}


@pytest.mark.parametrize(
    ("arguments", "changes"),
    [
        ([], {}),
        (["--kubeconfig", "/a"], {"kubeconfig": Path("/a")}),
        (["--namespace", "ours"], {"namespace": "ours"}),
        (["--cluster-id", "lab"], {"cluster_id": "lab"}),
        (["--trust-domain", "c.example"], {"trust_domain": "c.example"}),
        (["--session-endpoint", "http://a"], {"session_endpoint": "http://a"}),
        (["--resync", "1h30m"], {"resync_seconds": 5400.0}),
        (["--resync", "10s"], {"resync_seconds": 10.0, "refused_seconds": 10.0}),
        (["--refused", "2m"], {"refused_seconds": 120.0}),
        (["--proof", "30m"], {"proof_seconds": 1800.0}),
        (["--workers", "4"], {"workers": 4}),
        (["--no-leader-elect"], {"leader_elect": False}),
        (["--no-leader-elect", "--leader-elect"], {}),
        (["--log-level", "debug"], {"log_level": "debug"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_options(arguments: list[str], changes: dict[str, Any]) -> None:
    """Each has a default, and a refused object never waits longer than one that is well."""
    options = parse(arguments)
    assert {name: getattr(options, name) for name in DEFAULTS} == {**DEFAULTS, **changes}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--resync", "soon"], "'soon' is not a duration such as 1h, 90m or 1h30m"),
        (["--proof", "0s"], "must be at least 1s"),
        (["--workers", "0"], "'0' is not a number of threads"),
        (["--workers", "many"], "'many' is not a number of threads"),
        (["--log-level", "loud"], "invalid choice: 'loud'"),
        (["--name", "x"], "unrecognized arguments"),
    ],
)
def test_what_is_refused(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With status 2, and in words; no option is guessed from its beginning."""
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
