"""Credentials in files: fresh over rotations, whole when not writable, taken away in time."""

import configparser
import json
import os
import resource
import shlex
import shutil
import stat
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.flow.agent_fixtures import Start, found_by_boto3, has_credentials, wait_for
from tests.flow.agent_process import MountedSecret, key_and_certificate
from tests.flow.scripted_aws import ROLE_ARN, ScriptedAws, granted, raw, refused

from rolesanywhere.agent.atomic_file import Alone

LARGEST_FILE = 200  # bytes: enough for the token, not for credentials

# of programs that find our modules
OURS = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
UNSHARE = ("unshare", "--mount", "sh", "-c")

mounts = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")


def once(secret: MountedSecret) -> tuple[str, ...]:
    """Give the command of an agent that delivers and ends."""
    module = ("-m", "rolesanywhere.agent", "--once")
    return (sys.executable, *module, "--identity-dir", str(secret.root))


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a program that finds our modules, to its end."""
    return subprocess.run(  # noqa: S603 - our own interpreter
        command,
        env=OURS,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


def profile(path: Path, name: str = "default") -> dict[str, str]:
    parser = configparser.RawConfigParser()
    parser.read(path)
    return dict(parser[name]) if parser.has_section(name) or name == "default" else {}


def test_boto3_runs_cat(tmp_path: Path, start: Start) -> None:
    """An SDK needs the one variable the agent prints, and a program every image has."""
    agent = start("--process-dir", str(tmp_path / "aws"))
    path = tmp_path / "aws" / "orders.json"
    wait_for(path.exists)
    environment = {"AWS_CONFIG_FILE": agent.environment["AWS_CONFIG_FILE"]}
    assert found_by_boto3(environment)[:2] == ["custom-process", "ASIAFIRST"]
    command = profile(tmp_path / "aws" / "config")["credential_process"]
    assert shlex.split(command) == ["cat", str(path)]


def test_boto3_reads_the_credentials_file(tmp_path: Path, start: Start) -> None:
    """By its profile or as the default; other profiles stay."""
    path = tmp_path / "credentials"
    path.write_text("[mine]\naws_access_key_id = kept\n")
    agent = start("--credentials-file", str(path))
    wait_for(lambda: "ASIAFIRST" in path.read_text())
    environment = {"AWS_SHARED_CREDENTIALS_FILE": agent.environment["AWS_SHARED_CREDENTIALS_FILE"]}
    for named in ({}, {"AWS_PROFILE": "orders"}):
        found = found_by_boto3({**environment, **named})[:2]
        assert found == ["shared-credentials-file", "ASIAFIRST"]
    assert profile(path, "mine") == {"aws_access_key_id": "kept"}


def test_files_follow_a_rotation(
    tmp_path: Path, start: Start, aws: ScriptedAws, secret: MountedSecret
) -> None:
    """A new certificate's session replaces the old one everywhere, for the same readers."""
    aws.then(granted("ASIAOLD"), granted("ASIANEW"))
    path, folder = tmp_path / "credentials", tmp_path / "aws"
    start("--credentials-file", str(path), "--process-dir", str(folder), "--file-mode", "0640")
    wait_for(lambda: path.exists() and "ASIAOLD" in path.read_text())
    secret.rotate()
    wait_for(lambda: "ASIANEW" in path.read_text())
    answer = folder / "orders.json"
    assert json.loads(answer.read_bytes())["AccessKeyId"] == "ASIANEW"
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, answer)] == [0o640, 0o640]


def test_expired_credentials_leave_the_files(
    tmp_path: Path, start: Start, aws: ScriptedAws
) -> None:
    """When AWS stays away nothing is left that has ended."""
    aws.then(granted(seconds=7), raw(500, b""))
    path, folder = tmp_path / "credentials", tmp_path / "aws"
    start("--credentials-file", str(path), "--process-dir", str(folder))
    wait_for(lambda: path.exists() and "ASIAFIRST" in path.read_text())
    wait_for(lambda: not (folder / "orders.json").exists())
    wait_for(lambda: "ASIAFIRST" not in path.read_text())


