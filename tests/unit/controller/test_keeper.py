"""A keeper: looks at objects one at a time, writes what changed, tells what is news."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Barrier, BrokenBarrierError
from typing import TYPE_CHECKING, Any, cast

import kopf
import pytest
from tests.unit.reconcile.cluster import Cluster

from rolesanywhere.api.conditions import Reason
from rolesanywhere.controller.agenda import Agenda
from rolesanywhere.controller.faces import Faces
from rolesanywhere.controller.keeper import Desk, Keeper
from rolesanywhere.domain.conditions import Announcement
from rolesanywhere.domain.trouble import Refusal, Trouble
from rolesanywhere.kube.events import EventType
from rolesanywhere.reconcile.outcome import Outcome
from rolesanywhere.reconcile.resource import Body
from rolesanywhere.reconcile.world import World

if TYPE_CHECKING:
    from rolesanywhere.kube.events import EventsClient
    from rolesanywhere.kube.statuses import StatusesClient

STATUS = {"arn": "a", "conditions": [{"type": "Ready", "status": "True"}]}
NEWS = (
    Announcement(warning=False, reason=Reason.READY, message="Ready: all is well"),
    Announcement(warning=True, reason=Reason.THROTTLED, message="Synced: slow down"),
)


@dataclass
class FakeEvents:
    """Events as they were published."""

    published: list[tuple[str, EventType, str, str]] = field(default_factory=list)

    def publish(
        self, body: Mapping[str, Any], *, event_type: EventType, reason: str, message: str
    ) -> None:
        """Keep one."""
        self.published.append((body["metadata"]["name"], event_type, reason, message))


@dataclass
class FakeStatuses:
    """Patches as they were sent; ``trouble`` is in the way of each."""

    sent: list[Mapping[str, Any]] = field(default_factory=list)
    trouble: Trouble | None = None
    is_gone: bool = False

    def patch(self, body: Mapping[str, Any], patch: Mapping[str, Any]) -> str | None:
        """Keep one; the first makes version 8."""
        assert body["metadata"]["uid"]
        if self.trouble is not None:
            raise self.trouble
        self.sent.append(patch)
        return None if self.is_gone else str(7 + len(self.sent))


@dataclass
class Office:
    """A keeper with its desk, whose use cases do as they are told."""

    outcome: Outcome = Outcome(STATUS, NEWS, 60.0)  # noqa: RUF009 - frozen
    error: Exception | None = None
    looks: int = 0
    seen: list[Mapping[str, Any]] = field(default_factory=list)  # statuses
    is_meeting_point: bool = False  # who looks at the same time meets
    meetings: int = 0
    door: Barrier = field(default_factory=lambda: Barrier(2))
    now: float = 0.0
    events: FakeEvents = field(default_factory=FakeEvents)
    statuses: FakeStatuses = field(default_factory=FakeStatuses)
    faces: Faces = field(default_factory=Faces)
    executor: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4))

    def __post_init__(self) -> None:
        """Furnish it."""
        self.agenda = Agenda(clock=lambda: self.now, chance=lambda: 0.0)
        desk = Desk(
            world=Cluster().world,
            events=cast("EventsClient", self.events),
            statuses=cast("StatusesClient", self.statuses),
            agenda=self.agenda,
            faces=self.faces,
            executor=self.executor,
            chance=lambda: 0.0,
        )
        self.keeper = Keeper(desk, self._reconcile, self._delete)

    def _reconcile(self, body: Body, _world: World) -> Outcome:
        self.looks += 1
        self.seen.append(dict(body["status"]))
        if self.is_meeting_point:
            self._meet()
        if self.error is not None:
            raise self.error
        return self.outcome

    def _meet(self) -> None:
        with suppress(BrokenBarrierError):
            self.door.wait(timeout=0.1)
            self.meetings += 1

    def _delete(self, body: Body, _world: World) -> None:
        self.looks += 1
        self.seen.append(dict(body["status"]))
        if self.error is not None:
            raise self.error

    def is_due(self, after: float = 0.0) -> bool:
        """Tell whether the object is due then."""
        self.now += after
        return asyncio.run(self.agenda.until_due("u", longest=0.0))


@pytest.fixture
def office() -> Iterator[Office]:
    opened = Office()
    yield opened
    opened.executor.shutdown()


def body(status: Mapping[str, Any] | None = None, *, uid: str = "u", version: int = 7) -> kopf.Body:
    metadata = {
        "name": "report",
        "namespace": "shop",
        "uid": uid,
        "generation": 1,
        "resourceVersion": str(version),
    }
    raw = {"kind": "WorkloadIdentity", "metadata": metadata, "status": status or {}}
    return kopf.Body(cast("kopf.RawBody", raw))


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(work(), 5)

    asyncio.run(bounded())


def test_a_look_writes_tells_and_notes(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """The status, each piece of news as event and line, and when to look again."""
    with caplog.at_level(logging.INFO):
        run(lambda: office.keeper.look(body()))
    assert office.statuses.sent == [STATUS]
    assert office.events.published == [
        ("report", EventType.NORMAL, "Ready", "Ready: all is well"),
        ("report", EventType.WARNING, "Throttled", "Synced: slow down"),
    ]
    assert [(each.levelname, each.getMessage()) for each in caplog.records] == [
        ("INFO", "WorkloadIdentity shop/report: Ready: Ready: all is well"),
        ("WARNING", "WorkloadIdentity shop/report: Throttled: Synced: slow down"),
    ]
    assert not office.is_due(after=59)
    assert office.is_due(after=1)


@pytest.mark.parametrize(
    ("held", "sent"),
    [
        (STATUS, []),
        ({**STATUS, "arn": "b"}, [{"arn": "a"}]),
        ({**STATUS, "session": {"a": 1}}, [{"session": None}]),
    ],
    ids=["nothing", "a change", "a removal"],
)
def test_only_what_changed_is_written(
    office: Office, held: Mapping[str, Any], sent: list[Mapping[str, Any]]
) -> None:
    """A look at what is well writes nothing: each write would be a watch's event."""
    run(lambda: office.keeper.look(body(held)))
    assert office.statuses.sent == sent


