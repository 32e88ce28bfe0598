"""The program: AWS on one port until a signal says stop."""

import json
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rolesanywhere.emulator.control.controlled import UnusableSnapshot
from rolesanywhere.emulator.control.state_file import load_state, save_state
from rolesanywhere.emulator.options import Options, parse
from rolesanywhere.emulator.roles_anywhere.quotas import NOT_ADJUSTABLE, Quota
from rolesanywhere.emulator.running import Emulator, Settings

_LOG: Final = "%(asctime)s %(levelname)s %(message)s"


def main(arguments: Sequence[str]) -> int:
    """Run the emulator. Gives the exit status: 0 after a signal, 1 when it cannot go on."""
    options = parse(arguments)
    try:
        emulator = _make(options)
    except _CannotStart as error:
        sys.stderr.write(f"rolesanywhere emulator: {error}\n")
        return 1
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=_LOG)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopped.set())
    with emulator.start():
        _announce(emulator, options)
        stopped.wait()
        return _save(emulator, options)


class _CannotStart(Exception):  # noqa: N818 - it says what is wrong, and what to do
    """There is no way to start; the message is for people."""


def _make(options: Options) -> Emulator:
    """Bind the port and load the state. Raises ``_CannotStart``."""
    try:
        emulator = Emulator(_settings(options))
    except OSError as error:
        where = f"{options.host}:{options.port}"
        message = f"cannot listen on {where}: {error.strerror}; choose another --port"
        raise _CannotStart(message) from error
    try:
        if options.state is not None:
            load_state(emulator.state, Path(options.state))
    except (UnusableSnapshot, OSError) as error:
        emulator.close()
        message = f"cannot load --state {options.state}: {error}; name another file or remove it"
        raise _CannotStart(message) from error
    return emulator


def _save(emulator: Emulator, options: Options) -> int:
    if options.state is None:
        return 0
    try:
        save_state(emulator.state, Path(options.state))
    except OSError as error:
        sys.stderr.write(f"rolesanywhere emulator: cannot write --state: {error}\n")
        return 1
    return 0


def _settings(options: Options) -> Settings:
    return Settings(
        host=options.host,
        port=options.port,
        region=options.region,
        account=options.account,
        quotas=tuple(Quota) if options.enforce_quotas else NOT_ADJUSTABLE,
        control=options.control,
    )


def _announce(emulator: Emulator, options: Options) -> None:
    """Print the environment for SDKs, and with it that the port answers."""
    if options.output == "json":
        lines = [json.dumps(emulator.environment)]
    else:
        lines = [f"export {name}='{value}'" for name, value in emulator.environment.items()]
        lines.append(f"# ready: AWS account {emulator.account} answers at {emulator.url}")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
