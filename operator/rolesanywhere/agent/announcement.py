"""The environment that makes SDKs find the agent, printed once it can be found."""

import json
import os
import sys
from collections.abc import Mapping

from rolesanywhere.agent.counter import PATH
from rolesanywhere.agent.gate import Gate
from rolesanywhere.agent.options import Options
from rolesanywhere.agent.standard_stream import say

# os.path, not pathlib, which would cost the server memory


def announce(options: Options, gates: Mapping[str, Gate]) -> None:
    """Print it on standard output: one JSON line, or lines for a shell; nobody may be listening."""
    environment = _environment(options, gates)
    if options.output == "json":
        lines = [json.dumps(environment)]
    else:
        lines = [f"export {name}={_quoted(value)}" for name, value in environment.items()]
    say(sys.stdout, "".join(f"{line}\n" for line in lines))


def _quoted(value: str) -> str:
    """Quote for a shell, always: ``shlex.quote`` leaves quotes out where it can."""
    return "'" + value.replace("'", "'\\''") + "'"


def _environment(options: Options, gates: Mapping[str, Gate]) -> dict[str, str]:
    environment = {}
    if (credentials := gates.get("credentials")) is not None:
        environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{credentials.url}{PATH}"
        token_file = os.path.abspath(options.token_file)  # noqa: PTH100 - as above
        environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = token_file
    if (imds := gates.get("imds")) is not None:
        environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = imds.url
    if options.process_dir is not None:
        environment["AWS_CONFIG_FILE"] = os.path.join(options.process_dir, "config")  # noqa: PTH118 - as above
    if options.credentials_file is not None:
        path = os.path.abspath(options.credentials_file)  # noqa: PTH100 - as above
        environment["AWS_SHARED_CREDENTIALS_FILE"] = path
    if (admin := gates.get("admin")) is not None:
        environment["ROLESANYWHERE_ADMIN_URL"] = admin.url
    return environment
