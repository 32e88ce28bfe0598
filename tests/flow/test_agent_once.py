"""``--once``: for init containers, and for people who want to know whether it works."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.flow.agent_process import MountedSecret
from tests.flow.scripted_aws import Behaviour, ScriptedAws, granted, hang, raw, refused

DENIED = refused(403, "AccessDeniedException", "no")


def once(secret: MountedSecret, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter
        [
            *(sys.executable, "-m", "rolesanywhere.agent", "--once"),
            *("--identity-dir", str(secret.root), *words),
        ],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


def test_files_are_there_when_it_ends(tmp_path: Path, secret: MountedSecret) -> None:
    """Status 0, nothing opened, nothing left running."""
    done = once(secret, "--process-dir", str(tmp_path / "aws"), "--output", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"AWS_CONFIG_FILE": str(tmp_path / "aws" / "config")}
    assert json.loads((tmp_path / "aws" / "orders.json").read_bytes())["Version"] == 1


def test_a_short_trouble_is_ridden_out(secret: MountedSecret, aws: ScriptedAws) -> None:
    """It tries again within its time."""
    aws.then(raw(500, b""), granted())
    assert once(secret).returncode == 0
    assert len(aws.requests) == 2


@pytest.mark.parametrize(("behaviour", "status"), [(DENIED, 3), (raw(500, b""), 4), (hang, 4)])
def test_it_ends_in_time_and_says_why(
    secret: MountedSecret, aws: ScriptedAws, behaviour: Behaviour, status: int
) -> None:
    """3: someone must change something; 4: AWS was not to be had."""
    aws.then(behaviour)
    begin = time.monotonic()
    done = once(secret, "--once-timeout", "3")  # enough to be answered on a busy machine
    assert done.returncode == status
    assert time.monotonic() - begin < 20
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert events[-1]["event"] == "stopped"