def test_a_status_that_cannot_be_written_is_no_news(office: Office) -> None:
    """It is tried again, soon and then less soon; the news waits until it can be seen."""
    office.statuses.trouble = Trouble(Reason.API_SERVER_UNAVAILABLE, "no answer")
    run(lambda: office.keeper.look(body()))
    assert office.events.published == []
    office.statuses.trouble = None
    assert office.is_due(after=60)
    run(lambda: office.keeper.look(body()))
    assert len(office.events.published) == 2


@pytest.mark.parametrize(
    ("version", "shown"),
    [(7, STATUS), (8, {"arn": "b"}), (9, {"arn": "b"})],
    ids=["before it", "with it", "after it"],
)
def test_a_pass_sees_what_the_last_one_wrote(
    office: Office, version: int, shown: Mapping[str, Any]
) -> None:
    """The watch may be behind; what it shows later counts again, whoever wrote it."""
    run(lambda: office.keeper.look(body()))
    run(lambda: office.keeper.look(body({"arn": "b"}, version=version)))
    assert office.seen[1:] == [shown]
    run(lambda: office.keeper.take_down(body({"arn": "c"}, version=99), 0))
    assert office.seen[2:] == [{"arn": "c"}]


def test_a_deletion_sees_what_the_last_pass_wrote(office: Office) -> None:
    """A role that only the status names must not be left behind."""
    run(lambda: office.keeper.look(body()))
    run(lambda: office.keeper.take_down(body(), 0))
    assert office.seen == [{}, STATUS]


def test_a_status_nobody_has_any_more_is_not_remembered(office: Office) -> None:
    """The object was gone when it was written."""
    office.statuses.is_gone = True
    run(lambda: office.keeper.look(body()))
    run(lambda: office.keeper.look(body()))
    assert office.seen == [{}, {}]


