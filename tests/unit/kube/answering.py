"""How tests reach a scripted API server, and how it refuses."""

from pathlib import Path

import yaml
from tests.flow.scripted_control_plane import Answer


def status(code: int, reason: str, message: str) -> Answer:
    body = {"kind": "Status", "status": "Failure", "reason": reason, "message": message}
    return Answer(code, body | {"code": code})


def kubeconfig(folder: Path, url: str) -> Path:
    path = folder / "kubeconfig"
    content = {
        "current-context": "test",
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "clusters": [{"name": "test", "cluster": {"server": url}}],
        "users": [{"name": "test", "user": {"token": "a-token"}}],
    }
    path.write_text(yaml.safe_dump(content))
    return path
