"""The local control plane itself: its guard, its rights, and that nothing of it is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import yaml
from hack.cluster import kubeconfig, leftovers
from hack.cluster.control_plane import ControlPlane
from hack.cluster.errors import ClusterError, NotLocalError, PortTakenError
from hack.cluster.folder import REPOSITORY, Folder
from hack.cluster.kubectl import Kubectl
from hack.cluster.launch import launch
from hack.cluster.processes import ProcessIdentity

GROUP: Final = "rolesanywhere.dev"
WARM_SECONDS: Final = 20.0  # idle it takes 3; without the cache a start takes minutes
PROGRAMS: Final = {"supervisor", "etcd", "kube-apiserver", "kube-controller-manager"}

# What `python -c` runs: the child that starts a plane, says so, and then only waits.
STARTER: Final = """
import sys
from pathlib import Path
from hack.cluster.control_plane import ControlPlane
with ControlPlane.start(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.read()
"""
TEMPORARY_STARTER: Final = """
import sys
from hack.cluster.control_plane import ControlPlane
with ControlPlane.start() as plane:
    print(plane.admin_kubeconfig, flush=True)
    sys.stdin.read()
"""
DETACHING_STARTER: Final = """
import sys
from pathlib import Path
from hack.cluster.control_plane import ControlPlane
ControlPlane.start(Path(sys.argv[1])).detach()
"""


@pytest.fixture
def controller(plane: ControlPlane) -> Kubectl:
    return Kubectl(plane.controller_kubeconfig)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """Give a folder for one plane more; whatever a failing test leaves in it is stopped."""
    folder = Folder(tmp_path / "plane")
    yield folder
    leftovers.stop(folder)


def start_in_child(folder: Folder) -> subprocess.Popen[str]:
    """Start a plane in a child process and wait until it is ready."""
    child = subprocess.Popen(  # noqa: S603 - this Python, on a program of ours
        [sys.executable, "-c", STARTER, str(folder.path)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    assert child.stdout.readline() == "ready\n"
    return child


def ended(processes: dict[str, ProcessIdentity]) -> set[str]:
    """Give the names of those that ended within the time a stop may take."""
    return {name for name, each in processes.items() if each.wait(leftovers.STOP_SECONDS)}


@pytest.mark.parametrize("context", ["production", "kind-kind", "rolesanywhere-local-2", None])
def test_another_cluster_is_refused(tmp_path: Path, context: str | None) -> None:
    """A kubeconfig whose context is not the local plane's is refused, and the refusal names it."""
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump({"kind": "Config", "current-context": context}))
    with pytest.raises(
        NotLocalError, match=f"refusing to touch the cluster of context {context!r}"
    ):
        ControlPlane.attach(path)


def test_our_own_kubeconfigs_pass_the_guard(plane: ControlPlane) -> None:
    """Both kubeconfigs of a plane are taken for what they are."""
    for path in (plane.admin_kubeconfig, plane.controller_kubeconfig):
        assert kubeconfig.require_local(path) == path


def test_attached_plane_keeps_running(plane: ControlPlane) -> None:
    """Leaving a plane that was only attached to does not stop it."""
    with ControlPlane.attach(plane.admin_kubeconfig) as attached:
        assert attached.url == plane.url
    assert plane.kubectl("get", "--raw", "/readyz").stdout == "ok"


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("list", f"trustanchors.{GROUP}"),
        ("watch", f"profiles.{GROUP}"),
        ("patch", f"workloadidentities.{GROUP}"),
        ("patch", f"trustanchors.{GROUP}/status"),
        ("patch", f"profiles.{GROUP}/status"),
        ("patch", f"workloadidentities.{GROUP}/status"),
        ("get", "secrets"),
        ("create", "secrets"),
        ("update", "secrets"),
        ("delete", "secrets"),
        ("get", "namespaces"),
        ("create", "events"),
        ("watch", "customresourcedefinitions"),
    ],
)
def test_controller_may(controller: Kubectl, verb: str, resource: str) -> None:
    """The controller's user has each right the code needs, in every namespace."""
    answer = controller("auth", "can-i", verb, resource, "--all-namespaces", check=False)
    assert answer.stdout == "yes\n", answer.stderr


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("create", f"workloadidentities.{GROUP}"),
        ("delete", f"trustanchors.{GROUP}"),
        ("list", "secrets"),
        ("watch", "secrets"),
        ("get", "pods"),
        ("create", "serviceaccounts/token"),
        ("create", "clusterrolebindings"),
        ("impersonate", "users"),
        ("*", "*"),
    ],
)
def test_controller_may_not(controller: Kubectl, verb: str, resource: str) -> None:
    """The controller's user has no right that no code needs."""
    answer = controller("auth", "can-i", verb, resource, "--all-namespaces", check=False)
    assert answer.stdout == "no\n", answer.stderr


def test_refusal_names_the_user(controller: Kubectl, namespace: str) -> None:
    """What the controller may not do is refused, in words that name who, what and where."""
    answer = controller(
        "create", "configmap", "any", f"--namespace={namespace}", "--from-literal=a=b", check=False
    )
    assert answer.returncode != 0
    assert 'User "rolesanywhere-controller" cannot create resource "configmaps"' in answer.stderr
    assert f'in the namespace "{namespace}"' in answer.stderr


