"""Kubeconfigs of a cluster that is not ours: one context's alone, and one with another user."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from hack.cluster.certificates import write_private
from hack.demo.errors import DemoError


def copy_context(context: str, path: Path) -> str:
    """Copy one context of the person's kubeconfig to ``path``; give the API server's URL.

    Raises ``DemoError`` when there is no such context.
    """
    words = ("config", "view", "--minify", "--flatten", f"--context={context}")
    run = subprocess.run(
        [Path(sys.executable).parent / "kubectl", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        message = (
            f"there is no context {context} in your kubeconfig ({run.stderr.strip()}); "
            "`kubectl config get-contexts` lists them"
        )
        raise DemoError(message)
    write_private(path, run.stdout.encode())
    return str(yaml.safe_load(run.stdout)["clusters"][0]["cluster"]["server"])


def with_token(admin: Path, token: str, path: Path) -> Path:
    """Write to ``path`` how to reach the cluster of a kubeconfig as the bearer of a token."""
    document: dict[str, Any] = yaml.safe_load(admin.read_text())
    user = document["users"][0]["name"]
    document["users"] = [{"name": user, "user": {"token": token}}]
    write_private(path, yaml.safe_dump(document).encode())
    return path