def test_files_that_somebody_removed_come_back(tmp_path: Path, start: Start) -> None:
    """Within seconds, told once; where they cannot, the agent is not ready."""
    path, folder, ready = tmp_path / "credentials", tmp_path / "aws", tmp_path / "ready"
    words = ("--credentials-file", str(path), "--process-dir", str(folder))
    agent = start(*words, "--ready-file", str(ready), "--admin-listen", "127.0.0.1:0")
    wait_for(ready.exists)
    path.unlink()
    shutil.rmtree(folder)
    ready.unlink()
    wait_for(lambda: path.exists() and ready.exists() and (folder / "orders.json").exists())
    told = [line["message"] for line in agent.log if line["event"] == "delivery-undone"]
    assert [line.partition(" ")[0] for line in told] == [f"{folder}/config", str(path), str(ready)]
    assert agent.admin("/readyz").status == 200
    shutil.rmtree(folder)
    folder.touch()
    wait_for(lambda: agent.admin("/readyz").status == 503)
    assert not ready.exists()


def test_a_persons_own_keys_survive_a_refusal(
    tmp_path: Path, start: Start, aws: ScriptedAws
) -> None:
    """An agent with nothing to give takes nothing away that no agent wrote."""
    aws.then(refused(403, "AccessDeniedException", "no"))
    path = tmp_path / "credentials"
    keys = "aws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n"
    text = f"[default]\n{keys}region = x\n\n[orders]\n{keys.lower()}"
    path.write_text(text)
    agent = start("--credentials-file", str(path))
    agent.until(lambda reply: reply.json["code"] == "SessionRefused")
    assert path.read_text() == text
    agent.terminate()
    assert path.read_text() == text


def test_a_restart_while_aws_is_away_keeps_what_is_good(
    tmp_path: Path, start: Start, aws: ScriptedAws
) -> None:
    """The container may restart; the pod's credentials outlive that."""
    path, folder = tmp_path / "credentials", tmp_path / "aws"
    words = ("--credentials-file", str(path), "--process-dir", str(folder))
    first = start(*words)
    wait_for(lambda: path.exists() and "ASIAFIRST" in path.read_text())
    first.terminate()
    aws.then(raw(500, b""))
    second = start(*words)
    second.until(lambda reply: "could not answer" in reply.json["Message"])
    assert "ASIAFIRST" in path.read_text()
    assert (folder / "orders.json").exists()


def test_a_file_that_may_not_grow_harms_nothing_else(
    tmp_path: Path, start: Start, aws: ScriptedAws
) -> None:
    """The old file stays whole, the endpoint serves, and the agent says that it is not ready."""
    path = tmp_path / "credentials"
    path.write_text("[mine]\naws_access_key_id = kept\n")
    start().terminate()  # its modules are compiled now: Python would leave half of one there, too
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, before[1]))
    try:
        agent = start("--credentials-file", str(path), "--admin-listen", "127.0.0.1:0")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    agent.until(has_credentials)
    wait_for(lambda: agent.metrics()["delivery_failures_total"] > 0)
    assert path.read_text() == "[mine]\naws_access_key_id = kept\n"
    assert agent.admin("/readyz").status == 503
    assert agent.ask().status == 200
    assert not list(tmp_path.glob(".credentials*"))