def test_every_program_runs(plane: ControlPlane) -> None:
    """A plane consists of exactly the supervisor and its three programs."""
    assert set(plane.processes) == PROGRAMS


def test_service_accounts_are_made(kubectl: Kubectl, namespace: str) -> None:
    """The controller manager works: a new namespace gets its default ServiceAccount."""
    kubectl("wait", "--for=create", "serviceaccount/default", f"--namespace={namespace}")


def test_clean_stop_leaves_nothing(folder: Folder) -> None:
    """A warm start is quick, and after the stop no process runs and no temporary file is left."""
    began = time.monotonic()
    with ControlPlane.start(folder.path) as plane:
        assert time.monotonic() - began < WARM_SECONDS
        running = folder.running()
        assert set(running) == PROGRAMS == set(plane.processes)
    assert not [name for name, each in running.items() if each.is_running()]
    assert folder.running() == {}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_its_starter(folder: Folder, number: signal.Signals) -> None:
    """However the process that started a plane ends, the plane's processes end with it."""
    with start_in_child(folder) as child:
        running = folder.running()
        assert set(running) == PROGRAMS
        child.send_signal(number)
        child.wait()
    assert ended(running) == PROGRAMS


def test_temporary_folder_goes_with_its_plane() -> None:
    """The folder of a plane whose starter was killed is removed, keys and all."""
    command = [sys.executable, "-c", TEMPORARY_STARTER]
    with subprocess.Popen(  # noqa: S603 - likewise
        command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        folder = Folder(Path(child.stdout.readline().strip()).parent)
        supervisor = folder.running()["supervisor"]
        child.kill()
    assert supervisor.wait(leftovers.STOP_SECONDS)
    assert not folder.path.exists()


def test_nothing_outlives_its_supervisor(folder: Folder) -> None:
    """When the supervisor itself is killed, the kernel ends its programs, and a start follows."""
    with start_in_child(folder) as child:
        running = folder.running()
        running["supervisor"].send(signal.SIGKILL)
        assert ended(running) == PROGRAMS
        child.communicate("")
    with ControlPlane.start(folder.path) as plane:
        assert plane.kubectl("get", "--raw", "/readyz").stdout == "ok"


def test_detached_plane_outlives_its_starter(folder: Folder) -> None:
    """A detached plane runs on without its starter, a second start is refused, ``stop`` ends it."""
    command = [sys.executable, "-c", DETACHING_STARTER, str(folder.path)]
    subprocess.run(command, cwd=REPOSITORY, check=True)  # noqa: S603 - likewise
    running = folder.running()
    assert set(running) == PROGRAMS
    with pytest.raises(ClusterError, match=r"runs in .* already"):
        ControlPlane.start(folder.path)
    assert leftovers.stop(folder)
    assert not [name for name, each in running.items() if each.is_running()]
    assert not folder.path.exists()


def test_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    """A folder with other things in it is refused rather than emptied."""
    precious = tmp_path / "precious"
    precious.write_text("mine")
    with pytest.raises(ClusterError, match="not empty"):
        ControlPlane.start(tmp_path)
    assert precious.read_text() == "mine"


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[str], Path]:
    """Give a maker of programs that note their start in ``starts``, say a sentence and fail."""

    def make(sentence: str) -> Path:
        binaries = tmp_path / "binaries"
        binaries.mkdir()
        for name in PROGRAMS - {"supervisor"}:
            program = binaries / name
            start = f"echo {name} >> {tmp_path / 'starts'}"
            program.write_text(f"#!/bin/sh\n{start}\necho {sentence} >&2\nexit 3\n")
            program.chmod(0o755)
        return binaries

    return make


def test_failed_program_is_shown(folder: Folder, broken: Callable[[str], Path]) -> None:
    """When a program cannot start, the error carries the end of its log and nothing runs."""
    with pytest.raises(ClusterError, match="cannot work today"):
        launch(broken("cannot work today"), folder, temporary=False)
    assert folder.running() == {}


def test_taken_port_is_tried_again(
    folder: Folder, tmp_path: Path, broken: Callable[[str], Path]
) -> None:
    """Where another process took a port in between, two more tries are made with other ports."""
    with pytest.raises(PortTakenError):
        launch(broken("bind: address already in use"), folder, temporary=False)
    assert (tmp_path / "starts").read_text().split().count("etcd") == 3


def test_reused_pid_is_not_ours() -> None:
    """A pid that meanwhile belongs to a later process is not taken for the recorded one."""
    ourselves = ProcessIdentity.of(os.getpid())
    assert ourselves.is_running()
    assert not replace(ourselves, started=ourselves.started - 1).is_running()


def test_stop_spares_strangers(folder: Folder) -> None:
    """A recorded process whose command line is not of this folder is never signalled."""
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        folder.path.mkdir()
        folder.write_plan([], temporary=False)
        folder.write_record({"etcd": ProcessIdentity.of(stranger.pid)})
        assert not leftovers.stop(folder)
        assert stranger.poll() is None
        stranger.kill()
