"""Several controllers: one works, the others wait; they take over from one that ends or dies."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from hack.cluster.kubectl import Kubectl
from hack.stack.programs import ControllerProcess
from tests.cluster.stage import ARGUMENTS, Stage
from tests.cluster.story import OPERATOR_NAMESPACE

from rolesanywhere.domain.lease import LEASE_SECONDS, RETRY_JITTER, RETRY_SECONDS
from rolesanywhere.kube.lease import NAME

LEADS: Final = "leads as "
WAITS: Final = "waits for the lease held by "
WORKS: Final = "cluster id"  # said once kopf has started
TAKING_OVER_SECONDS: Final = LEASE_SECONDS + RETRY_SECONDS * (1 + RETRY_JITTER)
BUSY_SECONDS: Final = 5.0  # how much longer it may take on a busy machine
GIVEN_BACK_SECONDS: Final = 10.0  # clearly before the lease would expire, on a busy machine too


class Contender:
    """One of several controllers."""

    def __init__(self, stage: Stage, folder: Path, until: str) -> None:
        """Start it, and wait until it says so."""
        folder.mkdir()
        environment = {**stage.emulator.environment, "AWS_ENDPOINT_URL": stage.gate.url}
        self.program: Final = ControllerProcess(
            folder,
            stage.plane.controller_kubeconfig,
            environment,
            ("--leader-elect", "--session-endpoint", stage.gate.url, *ARGUMENTS),
            until=until,
        )

    @property
    def log(self) -> str:
        """Give what it said so far."""
        return self.program.log.read_text()

    @property
    def identity(self) -> str:
        """Give the name under which it leads."""
        (found,) = re.findall(f"{LEADS}(.*)", self.log)
        return str(found)

    @property
    def waited_for(self) -> list[str]:
        """Give the holders it said it waits for."""
        return re.findall(f"{WAITS}(.*)", self.log)


@dataclass
class History:
    """What was seen while controllers came and went."""

    leaders: list[Contender]  # one after another
    leases: list[dict[str, Any]]  # as each of them led
    waiting_said: str  # all that the second said while the first led
    exits: tuple[int, int]  # of the first, that led, and of one that waited
    after_release_seconds: float
    after_kill_seconds: float


@pytest.fixture(scope="module")
def history(
    stage: Stage, kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[History]:
    """Start one, then two more; end the first; kill the next, and end one that waits."""
    stage.rest()
    folder = tmp_path_factory.mktemp("leader")
    # The threads end last: a program dies with the thread that started it.
    with ThreadPoolExecutor() as side_by_side, ExitStack() as stack:

        def start(name: str, until: str = WAITS) -> Contender:
            contender = Contender(stage, folder / name, until)
            stack.enter_context(contender.program)
            return contender

        first = start("first", WORKS)
        leases = [lease(kubectl)]
        others = list(side_by_side.map(start, ("one", "another")))
        waiting_said = others[0].log
        exit_of_leader = first.program.stop()
        second, after_release = first_to_lead(others, GIVEN_BACK_SECONDS)
        leases.append(lease(kubectl))
        second.program.kill()
        killed_at = time.monotonic()
        others.remove(second)
        exit_of_waiting = start("late").program.stop()
        third, _ = first_to_lead(others, TAKING_OVER_SECONDS + BUSY_SECONDS)
        after_kill = time.monotonic() - killed_at
        leases.append(lease(kubectl))
        yield History(
            [first, second, third],
            leases,
            waiting_said,
            (exit_of_leader, exit_of_waiting),
            after_release,
            after_kill,
        )


def first_to_lead(contenders: Sequence[Contender], seconds: float) -> tuple[Contender, float]:
    """Wait until one of several leads; gives it, and how long it took."""
    began = time.monotonic()
    contenders[0].program.wait_for(
        lambda: any(LEADS in each.log for each in contenders), seconds=seconds
    )
    (leader,) = (each for each in contenders if LEADS in each.log)
    return leader, time.monotonic() - began


def test_the_second_waits(history: History) -> None:
    """It says for whom, and does nothing else: kopf has not even started."""
    first, second, _ = history.leaders
    assert second.waited_for == [first.identity]
    assert WORKS not in history.waiting_said


def test_a_clean_stop_is_followed_at_once(history: History) -> None:
    """A rolling update costs a moment, not the time a lease lasts."""
    assert history.exits[0] == 0
    assert history.after_release_seconds < GIVEN_BACK_SECONDS


def test_a_crash_is_followed_when_the_lease_is_over(history: History) -> None:
    """Not before, since the dead one may only have been slow; and soon after."""
    assert history.after_kill_seconds > LEASE_SECONDS - RETRY_SECONDS * (1 + RETRY_JITTER)
    assert history.after_kill_seconds < TAKING_OVER_SECONDS + BUSY_SECONDS


def test_whoever_waits_ends_when_told(history: History) -> None:
    """With success: nothing was wrong."""
    assert history.exits[1] == 0


def test_the_lease_tells_who_leads(history: History) -> None:
    """For ``kubectl get leases``, with how often it changed hands."""
    holders = [each["holderIdentity"] for each in history.leases]
    assert holders == [each.identity for each in history.leaders]
    transitions = [each["leaseTransitions"] for each in history.leases]
    assert transitions == [transitions[0] + number for number in range(3)]


def test_the_last_one_works(stage: Stage, history: History) -> None:
    """What is asked for after two changes of the leader is done."""
    with stage.telling() as story:
        stage.apply(story.own_ca(), story.profile_of(), story.identity_of())
        assert len(stage.until_ready(story.anchor, story.profile, story.identity())) == 3


def lease(kubectl: Kubectl) -> dict[str, Any]:
    """Give what the lease says."""
    words = ("get", "lease", NAME, f"--namespace={OPERATOR_NAMESPACE}", "--output=json")
    spec: dict[str, Any] = json.loads(kubectl(*words).stdout)["spec"]
    return spec
