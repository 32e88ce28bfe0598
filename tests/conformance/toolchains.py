"""The SDKs under test, each built once by its own package manager and kept in ``.local``.

Versions are pinned in ``programs/``; a changed program is built anew.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[2]
PROGRAMS: Final = Path(__file__).parent / "programs"
KEPT: Final = PROJECT / ".local" / "conformance"
AWS_CLI: Final = "awscli==1.46.2"
_BUILD_SECONDS: Final = 600
_GO: Final = ("/usr/local/go/bin", os.environ["PATH"])  # the installer's place, then the user's

Command = Sequence[str]


def boto3_reader() -> Command:
    """Give the project's own Python: boto3 is one of its dependencies."""
    return [sys.executable, str(PROGRAMS / "python" / "reader.py")]


def aws_cli() -> Command:
    """Install the AWS CLI into an environment of its own; give its command."""

    def build(folder: Path) -> None:
        uv = str(Path(sys.executable).with_name("uv"))
        _run([uv, "venv", "--quiet", str(folder / "venv")], folder)
        python = str(folder / "venv" / "bin" / "python")
        _run([uv, "pip", "install", "--quiet", "--python", python, AWS_CLI], folder)

    folder = _built("aws-cli", AWS_CLI.encode(), build)
    return [str(folder / "venv" / "bin" / "python"), str(folder / "venv" / "bin" / "aws")]


def go_reader() -> Command:
    """Build the Go program; give its command."""

    def build(folder: Path) -> None:
        shutil.copytree(PROGRAMS / "go", folder / "source")
        path = {"PATH": os.pathsep.join(_GO)}
        _run(["go", "build", "-o", str(folder / "reader"), "."], folder / "source", path)

    return [str(_built("go", _sources("go"), build) / "reader")]


def javascript_reader() -> Command:
    """Install the JavaScript program's SDK; give its command."""

    def build(folder: Path) -> None:
        shutil.copytree(PROGRAMS / "javascript", folder, dirs_exist_ok=True)
        _run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"], folder)

    return ["node", str(_built("javascript", _sources("javascript"), build) / "reader.mjs")]


def java_reader() -> Command:
    """Fetch the Java program's SDK and compile; give its command."""

    def build(folder: Path) -> None:
        source = PROGRAMS / "java"
        libraries = f"-DoutputDirectory={folder / 'lib'}"
        shutil.copy(source / "pom.xml", folder)
        _run(["mvn", "-q", "-B", "dependency:copy-dependencies", libraries], folder)
        reader = next(source.rglob("Reader.java"))
        _run(["javac", "-cp", "lib/*", "-d", "classes", str(reader)], folder)

    folder = _built("java", _sources("java"), build)
    return ["java", "-cp", f"{folder}/lib/*:{folder}/classes", "dev.rolesanywhere.Reader"]


def _sources(name: str) -> bytes:
    files = sorted(path for path in (PROGRAMS / name).rglob("*") if path.is_file())
    return b"\0".join(path.read_bytes() for path in files)


def _built(name: str, sources: bytes, build: Callable[[Path], None]) -> Path:
    """Give the folder that was built of these sources; build it if there is none."""
    folder = KEPT / f"{name}-{hashlib.sha256(sources).hexdigest()[:12]}"
    if folder.exists():
        return folder
    aside = KEPT / f"{folder.name}.{os.getpid()}"
    aside.mkdir(parents=True)
    try:
        build(aside)
        aside.rename(folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return folder


def _run(command: Command, folder: Path, more: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(  # noqa: S603 - package managers, by name
        command,
        cwd=folder,
        env={**os.environ, **(more or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=_BUILD_SECONDS,
    )
    if done.returncode != 0:
        message = f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}"
        raise RuntimeError(message)
