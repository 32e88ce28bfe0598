"""How the agent's interpreters are started: small, and blind to the user's environment.

``-I`` ignores PYTHON* variables and the working directory; ``-S`` leaves ``site`` out, which saves
memory and start-up time. What is on the path is then ours to say: the folders that hold this
package and the few libraries the agent needs.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import PathFinder
from typing import Any, Final

SERVER: Final = "rolesanywhere.agent.main"
EXCHANGE: Final = "rolesanywhere.agent.exchange"
_NEEDED: Final = ("rolesanywhere", "cryptography", "_cffi_backend", "msgspec")
_INHERITED: Final = (  # of the environment, by the exchange: read by its libraries themselves
    "LD_LIBRARY_PATH",
    "PATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
)
_NETWORK: Final = (  # the way to AWS; a proxy's URL may hold a password
    "AWS_CA_BUNDLE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_ROLESANYWHERE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "HTTPS_PROXY",
    "NO_PROXY",
    "https_proxy",
    "no_proxy",
)
_BOOT: Final = (
    "import sys; roots = sys.argv[1]; sys.path[:0] = roots.split({separator!r}); "
    "from {module} import main; sys.exit(main(sys.argv[2:], roots))"
)


def roots() -> str:
    """Give the folders to import from, joined by ``os.pathsep``; imports nothing of theirs.

    The working directory is none of them: what lies there would run beside the private key.
    """
    path = sys.path if sys.flags.safe_path else sys.path[1:]
    specs = [PathFinder.find_spec(name, path) for name in _NEEDED]
    origins = [spec.origin for spec in specs if spec is not None and spec.origin]
    folders = [
        os.path.dirname(os.path.dirname(origin) if _is_package(origin) else origin)  # noqa: PTH120 - pathlib costs the server memory
        for origin in origins
    ]
    return os.pathsep.join(dict.fromkeys(folders))


def command(module: str, roots: str, arguments: Sequence[str]) -> list[str]:
    """Give the argument vector that runs ``module.main(arguments, roots)``."""
    boot = _BOOT.format(module=module, separator=os.pathsep)
    # standard error is the log, whose lines are JSON; the server's libraries warn of nothing
    quiet = ("-W", "ignore") if module == EXCHANGE else ()
    return [sys.executable, "-I", "-S", *quiet, "-c", boot, roots, *arguments]


def exchange_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Give what of an environment the exchange inherits, for others to see."""
    return _pick(_INHERITED, environment)


def write_task(task: Mapping[str, Any], environment: Mapping[str, str]) -> bytes:
    """Write an identity's task for the exchange, with what an environment says of the way to AWS.

    It travels by a pipe, for it may hold passwords.
    """
    return json.dumps({**task, "network": _pick(_NETWORK, environment)}).encode()


def become_server(arguments: Sequence[str]) -> None:
    """Replace this process by the server. Returns only by an ``OSError``."""
    vector = command(SERVER, roots(), arguments)
    os.execv(vector[0], vector)  # noqa: S606 - our own interpreter, no shell


def _pick(names: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    return {name: environment[name] for name in names if name in environment}


def _is_package(origin: str) -> bool:
    return os.path.basename(origin).startswith("__init__.")  # noqa: PTH119 - as above