def test_a_look_never_raises(office: Office) -> None:
    """An error of ours becomes a condition, and the object is looked at again."""
    office.error = KeyError("x")
    run(lambda: office.keeper.look(body()))
    (patch,) = office.statuses.sent
    assert patch["conditions"][0]["reason"] == "InternalError"
    assert office.is_due(after=1)


@pytest.mark.parametrize(("uids", "meetings"), [(("u", "u"), 0), (("u", "v"), 2)])
def test_two_looks_at_an_object_take_turns(
    office: Office, uids: tuple[str, str], meetings: int
) -> None:
    """A change and a timer may come together; looks at other objects go on meanwhile."""
    office.is_meeting_point = True

    async def both() -> None:
        await asyncio.gather(*(office.keeper.look(body(uid=uid)) for uid in uids))

    run(both)
    assert (office.looks, office.meetings) == (2, meetings)


@pytest.mark.parametrize("is_due", [True, False])
def test_a_timer_looks_at_what_is_due(office: Office, *, is_due: bool) -> None:
    """And lets go of what is not, before long."""
    office.agenda.note("u", Outcome({}, (), 0.0))
    if not is_due:
        office.agenda.retire("u")
    run(lambda: office.keeper.look_when_due(body()))
    assert office.looks == is_due


def test_an_object_that_is_being_deleted_is_not_looked_at(office: Office) -> None:
    """A late timer must not make again what was just taken down."""
    office.agenda.retire("u")
    run(lambda: office.keeper.look(body()))
    assert office.looks == 0


def test_a_controller_that_stops_begins_nothing(office: Office) -> None:
    """Kopf comes again later: in the next process."""
    office.agenda.close()
    with pytest.raises(kopf.TemporaryError, match="the controller is stopping"):
        run(lambda: office.keeper.take_down(body(), 0))
    assert office.looks == 0


def test_what_is_taken_down_is_forgotten(office: Office) -> None:
    """No memory of an object outlives it."""
    office.faces.is_new("u", 1)
    office.agenda.note("u", Outcome({}, (), 0.0))
    run(lambda: office.keeper.take_down(body(), 0))
    assert office.looks == 1
    assert office.statuses.sent == []
    assert office.faces.last("u") is None
    assert not office.is_due()


@pytest.mark.parametrize(
    ("error", "reason", "status"),
    [
        (Trouble(Reason.STILL_REFERENCED, "in use"), "StillReferenced", "False"),
        (Trouble(Reason.THROTTLED, "slow down"), "Throttled", "Unknown"),
        (Refusal(Reason.AWS_REFUSED, "no"), "AWSRefused", "False"),
        (KeyError("x"), "InternalError", "False"),
    ],
)
def test_what_cannot_be_taken_down_says_why(
    office: Office, error: Exception, reason: str, status: str
) -> None:
    """In Ready and in what kopf is told; and no timer looks at it meanwhile."""
    office.error = error
    told = getattr(error, "message", "the operator met an error of its own")
    with pytest.raises(kopf.TemporaryError, match=told):
        run(lambda: office.keeper.take_down(body(), 0))
    (patch,) = office.statuses.sent
    (ready,) = patch["conditions"]
    assert (ready["reason"], ready["status"]) == (reason, status)
    assert not office.is_due(after=1e6)


@pytest.mark.parametrize(
    ("retry", "asked", "seconds"),
    [(0, None, 1.0), (2, None, 4.0), (30, None, 10.0), (0, 7.0, 7.0)],
)
def test_a_deletion_comes_again(
    office: Office, retry: int, asked: float | None, seconds: float
) -> None:
    """Less and less soon, but people wait for it."""
    office.error = Trouble(Reason.STILL_REFERENCED, "in use", retry_after=asked)
    with pytest.raises(kopf.TemporaryError) as raised:
        run(lambda: office.keeper.take_down(body(), retry))
    assert raised.value.delay == seconds
