"""One kind's keeper: looks at its objects when they change and when they are due.

Use cases run in threads; everything else on the event loop.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, Final

import kopf

from rolesanywhere.api.conditions import ConditionType
from rolesanywhere.controller.agenda import Agenda
from rolesanywhere.controller.attempt import UseCase, attempt, internal_error, with_ready
from rolesanywhere.controller.faces import Faces
from rolesanywhere.controller.written import Written
from rolesanywhere.domain.backoff import delay_seconds
from rolesanywhere.domain.conditions import Announcement
from rolesanywhere.domain.merge_patch import merge_patch
from rolesanywhere.domain.trouble import Trouble
from rolesanywhere.kube.events import EventsClient, EventType
from rolesanywhere.kube.statuses import StatusesClient
from rolesanywhere.reconcile.outcome import Outcome, finding_of
from rolesanywhere.reconcile.resource import Body
from rolesanywhere.reconcile.world import World

# Of a timer for its object to be due; then it comes again. A thousand timers that came every 30
# seconds took 3 % of a core for nothing.
LONGEST_WAIT_SECONDS: Final = 600.0
LONGEST_DELETION_DELAY_SECONDS: Final = 10.0  # people wait at `kubectl delete`
STOPPING_SECONDS: Final = 1.0
logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What all keepers share."""

    world: World
    events: EventsClient
    statuses: StatusesClient
    agenda: Agenda
    faces: Faces
    executor: Executor
    chance: Callable[[], float]


class Keeper:
    """Reconciles and takes down the objects of one kind."""

    def __init__(
        self, desk: Desk, reconcile: UseCase, delete: Callable[[Body, World], None]
    ) -> None:
        self._desk = desk
        self._reconcile = reconcile
        self._delete = delete
        self._written = Written()

    async def look(self, body: kopf.Body) -> None:
        """Reconcile an object now. What is still to be done is on the agenda, never raised."""
        uid = body["metadata"]["uid"]
        async with self._desk.agenda.turn(uid):
            if self._desk.agenda.is_retired(uid):
                return
            outcome = await self._in_thread(self._reconcile_and_tell, self._written.seen(body))
            self._desk.agenda.note(uid, outcome)

    async def look_when_due(self, body: kopf.Body) -> None:
        """Wait a while for an object to be due, and reconcile it if it is."""
        uid = body["metadata"]["uid"]
        if await self._desk.agenda.until_due(uid, longest=LONGEST_WAIT_SECONDS):
            await self.look(body)

    async def take_down(self, body: kopf.Body, retry: int) -> None:
        """Undo what was done for an object; raises until it is. No look comes after it."""
        uid = body["metadata"]["uid"]
        self._desk.agenda.retire(uid)
        async with self._desk.agenda.turn(uid):
            trouble = await self._in_thread(self._delete_or_tell, self._written.seen(body))
        if trouble is None:
            self._written.forget(uid)
            self._desk.agenda.forget(uid)
            self._desk.faces.forget(uid)
            return
        delay = delay_seconds(
            retry,
            chance=self._desk.chance(),
            longest=LONGEST_DELETION_DELAY_SECONDS,
            asked=trouble.retry_after,
        )
        raise kopf.TemporaryError(trouble.message, delay=delay)

    def _reconcile_and_tell(self, body: Body) -> Outcome:
        return self._deliver(attempt(self._reconcile, body, self._desk.world), body)

    def _delete_or_tell(self, body: Body) -> Trouble | None:
        try:
            self._delete(body, self._desk.world)
        except Trouble as raised:
            trouble = raised
        except Exception as error:
            logger.exception("taking down %s failed", body["metadata"]["name"])
            trouble = internal_error(error)
        else:
            return None
        finding = finding_of(ConditionType.READY, trouble)
        self._deliver(with_ready(body, finding, self._desk.world, seconds=0.0, failed=True), body)
        return trouble

    def _deliver(self, outcome: Outcome, body: Body) -> Outcome:
        """Write what changed of the status, then tell what is news.

        A status that cannot be written is no news yet: the pass counts as failed.
        """
        patch = merge_patch(dict(body.get("status") or {}), outcome.status)
        try:
            version = self._desk.statuses.patch(body, patch) if patch else None
        except Trouble as trouble:
            logger.warning("the status of %s: %s", body["metadata"]["name"], trouble.message)
            return replace(outcome, news=(), failed=True)
        if version is not None:
            self._written.note(body["metadata"]["uid"], version, outcome.status)
        for each in outcome.news:
            self._tell(body, each)
        return outcome

    def _tell(self, body: Body, news: Announcement) -> None:
        metadata = body["metadata"]
        path = "/".join(part for part in (metadata.get("namespace"), metadata["name"]) if part)
        level = logging.WARNING if news.warning else logging.INFO
        logger.log(level, "%s %s: %s: %s", body["kind"], path, news.reason, news.message)
        self._desk.events.publish(
            body,
            event_type=EventType.WARNING if news.warning else EventType.NORMAL,
            reason=news.reason,
            message=news.message,
        )

    async def _in_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - whatever the function gives
        if self._desk.agenda.is_closed:
            message = "the controller is stopping"
            raise kopf.TemporaryError(message, delay=STOPPING_SECONDS)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._desk.executor, function, *arguments)
