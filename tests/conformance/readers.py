"""SDK programs as the tests talk to them: a line in, an object's text and an access key out."""

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Protocol

from tests.conformance.toolchains import Command

_SECONDS = 60


class Reader(Protocol):
    """Reads the object."""

    def read(self, *, anew: bool = False) -> Mapping[str, str]:
        """Give its ``text`` and the access ``key`` or the ``session`` it was read with.

        Or the ``error``; ``anew`` with a new session.
        """

    def close(self) -> None:
        """End the program."""


class Program:
    """A program that goes on running: what it sees of a rotation it sees without a restart."""

    def __init__(self, command: Command, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - one of ours
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], **environment},
            text=True,
        )

    def read(self, *, anew: bool = False) -> Mapping[str, str]:
        """See ``Reader``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("anew\n" if anew else "again\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the program ended"
        answer: Mapping[str, str] = json.loads(line)
        return answer

    def close(self) -> None:
        """See ``Reader``."""
        self._process.communicate(timeout=_SECONDS)


class CommandLine:
    """The AWS CLI: a process for each command, and so a new session."""

    def __init__(self, command: Command, environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = {"PATH": os.environ["PATH"], **environment}

    def read(self, *, anew: bool = False) -> Mapping[str, str]:  # noqa: ARG002 - it always is
        """See ``Reader``."""
        bucket, key = self._environment["BUCKET"], self._environment["OBJECT"]
        text = self._run("s3", "cp", "--quiet", f"s3://{bucket}/{key}", "-")
        caller = json.loads(self._run("sts", "get-caller-identity", "--output", "json"))
        return {"text": text, "session": caller["Arn"].rpartition("/")[2]}

    def close(self) -> None:
        """See ``Reader``."""

    def _run(self, *words: str) -> str:
        done = subprocess.run(  # noqa: S603 - the AWS CLI
            [*self._command, *words],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
