"""``--once``: for init containers, and for people who want to know whether it works."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

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


def in_vain(folder: Path, behaviour: Behaviour) -> subprocess.CompletedProcess[str]:
    """Run against an AWS that gives nothing."""
    with closing(ScriptedAws()) as aws:
        aws.then(behaviour)
        # three seconds are enough to be answered on a busy machine
        files = ("--process-dir", str(folder.with_suffix(".aws")))
        return once(MountedSecret(folder, aws.url), *files, "--once-timeout", "3")


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


def test_it_ends_in_time_and_says_why(tmp_path: Path) -> None:
    """3: someone must change something; 4: AWS was not to be had. All at once, to wait once.

    Nobody is told of files that are not there.
    """
    cases = ((DENIED, 3), (raw(500, b""), 4), (hang, 4))
    with ThreadPoolExecutor(len(cases)) as pool:
        folders = (tmp_path / str(place) for place in range(len(cases)))
        ends = list(pool.map(in_vain, folders, (behaviour for behaviour, _ in cases)))
    assert [done.returncode for done in ends] == [status for _, status in cases]
    assert [done.stdout for done in ends] == [""] * len(cases)
    events = [json.loads(done.stderr.splitlines()[-1])["event"] for done in ends]
    assert events == ["stopped"] * len(cases)


def test_an_interrupted_run_ends_as_a_shell_tells_it(tmp_path: Path) -> None:
    """A pod that is deleted meanwhile: nothing is wrong with AWS."""
    words = ("--once", "--identity-dir", str(tmp_path / "nowhere"))
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "rolesanywhere.agent", *words],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
    ) as run:
        assert run.stderr is not None
        assert b"refresh-failed" in run.stderr.readline()
        run.terminate()
    assert run.returncode == 128 + signal.SIGTERM
