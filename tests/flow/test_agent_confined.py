"""The agent as its pod runs it: any user, no capability, seccomp, one small volume to write to.

Needs root and Linux's mount namespaces, to become what it tests.
"""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from system_calls import syscalls
from tests.flow.agent_fixtures import has_credentials, wait_for
from tests.flow.agent_process import Agent, MountedSecret, Reply
from tests.flow.scripted_aws import ScriptedAws, granted, hang

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
mount -t tmpfs -o mode=700,uid={uid},gid={uid},size=64k tmpfs {volume}
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


class Pod:
    """A confined agent, the Secret it serves, and its volume as seen from outside."""

    def __init__(self, place: Path) -> None:
        self.aws = ScriptedAws()
        self.secret = MountedSecret(place / "orders", self.aws.url)
        volume = place / "volume"
        script = SETUP.format(
            interpreter=reach_interpreter(place / "aside"), volume=volume, uid=NOBODY
        )
        self.agent = Agent(
            place,
            *("--identity-dir", str(self.secret.root), "--token-file", str(volume / "token")),
            *("--process-dir", str(volume / "aws"), "--admin-listen", "127.0.0.1:0"),
            *("--credentials-file", str(volume / "credentials")),
            wrapper=[
                *("unshare", "--mount", "sh", "-c", script, "sh"),
                *(sys.executable, str(Path(__file__).with_name("seccomp_filter.py"))),
            ],
        )
        self.volume = Path(f"/proc/{self.agent.process.pid}/root{volume}")

    def ask(self) -> Reply:
        """Ask as a container of the pod that mounts the volume does."""
        return self.agent.ask(token=(self.volume / "token").read_text())

    def is_ready(self) -> bool:
        """Tell what the kubelet is told."""
        return self.agent.admin("/readyz").status == 200

    def status(self) -> dict[str, str]:
        """Give what the kernel says of the process."""
        lines = Path(f"/proc/{self.agent.process.pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def close(self) -> None:
        """End it."""
        self.agent.close()
        self.aws.close()


@pytest.fixture
def pod(place: Path) -> Iterator[Pod]:
    running = Pod(place)
    yield running
    running.close()


def test_it_serves_as_anybody(pod: Pod) -> None:
    """User 65534, no capability in any set, no way to more, read-only root: all works."""
    wait_for(pod.is_ready)
    status = pod.status()
    assert status["Uid"].split() == [str(NOBODY)] * 4
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {
        "0000000000000000"
    }
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"  # a filter
    assert has_credentials(pod.ask())
    assert (pod.volume / "aws" / "orders.json").exists()


def test_nobody_looks_into_its_memory(pod: Pod) -> None:
    """Of a process that can be dumped or debugged by its user, that user owns what /proc shows."""
    wait_for(pod.is_ready)
    pod.aws.then(hang)
    pod.secret.rotate()
    wait_for(lambda: len(pod.aws.requests) > 1)
    for process in (pod.agent.process.pid, *pod.agent.children()):
        assert Path(f"/proc/{process}/environ").stat().st_uid == 0
    assert pod.agent.children()


def test_nothing_else_can_be_written(pod: Pod) -> None:
    """The root of its file system is read-only, and it needs no other place."""
    wait_for(pod.is_ready)
    mounts = Path(f"/proc/{pod.agent.process.pid}/mountinfo").read_text().splitlines()
    root = next(line for line in mounts if line.split()[4] == "/")
    assert root.split()[5].split(",")[0] == "ro"


def test_a_full_volume_harms_nothing_else(pod: Pod) -> None:
    """Old files stay whole, the endpoint serves, the agent is not ready; with room all is well."""
    wait_for(pod.is_ready)
    files = [pod.volume / "credentials", pod.volume / "aws" / "orders.json"]
    before = [path.read_bytes() for path in files]
    filler = pod.volume / "filler"
    fill(filler)
    pod.aws.then(granted("ASIASECOND"))
    pod.secret.rotate()
    wait_for(lambda: pod.ask().json.get("AccessKeyId") == "ASIASECOND")
    wait_for(lambda: not pod.is_ready())
    told = next(line for line in pod.agent.log if line["event"] == "delivery-failed")
    assert told["message"].endswith("cannot be written: No space left on device")
    assert [path.read_bytes() for path in files] == before
    assert not list(pod.volume.rglob(".*"))  # nothing half-written is left lying there
    filler.unlink()
    wait_for(pod.is_ready)
    assert all(b"ASIASECOND" in path.read_bytes() for path in files)


def fill(path: Path) -> None:
    """Write until there is no room."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_the_filter_refuses_what_a_runtime_refuses() -> None:
    """Or the agent's working under it would say nothing."""
    probe = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
kernel = {"keyctl": %d, "io_uring_setup": %d, "clone3": %d}
for name, number in kernel.items():
    libc.syscall(number, 0, 0)
    print(name, os.strerror(ctypes.get_errno()))
for family in (socket.AF_INET, socket.AF_VSOCK):
    try:
        socket.socket(family, socket.SOCK_STREAM).close()
        print("allowed")
    except OSError as error:
        print(error.strerror)
"""
    numbers = tuple(syscalls()[name] for name in ("keyctl", "io_uring_setup", "clone3"))
    filtered = [sys.executable, str(Path(__file__).with_name("seccomp_filter.py"))]
    seen = subprocess.run(  # noqa: S603 - our own interpreter
        [*filtered, sys.executable, "-c", probe % numbers],
        check=True,
        capture_output=True,
        text=True,
    )
    assert seen.stdout.splitlines() == [
        "keyctl Operation not permitted",
        "io_uring_setup Operation not permitted",
        "clone3 Function not implemented",
        "allowed",
        "Operation not permitted",
    ]
