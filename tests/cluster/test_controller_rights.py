"""A missing right names itself, in a condition or in the log, and nothing is lost meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, NamedTuple

import pytest
from tests.cluster.api_server import Manifest, Ref
from tests.cluster.stage import Stage, condition, is_ready, reason_of
from tests.cluster.story import Story

from rolesanywhere.api.conditions import ConditionType, Reason

ROLE: Final = Ref("ClusterRole", "rolesanywhere-controller")
USER: Final = 'User "rolesanywhere-controller" cannot'
OWN: Final = "own CA"
PRIVATE: Final = "private CA"
LABELLED: Final = "own CA, namespaces by label"


class Right(NamedTuple):
    """A right, and which condition of an identity cannot come true without it; in which story."""

    verb: str
    resource: str
    type: ConditionType
    where: str = OWN

    def __str__(self) -> str:
        """Read as ``create secrets``."""
        return f"{self.verb} {self.resource}"


CERTIFICATE: Final = ConditionType.CERTIFICATE_READY
IN_CONDITIONS: Final = (
    Right("get", "secrets", CERTIFICATE),
    Right("create", "secrets", CERTIFICATE),
    Right("create", "secrets", CERTIFICATE, PRIVATE),
    Right("update", "secrets", CERTIFICATE, PRIVATE),  # to write an issue's answer down
    Right("delete", "secrets", CERTIFICATE, PRIVATE),  # of the request, once it is done
    Right("get", "namespaces", ConditionType.ADMITTED, LABELLED),
)
IN_THE_LOG: Final = {
    "create events": "the operator may not create events in namespace STORY: add it to the "
    "operator's",
    "patch workloadidentities/status": "the status of NAME: the operator may not patch "
    "workloadidentities/status in namespace STORY: add it to the operator's",
    "patch workloadidentities": f'{USER} patch resource "workloadidentities" in API group',
}
AT_THE_START: Final = (
    ("list", "profiles"),
    ("watch", "trustanchors"),
    ("list", "customresourcedefinitions"),
)


@pytest.fixture(scope="module")
def told(stage: Stage) -> Iterator[dict[str, Story]]:
    """Begin a story of each kind, in which identities can be added."""
    begun = {name: stage.story() for name in (OWN, PRIVATE, LABELLED)}
    by_label: Manifest = {"allowedNamespaces": {"names": None, "selector": {}}}
    stage.apply(*(story.own_ca() for name, story in begun.items() if name != PRIVATE))
    stage.apply(begun[PRIVATE].private_ca())
    stage.apply(*(begun[name].profile_of() for name in (OWN, PRIVATE)))
    stage.apply(begun[LABELLED].profile_of(by_label))
    for story in begun.values():
        stage.until_ready(story.anchor, story.profile)
    yield begun
    for story in begun.values():
        stage.end(story)


@pytest.mark.parametrize("right", IN_CONDITIONS, ids=lambda each: f"{each} ({each.where})")
def test_missing_right_is_named_in_a_condition(
    stage: Stage, told: dict[str, Story], right: Right
) -> None:
    """The condition says what the operator may not do, where, and what to add; then it heals."""
    story = told[right.where]
    name = f"web-{IN_CONDITIONS.index(right)}"
    with missing(stage, right.verb, right.resource):
        stage.apply(story.identity_of(name))
        seen = stage.watched.until(story.identity(name), is_forbidden(right.type), "forbidden")
    message = condition(seen, right.type)["message"]
    assert message.startswith(f"the operator may not {right} in ")
    assert "ClusterRole" in message
    assert f'{USER} {right.verb} resource "{right.resource}"' in message
    assert condition(seen) | {"type": right.type} == condition(seen, right.type)
    stage.until_ready(story.identity(name))


def test_missing_rights_cost_no_certificate(stage: Stage, told: dict[str, Story]) -> None:
    """Whatever was missing in the middle of an issue, each identity had one certificate issued."""
    story = told[PRIVATE]
    names = [f"web-{at}" for at, right in enumerate(IN_CONDITIONS) if right.where == PRIVATE]
    for name in names:
        stage.watched.until(story.identity(name), is_ready, "ready")
    arn = stage.watched.latest(story.anchor)["status"]["certificateAuthority"]["arn"]
    rows = stage.account.issued(story.region, arn)[1:]
    subjects = sorted(each["subject"] for each in rows)
    assert subjects == [f"CN={name}.{story.namespace},OU=tech" for name in sorted(names)]


@pytest.mark.parametrize("right", IN_THE_LOG)
def test_missing_right_is_named_in_the_log(
    stage: Stage, told: dict[str, Story], right: str
) -> None:
    """Where no condition can be written, the log says it; then the identity becomes ready."""
    story, name = told[OWN], f"logged-{list(IN_THE_LOG).index(right)}"
    says = IN_THE_LOG[right].replace("STORY", story.namespace).replace("NAME", name)
    with missing(stage, *right.split()):
        stage.apply(story.identity_of(name))
        stage.until_logged(says)
    stage.until_ready(story.identity(name))
    assert stage.is_running


def test_controller_starts_without_rights(stage: Stage, told: dict[str, Story]) -> None:
    """It says what it lacks, waits for it, and begins once it has it."""
    story = told[OWN]
    stage.rest()
    with ExitStack() as stack:
        for verb, resource in AT_THE_START:
            stack.enter_context(missing(stage, verb, resource))
        stage.run()
        for verb, resource in AT_THE_START:
            stage.until_logged(f'{USER} {verb} resource "{resource}" in API group')
    stage.apply(story.identity_of("late"))
    stage.until_ready(story.identity("late"))


@contextmanager
def missing(stage: Stage, verb: str, resource: str) -> Iterator[None]:
    """Take one right from the controller's ClusterRole for a while."""
    rules = stage.server.read(ROLE)["rules"]
    assert any(verb in rule["verbs"] and resource in rule["resources"] for rule in rules)
    stage.server.change(ROLE, {"rules": list(without(rules, verb, resource))})
    try:
        yield
    finally:
        stage.server.change(ROLE, {"rules": rules})


def without(rules: list[Manifest], verb: str, resource: str) -> Iterator[Manifest]:
    for rule in rules:
        for each in rule["resources"]:
            verbs = [held for held in rule["verbs"] if (held, each) != (verb, resource)]
            if verbs:
                yield {**rule, "resources": [each], "verbs": verbs}


def is_forbidden(type_: ConditionType) -> Callable[[Manifest], bool]:
    return lambda seen: reason_of(seen, type_) == Reason.FORBIDDEN