def test_a_place_that_cannot_be_is_told(tmp_path: Path, start: Start) -> None:
    """Which file could not be written, and why."""
    (tmp_path / "file").touch()
    agent = start("--credentials-file", str(tmp_path / "file" / "credentials"))
    wait_for(lambda: any(line["event"] == "delivery-failed" for line in agent.log))
    told = next(line for line in agent.log if line["event"] == "delivery-failed")
    assert "Not a directory" in told["message"]


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["--credentials-file", "{folder}/none/credentials"], 1, "/none/credentials is not there"),
        (["--credentials-file", "{folder}/mine", "--once-timeout", "0"], 1, "/mine cannot be writ"),
        (["--credentials-file", "{folder}/mine", "--once-timeout", "2"], 1, "/mine cannot be writ"),
        (["--process-dir", "{folder}/mine"], 1, "give --process-dir a folder of its own"),
        (["--credentials-file", "{folder}/credentials", "--process-dir", "{folder}/aws"], 0, ""),
    ],
)
def test_once_says_whether_the_files_are_written(
    tmp_path: Path, secret: MountedSecret, words: list[str], status: int, told: str
) -> None:
    """A place that cannot be is no fault of AWS's, and nobody's config is replaced."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config").write_text("[profile mine]\n")
    done = run(*once(secret), *(word.format(folder=tmp_path) for word in words))
    assert done.returncode == status, done.stderr
    assert told in done.stderr
    assert ("cannot be" in done.stderr or "is not there" in done.stderr) is (status != 0)
    assert '"delivered"' not in done.stderr
    assert (tmp_path / "mine" / "config").read_text() == "[profile mine]\n"


@mounts
def test_a_file_that_is_a_mount_of_its_own(tmp_path: Path, secret: MountedSecret) -> None:
    """As containers are given single files: it cannot be replaced, so it is written into."""
    real, path = tmp_path / "real", tmp_path / "credentials"
    real.write_text("[mine]\naws_access_key_id = kept\n")
    path.touch()
    script = 'mount --bind "$0" "$1" && shift && exec "$@"'
    mounting = (*UNSHARE, script, str(real), str(path))
    done = run(*mounting, *once(secret), "--credentials-file", str(path))
    assert done.returncode == 0, done.stderr
    assert profile(real, "mine") == {"aws_access_key_id": "kept"}
    assert profile(real)["aws_access_key_id"] == "ASIAFIRST"
    assert path.read_text() == ""
    assert not list(tmp_path.glob(".credentials*"))


ON_A_FULL_DISK = """
import sys
from pathlib import Path
from system_calls import syscalls
from tests.flow.seccomp_filter import compile_profile, confine
from rolesanywhere.agent.in_place import overwrite

others = [name for name in syscalls().names() if name != "fallocate"]
none = {"names": ["fallocate"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}
confine(compile_profile({"syscalls": [none, {"names": others, "action": "SCMP_ACT_ALLOW"}]}))
file = Path(sys.argv[1], "file")
file.write_bytes(b"1" * 5000)
for size in (9000, 40_000, 300, 9000):
    try:
        overwrite(str(file), b"%d" % (size % 7) * size)
    except OSError as error:
        print(size, error.strerror)
    print(len(file.read_bytes()), *set(file.read_bytes().decode()))
"""


@mounts
def test_what_is_written_into_is_whole_on_a_full_disk(tmp_path: Path) -> None:
    """Also where the C library has to try whether there is room: it leaves zeros behind."""
    script = 'mount -t tmpfs -o size=16k tmpfs "$0" && exec "$@"'
    mounting = (*UNSHARE, script, str(tmp_path))
    done = run(*mounting, sys.executable, "-c", ON_A_FULL_DISK, str(tmp_path))
    assert done.stdout.splitlines() == [
        *("9000 5", "40000 No space left on device", "9000 5", "300 6", "9000 5")
    ], done.stderr


def test_many_writers_of_one_file_lose_nothing(tmp_path: Path, aws: ScriptedAws) -> None:
    """Each keeps a profile of its own, waits for its turn, and all are there at the end."""
    key, certificate = key_and_certificate()
    (tmp_path / "tls.key").write_bytes(key)
    (tmp_path / "tls.crt").write_bytes(certificate)
    arns = "arn:aws:rolesanywhere:eu-west-1:111122223333"
    path = tmp_path / "credentials"
    words = [
        *(sys.executable, "-m", "rolesanywhere.agent", "--once", "--credentials-file", str(path)),
        *("--certificate", str(tmp_path / "tls.crt"), "--private-key", str(tmp_path / "tls.key")),
        *("--trust-anchor-arn", f"{arns}:trust-anchor/a", "--profile-arn", f"{arns}:profile/p"),
        *("--role-arn", ROLE_ARN, "--endpoint", aws.url),
    ]
    names = [f"team-{number}" for number in range(4)]
    with ExitStack() as stack, Alone(str(path)):
        logs = [stack.enter_context((tmp_path / f"{name}.log").open("wb")) for name in names]
        writers = [
            stack.enter_context(
                subprocess.Popen(  # noqa: S603 - our own interpreter
                    [*words, "--profile", name], env=OURS, stdout=subprocess.DEVNULL, stderr=log
                )
            )
            for name, log in zip(names, logs, strict=True)
        ]
        waits = b"another program is writing it"
        wait_for(lambda: all(waits in Path(log.name).read_bytes() for log in logs), seconds=30)
        assert not path.exists()
    assert [writer.returncode for writer in writers] == [0] * len(names)
    assert all("aws_access_key_id" in profile(path, name) for name in names)
    assert not list(tmp_path.glob(".credentials*"))
