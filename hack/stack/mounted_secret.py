"""A Secret as the kubelet mounts it: a folder per generation, ``..data`` swapped to the last.

https://kubernetes.io/docs/concepts/configuration/secret/#mounted-secrets-are-updated-automatically
"""

import base64
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from hack.cluster.kubectl import Kubectl


class MountedSecret:
    """The files of one Secret in one folder, brought up to date by ``sync``."""

    def __init__(self, kubectl: Kubectl, namespace: str, name: str, folder: Path) -> None:
        """Mount it. Raises ``ClusterError`` when there is no such Secret."""
        self.folder = folder
        self._kubectl = kubectl
        self._namespace = namespace
        self._name = name
        folder.mkdir(parents=True)
        self.sync()

    def sync(self) -> bool:
        """Do what the kubelet does each minute; tell whether anything changed."""
        answer = self._kubectl(
            "get", "secret", self._name, f"--namespace={self._namespace}", "--output=json"
        )
        data: Mapping[str, str] = json.loads(answer.stdout)["data"]
        files = {name: base64.b64decode(text) for name, text in data.items()}
        if files == self._mounted():
            return False
        self._swap(files)
        return True

    def _mounted(self) -> dict[str, bytes]:
        current = self.folder / "..data"
        return (
            {path.name: path.read_bytes() for path in current.iterdir()} if current.exists() else {}
        )

    def _swap(self, files: Mapping[str, bytes]) -> None:
        last = (self.folder / "..data").resolve() if (self.folder / "..data").exists() else None
        number = int(last.name.removeprefix("..")) + 1 if last is not None else 1
        generation = self.folder / f"..{number}"
        generation.mkdir(mode=0o700)
        for name, content in files.items():
            (generation / name).touch(mode=0o600)
            (generation / name).write_bytes(content)
            if not (self.folder / name).is_symlink():
                (self.folder / name).symlink_to(Path("..data") / name)
        (self.folder / "..next").symlink_to(generation.name)
        (self.folder / "..next").rename(self.folder / "..data")
        if last is not None:
            shutil.rmtree(last)
