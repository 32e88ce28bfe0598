"""Step 0: cluster, AWS and operator start."""

from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Final

from hack.demo.account import Account
from hack.demo.cluster import Cluster
from hack.demo.pod import BUCKET, CONTENT, KEY
from hack.demo.stage import Stage
from hack.demo.telling import Telling
from hack.stack.programs import ControllerProcess, EmulatorProcess

TITLE: Final = "Cluster, AWS and operator start"


def open_stage(
    telling: Telling,
    folder: Path,
    cluster: AbstractContextManager[Cluster],
    resync: str,
    held: ExitStack,
) -> Stage:
    """Start everything; ``held`` ends it. Raises ``ClusterError`` or ``ProgramError``."""
    with telling.waiting("the control plane"):
        running = held.enter_context(cluster)
    telling.fact("Kubernetes", running.description)
    emulator = held.enter_context(EmulatorProcess(folder))
    account = Account(emulator.environment)
    telling.fact("AWS", f"emulated at {emulator.url}, {account.region}")
    _put_report(account)
    telling.fact("S3", f"s3://{BUCKET}/{KEY}, put there before the story begins")
    words = ["--resync", resync, "--session-endpoint", emulator.url]
    with telling.waiting("the operator"):
        controller = held.enter_context(
            ControllerProcess(folder, running.controller_kubeconfig, emulator.environment, words)
        )
    telling.fact("operator", f"as {running.controller}, looks every {resync}")
    telling.fact("logs", str(folder))
    return Stage(folder, running, emulator, controller, account, held)


def _put_report(account: Account) -> None:
    place = {"LocationConstraint": account.region}
    account.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    account.s3.put_object(Bucket=BUCKET, Key=KEY, Body=CONTENT.encode())
