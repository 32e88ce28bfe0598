"""What people copy from the page on running the agent fits together, and the programs take it."""

import re
import shlex
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import yaml

from rolesanywhere.agent.counter import PATH
from rolesanywhere.agent.identity import FolderIdentity
from rolesanywhere.agent.options import Options, parse
from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.emulator.options import DEFAULT_PORT

DOCS: Final = Path(__file__).parents[3] / "docs"
PAGE: Final = (DOCS / "how-to" / "run-the-agent.md").read_text()
POD: Final[dict[str, Any]] = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0])
SPEC: Final = POD["spec"]
AGENT: Final = SPEC["initContainers"][0]
APPLICATION: Final = SPEC["containers"][0]
WALKTHROUGH: Final = DOCS / "examples" / "walkthrough"
REGION: Final = yaml.safe_load((WALKTHROUGH / "1-trust-anchor.yaml").read_text())["spec"]["region"]
UNIT, CONSUMER = re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)


def of_the_pod() -> Options:
    assert AGENT["command"] == ["rolesanywhere", "agent"]
    return parse(AGENT["args"])


def of_the_unit() -> Options:
    line = re.findall(r"^ExecStart=(.*)$", UNIT.replace("\\\n", " "), re.MULTILINE)[0]
    program, command, *arguments = shlex.split(line)
    assert (Path(program).name, command) == ("rolesanywhere", "agent")
    return parse(arguments)


def mounts(container: dict[str, Any]) -> dict[str, str]:
    return {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (of_the_pod(), {each["name"]: each["value"] for each in APPLICATION["env"]}),
        (of_the_unit(), dict(re.findall(r"[ =]([A-Z_]+)=(\S+)", CONSUMER))),
    ],
    ids=["pod", "unit"],
)
def test_an_application_is_told_where_the_agent_is(
    options: Options, environment: dict[str, str]
) -> None:
    """Port, path and token are the agent's; the region it does not give."""
    assert options.endpoint is not None
    host, port = options.endpoint
    assert port > 0
    regions = {environment.pop(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION")}
    assert regions == {REGION}
    assert environment == {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{host}:{port}{PATH}",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": options.token_file,
    }


def test_the_walkthroughs_workload_knows_its_region() -> None:
    """The agent's lines have none, and the emulator's would bring an administrator's key."""
    chapter = (WALKTHROUGH / "README.md").read_text().partition("## 4.")[2].partition("## 5.")[0]
    block = re.findall(r"```console\n(.*?)```", chapter, re.DOTALL)[-1]
    exports = dict(re.findall(r"[ =]([A-Z_]+)=(\S+)", block))
    assert exports == {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{DEFAULT_PORT}",
    }


def test_the_pod_mounts_what_each_container_needs() -> None:
    """The agent the key and the token's folder; the application that folder alone, to read."""
    (identity,) = of_the_pod().identities
    assert isinstance(identity, FolderIdentity)
    folder = str(Path(of_the_pod().token_file).parent)
    volumes = {volume["name"]: volume for volume in SPEC["volumes"]}
    assert {path: set(volumes[name]) - {"name"} for path, name in mounts(AGENT).items()} == {
        identity.folder: {"secret"},
        folder: {"emptyDir"},
    }
    assert mounts(APPLICATION) == {folder: mounts(AGENT)[folder]}
    assert APPLICATION["volumeMounts"][0]["readOnly"]


def test_the_pod_shares_by_its_group() -> None:
    """Two users, and files that their one group may read and nobody else."""
    users = {each["securityContext"]["runAsUser"] for each in (AGENT, APPLICATION)}
    assert len(users) == 2
    assert SPEC["securityContext"]["fsGroup"] > 0
    secret = next(each["secret"] for each in SPEC["volumes"] if "secret" in each)
    assert secret["defaultMode"] == of_the_pod().token_mode == 0o440


def test_the_pod_is_probed_where_the_agent_answers() -> None:
    """By a kubelet that comes from outside of the pod."""
    admin = of_the_pod().admin
    assert admin is not None
    probes = {
        kind: AGENT[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")
    }
    paths = {"startup": "/readyz", "readiness": "/readyz", "liveness": "/healthz"}
    assert probes == {kind: {"path": path, "port": admin[1]} for kind, path in paths.items()}
    assert admin[0] == "", "all addresses"


def test_the_unit_keeps_its_files_where_it_may() -> None:
    """In the folder that systemd makes for it, and the group may read the token."""
    folder = f"/run/{re.findall(r'^RuntimeDirectory=(.*)$', UNIT, re.MULTILINE)[0]}/"
    options = of_the_unit()
    assert options.token_file.startswith(folder)
    assert options.ready_file is not None
    assert options.ready_file.startswith(folder)
    assert f"[ -e {options.ready_file} ]" in UNIT
    assert options.token_mode == 0o440
    (identity,) = options.identities
    assert isinstance(identity, FolderIdentity)
    assert f" {identity.folder}\n" in PAGE.partition("```console")[2].partition("```")[0]


def test_every_field_of_agent_json_is_described() -> None:
    """And none that is not there; required are those without a default."""
    reference = (DOCS / "reference" / "agent.md").read_text()
    chapter = reference.partition("\n## `agent.json`\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", chapter, re.MULTILINE)
    fields = msgspec.structs.fields(AgentConfiguration)
    assert {name: default == "required" for name, default in rows} == {
        field.encode_name: field.required for field in fields
    }
