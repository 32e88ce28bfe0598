"""``python -m rolesanywhere.emulator``: AWS on one port until a signal says stop."""

import json
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Final

from rolesanywhere.emulator.options import Options, parse
from rolesanywhere.emulator.roles_anywhere.quotas import NOT_ADJUSTABLE, Quota
from rolesanywhere.emulator.running import Emulator, Settings

_LOG: Final = "%(asctime)s %(levelname)s %(message)s"


def main(arguments: Sequence[str]) -> int:
    """Run the emulator. Gives the exit status: 0 after a signal, 1 when it cannot start."""
    options = parse(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=_LOG)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopped.set())
    try:
        emulator = Emulator(_settings(options))
    except OSError as error:
        sys.stderr.write(
            f"rolesanywhere emulator: cannot listen on {options.host}:{options.port}: "
            f"{error.strerror}; choose another --port\n"
        )
        return 1
    with emulator.start():
        _announce(emulator, options)
        stopped.wait()
    return 0


def _settings(options: Options) -> Settings:
    return Settings(
        host=options.host,
        port=options.port,
        region=options.region,
        account=options.account,
        quotas=tuple(Quota) if options.enforce_quotas else NOT_ADJUSTABLE,
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
