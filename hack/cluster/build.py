"""Builds the control plane's programs from source, once per version, into the user's cache."""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hack.cluster import go_toolchain, programs
from hack.cluster.errors import ClusterError
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_MODULE: Final = Path(__file__).parent / "go"
_KUBERNETES: Final = "k8s.io/kubernetes"
_ETCD: Final = "go.etcd.io/etcd/server/v3"
PACKAGES: Final = {
    programs.ETCD: _ETCD,
    programs.API_SERVER: f"{_KUBERNETES}/cmd/kube-apiserver",
    programs.CONTROLLERS: f"{_KUBERNETES}/cmd/kube-controller-manager",
}
_LINES_SHOWN: Final = 15  # of a failed build's output


def pinned(module: str) -> str:
    """Give the version of a module in ``go/go.mod``, such as ``v1.36.3``."""
    text = (_MODULE / "go.mod").read_text()
    found = re.search(rf"^\s+{re.escape(module)} (v\S+)$", text, re.MULTILINE)
    if found is None:
        message = f"{_MODULE / 'go.mod'} does not require {module}"
        raise ClusterError(message)
    return found[1]


def cache() -> Path:
    """Give where the programs of the pinned versions are, or will be."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = f"{pinned(_KUBERNETES)}-etcd-{pinned(_ETCD)}"
    return home / "rolesanywhere-operator" / "control-plane" / folder


def ensure(console: Console | None = None) -> Path:
    """Give the folder of the built programs; build them first where they are missing.

    The first build takes some minutes. Raises ``ClusterError`` when Go is missing or fails.
    """
    target = cache()
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target.parent / "lock"):
        if not target.is_dir():
            _build(target, console or Console(stderr=True))
    return target


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock that ends with this process: of two builds one waits for the other."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(target: Path, console: Console) -> None:
    """Build next to ``target`` and rename: it is there completely or not at all."""
    for leftover in target.parent.glob("building-*"):
        shutil.rmtree(leftover)
    go = go_toolchain.ensure()
    draft = Path(tempfile.mkdtemp(prefix="building-", dir=target.parent))
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        for name, package in PACKAGES.items():
            task = progress.add_task(f"building {name}", total=1)
            _go_build(go, package, draft / name)
            progress.update(task, completed=1)
    draft.chmod(0o755)
    draft.rename(target)


def _go_build(go: Path, package: str, output: Path) -> None:
    flags = ["-trimpath", "-mod=readonly", "-ldflags", f"-s -w {_version_flags()}"]
    run = subprocess.run(
        [go, "build", *flags, "-o", output, package],
        cwd=_MODULE,
        env=os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        ending = "\n".join(run.stderr.splitlines()[-_LINES_SHOWN:])
        message = f"`go build {package}` failed (it needs the Go module proxy):\n{ending}"
        raise ClusterError(message)


def _version_flags() -> str:
    """Say the version that kube-apiserver reports: only release builds have it stamped in."""
    version = pinned(_KUBERNETES)
    major, minor, _ = version.removeprefix("v").split(".")
    stamps = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    prefix = "k8s.io/component-base/version"
    return " ".join(f"-X {prefix}.{name}={value}" for name, value in stamps.items())
