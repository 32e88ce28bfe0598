"""A cluster with our controller in it, in one thread and without waiting.

Plays the API server for our kinds, and kopf: it holds bodies as JSON, gives each object its passes
when they are due, and writes down what becomes of them. Everything else is the fakes'.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from tests.fake_aws import FakeAws
from tests.fakes import FakeClock, FakeNamespaces, FakeObjects, FakeSecrets, Key, Wire
from tests.unit.reconcile.bodies import OWN_CA, REGION, Manifest, anchor, identity, profile

from rolesanywhere.api import names
from rolesanywhere.api.conditions import Reason
from rolesanywhere.controller.attempt import UseCase, attempt
from rolesanywhere.domain import moments
from rolesanywhere.domain.backoff import delay_seconds
from rolesanywhere.domain.merge_patch import merge_patch
from rolesanywhere.domain.observed import TrustAnchorRecord
from rolesanywhere.domain.trouble import Trouble
from rolesanywhere.pki.adapter import X509
from rolesanywhere.reconcile import profile as profiles
from rolesanywhere.reconcile import trust_anchor, workload_identity
from rolesanywhere.reconcile.authority_cache import AuthorityCache
from rolesanywhere.reconcile.outcome import Outcome
from rolesanywhere.reconcile.resource import Body
from rolesanywhere.reconcile.world import Settings, World

ONPREM: Final[Key] = (names.TRUST_ANCHOR, None, "onprem")
DEFAULT: Final[Key] = (names.PROFILE, None, "default")
REPORT: Final[Key] = (names.WORKLOAD_IDENTITY, "shop", "report")
OPERATORS: Final = "rolesanywhere-system"
SETTINGS: Final = Settings(cluster_id="c1", trust_domain="c.example", namespace=OPERATORS)
CALM_SECONDS: Final = 60.0  # an object that is not due for so long has come to rest
_PASSES: Final = 300
_RECONCILE: Final[Mapping[str, UseCase]] = {
    names.TRUST_ANCHOR: trust_anchor.reconcile,
    names.PROFILE: profiles.reconcile,
    names.WORKLOAD_IDENTITY: workload_identity.reconcile,
}
_DELETE: Final[Mapping[str, Callable[[Body, World], None]]] = {
    names.TRUST_ANCHOR: trust_anchor.delete,
    names.PROFILE: profiles.delete,
    names.WORKLOAD_IDENTITY: workload_identity.delete,
}


@dataclass(slots=True)
class _Entry:
    due: datetime
    wait: float = 0.0
    failures: int = 0
    face: object = None


@dataclass
class Cluster:
    """``told`` is every status, event and trouble there ever was, as text."""

    settings: Settings = SETTINGS
    wire: Wire = field(default_factory=Wire)
    clock: FakeClock = field(default_factory=FakeClock)
    objects: FakeObjects = field(default_factory=FakeObjects)
    told: list[str] = field(default_factory=list)
    events: list[tuple[Reason, str]] = field(default_factory=list)
    outcomes: list[tuple[Key, Outcome]] = field(default_factory=list)
    is_late: bool = False  # passes see each status as it was before its last change

    def __post_init__(self) -> None:
        """Begin with two namespaces and an empty account."""
        self.secrets = FakeSecrets(self.wire)
        self.namespaces = FakeNamespaces(self.wire, kept={"shop": {"team": "shop"}, "lab": {}})
        self.aws = FakeAws(self.wire, self.clock)
        self.ra = self.aws.roles_anywhere(REGION)
        self.pca = self.aws.private_ca(REGION)
        self.iam = self.aws.iam()
        self.sessions = self.aws.sessions(REGION)
        self._agenda: dict[Key, _Entry] = {}
        self._uids = 0
        self._before: dict[Key, dict[str, Any]] = {}
        self.world = self._world()

    def restart(self) -> None:
        """Start the controller anew: what was in memory is gone, and every object is looked at."""
        self.world = self._world()
        self._agenda = {key: _Entry(self.clock.now()) for key in self.objects.bodies}

    def meanwhile(self) -> None:
        """Have another replica look at every object until nothing moves, and then this one go on.

        Both see the same cluster and the same AWS; neither has the other's memory.
        """
        world, agenda = self.world, self._agenda
        self.restart()
        self.settle()
        gone = agenda.keys() - self.objects.bodies.keys()
        self.world = world
        self._agenda = {key: entry for key, entry in agenda.items() if key not in gone}

    def apply(self, manifest: Manifest) -> Key:
        """Create an object, or change its spec."""
        metadata = manifest["metadata"]
        key = (manifest["kind"], metadata.get("namespace"), metadata["name"])
        body = self.objects.bodies.get(key)
        if body is None:
            self.objects.bodies[key] = self._new(manifest)
            self._agenda[key] = _Entry(self.clock.now())
        elif body["spec"] != manifest["spec"]:
            body["spec"] = _copy(manifest["spec"])
            body["metadata"]["generation"] += 1
            self.look_soon(key)
        self._shows(key)
        return key

    def ask_to_delete(self, *keys: Key) -> None:
        """Do what ``kubectl delete`` does."""
        for key in keys:
            metadata = self.objects.bodies[key]["metadata"]
            metadata["deletionTimestamp"] = moments.show(self.clock.now())
            self.look_soon(key)
            self._shows(key)

    def settle(self) -> None:
        """Let time pass, with a pass for every object when it is due, until nothing moves."""
        for _ in range(_PASSES):
            if all(entry.wait >= CALM_SECONDS for entry in self._agenda.values()):
                return
            key = min(self._agenda, key=lambda each: self._agenda[each].due)
            self.clock.moment = max(self.clock.now(), self._agenda[key].due)
            self.look(key)
        message = f"no rest after {_PASSES} passes: {self.told[-1]}"
        raise AssertionError(message)

    def wait(self, seconds: float) -> None:
        """Let time pass, as long as that takes many passes."""
        until = self.clock.now() + timedelta(seconds=seconds)
        while due := [key for key, entry in self._agenda.items() if entry.due <= until]:
            key = min(due, key=lambda each: self._agenda[each].due)
            self.clock.moment = max(self.clock.now(), self._agenda[key].due)
            self.look(key)
        self.clock.moment = until

    def look_soon(self, *keys: Key) -> None:
        """Have objects looked at as a resync would."""
        for key in keys:
            self._agenda[key].wait, self._agenda[key].due = 0.0, self.clock.now()

    def look(self, key: Key) -> None:
        """Give one object a pass, or its deletion."""
        if "deletionTimestamp" in self.objects.bodies[key]["metadata"]:
            self._take_down(key)
        else:
            self.reconcile(key)

    def reconcile(self, key: Key) -> Outcome:
        """Give one object a pass and write down what became of it."""
        body = _copy(self.objects.bodies[key])
        if self.is_late:
            body["status"] = self._before.get(key, {})
        outcome = attempt(_RECONCILE[key[0]], body, self.world)
        self.told.append(json.dumps(outcome.status))
        self.told += [each.message for each in outcome.news]
        self.outcomes.append((key, outcome))
        self._persist(key, body["status"], outcome)
        self.events += [(each.reason, each.message) for each in outcome.news]
        entry = self._agenda[key]
        wait = outcome.next_seconds
        if outcome.failed:
            wait = delay_seconds(entry.failures, chance=0.0, asked=wait)
        entry.failures = entry.failures + 1 if outcome.failed else 0
        entry.wait, entry.due = wait, self.clock.now() + timedelta(seconds=wait)
        self._shows(key)
        return outcome

    # What there is.

    def status(self, key: Key) -> dict[str, Any]:
        """Give an object's status."""
        status: dict[str, Any] = self.objects.bodies[key]["status"]
        return status

    def conditions(self, key: Key) -> dict[str, tuple[str, str]]:
        """Give each condition's status and reason."""
        return {
            each["type"]: (each["status"], each["reason"])
            for each in self.status(key).get("conditions", ())
        }

    def ready(self, key: Key) -> tuple[str, str]:
        """Give Ready's status and reason."""
        return self.conditions(key)["Ready"]

    def message(self, key: Key, type_: str = "Ready") -> str:
        """Give a condition's message."""
        found = [each for each in self.status(key)["conditions"] if each["type"] == type_]
        return str(found[0]["message"])

    def is_gone(self, key: Key) -> bool:
        """Tell whether an object is deleted."""
        return key not in self.objects.bodies

    def secrets_told(self) -> list[str]:
        """Give what of private keys was ever said in a status, event, message or repr."""
        said = "\n".join((*self.told, *self.wire.said))
        keys = {secret.data.get(names.TLS_KEY, b"") for secret in self.secrets.history}
        # The first lines: the last one of an EC key is its public half, which certificates show.
        lines = {line for key in keys for line in key.decode().splitlines()[1:3]}
        encoded = {b64encode(key).decode()[64:128] for key in keys if key}
        assert lines
        return [each for each in lines | encoded if each in said]

    def _world(self) -> World:
        pki = X509()
        return World(
            aws=self.aws,
            pki=pki,
            secrets=self.secrets,
            namespaces=self.namespaces,
            objects=self.objects,
            clock=self.clock,
            settings=self.settings,
            authorities=AuthorityCache(self.secrets, pki, self.clock, OPERATORS),
        )

    def _new(self, manifest: Manifest) -> dict[str, Any]:
        self._uids += 1
        return {
            "apiVersion": names.API_VERSION,
            "kind": manifest["kind"],
            "metadata": {
                **manifest["metadata"],
                "uid": f"uid-{self._uids}",
                "generation": 1,
                "creationTimestamp": moments.show(self.clock.now()),
            },
            "spec": _copy(manifest["spec"]),
            "status": {},
        }

    def _persist(self, key: Key, seen: Mapping[str, Any], outcome: Outcome) -> None:
        """Write what changed of the status that was seen; our own errors are never right."""
        body = self.objects.bodies[key]
        wanted = _copy(outcome.status)
        reasons = {each["reason"] for each in wanted["conditions"]}
        assert Reason.INTERNAL_ERROR not in reasons, wanted["conditions"]
        patch = merge_patch(seen, wanted)
        if patch:
            kept = _patched(body["status"], patch)
            assert kept == wanted or seen != body["status"]
            self._before[key] = body["status"]
            self.wire.carry("cluster.write_status", lambda: body.update(status=kept))

    def _take_down(self, key: Key) -> None:
        try:
            _DELETE[key[0]](_copy(self.objects.bodies[key]), self.world)
        except Trouble as trouble:
            self.told.append(trouble.message)
            self.events.append((trouble.reason, trouble.message))
            wait = max(1.0, trouble.retry_after or 0.0)
            if key in self._agenda:
                due = self.clock.now() + timedelta(seconds=wait)
                self._agenda[key] = replace(self._agenda[key], wait=wait, due=due)
        else:
            self.objects.bodies.pop(key, None)  # a finalizer may be taken off twice
            self._agenda.pop(key, None)

    def _shows(self, key: Key) -> None:
        """Have those looked at who build on an object that became another."""
        body, entry = self.objects.bodies[key], self._agenda[key]
        status, metadata = body["status"], body["metadata"]
        face = (
            key[0] != names.WORKLOAD_IDENTITY and metadata["generation"],
            status.get("arn"),
            status.get("certificateAuthority", {}).get("serial"),
            tuple(each["arn"] for each in status.get("profiles", ())),
            status.get("roleArn"),
            "deletionTimestamp" in metadata,
        )
        if face != entry.face:
            entry.face = face
            self.look_soon(*self._concerned(key))

    def _concerned(self, key: Key) -> list[Key]:
        kind, _, name = key
        bodies = self.objects.bodies
        if kind == names.WORKLOAD_IDENTITY:
            above: Key = (names.PROFILE, None, bodies[key]["spec"]["profileRef"]["name"])
            return [above] if above in bodies else []
        reference = "trustAnchorRef" if kind == names.TRUST_ANCHOR else "profileRef"
        below = [k for k, body in bodies.items() if body["spec"].get(reference) == {"name": name}]
        return below + [each for k in below if k[0] == names.PROFILE for each in self._concerned(k)]


def settled(manifest: Manifest) -> Cluster:
    """Give a cluster in which one object came to rest."""
    cluster = Cluster()
    cluster.apply(manifest)
    cluster.settle()
    return cluster


def the_anchor(cluster: Cluster) -> TrustAnchorRecord:
    """Give the one trust anchor there is in AWS."""
    (record,) = cluster.ra.anchors.values()
    return record


def started(source: Mapping[str, Any] = OWN_CA, settings: Settings = SETTINGS) -> Cluster:
    """Give a cluster in which the whole story was told, and came to rest."""
    cluster = Cluster(settings)
    for manifest in (anchor(source), profile(), identity()):
        cluster.apply(manifest)
    cluster.settle()
    return cluster


def _copy(body: Manifest) -> Manifest:
    copy: Manifest = msgspec.json.decode(msgspec.json.encode(body))
    return copy


def _patched(held: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Apply a merge patch (RFC 7386) as the API server does."""
    result = dict(held)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = _patched(result.get(key, {}), value)
        else:
            result[key] = value
    return result
