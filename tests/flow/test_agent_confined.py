"""The agent as its pod runs it: any user, nothing writable but its volume, no capability.

Needs root and Linux's mount namespaces, to become what it tests.
"""

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flow.agent_fixtures import has_credentials, wait_for
from tests.flow.agent_process import Agent, MountedSecret
from tests.flow.scripted_aws import ScriptedAws

NOBODY = 65534
PROJECT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("setpriv") is None,
    reason="needs root, unshare and setpriv",
)
SETUP = """
set -e
mount --make-rprivate /
{interpreter}
mount -t tmpfs -o mode=700,uid={uid},gid={uid} tmpfs {volume}
mount -o remount,bind,ro /
exec setpriv --reuid {uid} --regid {uid} --clear-groups --bounding-set=-all --inh-caps=-all \
    --no-new-privs "$@"
"""
REACH = """
mount --bind {prefix} {aside}
mount -t tmpfs -o mode=755 tmpfs {closed}
mkdir -p {prefix}
mount --bind {aside} {prefix}
"""


def reach_interpreter(aside: Path) -> str:
    """Write what lets anybody reach an interpreter that lies in somebody's closed folder."""
    prefix = Path(sys.base_prefix)
    closed = [each for each in reversed(prefix.parents) if not each.stat().st_mode & stat.S_IXOTH]
    return REACH.format(prefix=prefix, aside=aside, closed=closed[0]) if closed else ""


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder that everybody can enter."""
    folder = Path(tempfile.mkdtemp(prefix="rolesanywhere-"))
    folder.chmod(0o755)
    for name in ("aside", "volume"):
        (folder / name).mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def confined(place: Path) -> Iterator[Agent]:
    aws = ScriptedAws()
    secret = MountedSecret(place / "orders", aws.url)
    script = SETUP.format(
        interpreter=reach_interpreter(place / "aside"), volume=place / "volume", uid=NOBODY
    )
    agent = Agent(
        place,
        *("--identity-dir", str(secret.root), "--token-file", str(place / "volume" / "token")),
        *("--process-dir", str(place / "volume" / "aws"), "--admin-listen", "127.0.0.1:0"),
        wrapper=["unshare", "--mount", "sh", "-c", script, "sh"],
    )
    yield agent
    agent.close()
    aws.close()


def fields(agent: Agent) -> dict[str, str]:
    lines = Path(f"/proc/{agent.process.pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_it_serves_as_anybody(confined: Agent) -> None:
    """User 65534, no capability in any set, no way to more, read-only root: all works."""
    wait_for(lambda: confined.admin("/readyz").status == 200)
    status = fields(confined)
    assert status["Uid"].split() == [str(NOBODY)] * 4
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {
        "0000000000000000"
    }
    assert status["NoNewPrivs"] == "1"
    volume = Path(f"/proc/{confined.process.pid}/root{confined.token_file.parent}") / "volume"
    token = (volume / "token").read_text()
    assert has_credentials(confined.ask(token=token))
    assert (volume / "aws" / "orders.json").exists()


def test_nothing_else_can_be_written(confined: Agent) -> None:
    """The root of its file system is read-only, and it needs no other place."""
    wait_for(lambda: confined.admin("/readyz").status == 200)
    mounts = Path(f"/proc/{confined.process.pid}/mountinfo").read_text().splitlines()
    root = next(line for line in mounts if line.split()[4] == "/")
    assert root.split()[5].split(",")[0] == "ro"
