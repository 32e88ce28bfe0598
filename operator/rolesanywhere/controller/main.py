"""The controller's start: options, logging, kopf."""

import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Final, NoReturn

import kopf

from rolesanywhere.controller import handlers, indices
from rolesanywhere.controller.application import Application
from rolesanywhere.controller.options import Options, parse
from rolesanywhere.controller.wiring import Wiring
from rolesanywhere.domain.trouble import Trouble

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
_NOISY: Final = ("kopf", "botocore", "urllib3", "aiohttp", "asyncio")
_REPETITIVE: Final = ("kopf.objects", "kopf._core.reactor.queueing")
_EVERYDAY: Final = ("failed temporarily", "did not exit in time", "Unprocessed streams left")
REGISTERED: Final = (handlers, indices)  # importing them registered their handlers


def main(arguments: Sequence[str]) -> int:
    """Run the controller until a signal ends it; gives the exit status."""
    options = parse(arguments)
    _log(options)
    if options.kubeconfig is not None:
        os.environ["KUBECONFIG"] = str(options.kubeconfig)  # where kopf looks
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)  # until kopf has handlers of its own
    try:
        wiring = Wiring(options)
        with wiring.leadership().held() if options.leader_elect else nullcontext():
            _run(Application(options, wiring))
    except Trouble as trouble:
        sys.stderr.write(f"rolesanywhere controller: {trouble.message}\n")
        return 1
    return 0


def _run(application: Application) -> None:
    """Run kopf until it is told to stop; when this returns, no pass is under way any more."""
    kopf.run(clusterwide=True, standalone=True, memo=application)
    application.stop()  # once more: kopf leaves its cleanup out when it is cut short itself


def _end(*_: object) -> NoReturn:
    """End while nothing runs yet. Process 1 of a container has no default for these signals."""
    sys.exit(0)


def _log(options: Options) -> None:
    """Log to standard error: ours as asked, libraries only when something is wrong."""
    logging.basicConfig(format=_FORMAT, level=options.log_level.upper(), stream=sys.stderr)
    if options.log_level != "debug":
        for name in _NOISY:
            logging.getLogger(name).setLevel(logging.WARNING)
        for name in _REPETITIVE:
            logging.getLogger(name).addFilter(_is_worth_a_line)


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Drop what kopf says of each object that waits, or whose timer a clean stop cuts short.

    Condition, event and our own line say the first better; the second is how a stop goes.
    """
    said = record.getMessage()
    return not any(each in said for each in _EVERYDAY)
