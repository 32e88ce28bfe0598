"""The control surface over HTTP, under ``/_emulator/``: for tests that run in another process.

Off unless asked for. It answers this machine only, and no web page: a request with an Origin or
for a host that is not loopback is refused. ``GET /_emulator/`` lists what there is.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

import msgspec

from rolesanywhere.domain.addresses import is_loopback
from rolesanywhere.emulator.control.controlled import Controlled, UnusableSnapshot
from rolesanywhere.emulator.control.faults import FaultRule
from rolesanywhere.emulator.http.message import Request, Response
from rolesanywhere.emulator.http.server import Application
from rolesanywhere.emulator.http.wire import JSON
from rolesanywhere.emulator.roles_anywhere.quotas import Quota

PREFIX: Final = "/_emulator/"
_MOST_ENTRIES: Final = 1000
Body = Mapping[str, Any]


class _Mistake(Exception):  # noqa: N818 - a caller's
    """The request makes no sense; the message says why."""


class ControlSurface:
    """In front of an application: takes what is under the prefix, hands on the rest."""

    def __init__(self, account: Controlled, behind: Application) -> None:
        self._account = account
        self._behind = behind
        self._actions: dict[tuple[str, str], tuple[str, Callable[[Body], object]]] = {
            ("GET", "journal"): ("the last calls and counts of all", self._journal),
            ("DELETE", "journal"): ("forget them", self._forget_journal),
            ("GET", "faults"): ("the fault rules by id", self._faults),
            ("POST", "faults"): (
                "add one: {fault, service, operation, probability, times, seconds}",
                self._add_fault,
            ),
            ("DELETE", "faults"): ("take all away, or {id}", self._remove_faults),
            ("GET", "clock"): ("the emulator's time", self._clock),
            ("POST", "clock"): ("move it: {advanceSeconds}", self._move_clock),
            ("DELETE", "clock"): ("back to the machine's time", self._reset_clock),
            ("GET", "quotas"): ("the quotas that hold", self._quotas),
            ("POST", "quotas"): ("switch: {enforce: […], relax: […]}", self._switch_quotas),
            ("POST", "reset"): ("forget everything but the administrator's key", self._reset),
            ("GET", "state"): ("everything, secrets included", self._state),
            ("PUT", "state"): ("put that in place of everything", self._load),
        }

    def __call__(self, request: Request) -> Response:
        """Answer a request."""
        if not request.path.startswith(PREFIX):
            return self._behind(request)
        if not _is_from_here(request):
            return _answer(403, {"message": "the control surface answers this machine only"})
        name = request.path.removeprefix(PREFIX)
        if not name and request.method == "GET":
            return _answer(200, self._index())
        if (request.method, name) not in self._actions:
            return _answer(404, {"message": f"GET {PREFIX} lists what there is"})
        try:
            return _answer(200, self._actions[request.method, name][1](_body(request)))
        except (_Mistake, UnusableSnapshot, msgspec.ValidationError) as error:
            return _answer(400, {"message": str(error)})

    def _index(self) -> Body:
        return {f"{m} {PREFIX}{name}": text for (m, name), (text, _) in self._actions.items()}

    def _journal(self, _body: Body) -> object:
        journal = self._account.journal
        entries = journal.entries[-_MOST_ENTRIES:]
        return {
            "counts": journal.counts,
            "countsByResource": journal.counts_by_resource,
            "entries": [asdict(entry) for entry in entries],
        }

    def _forget_journal(self, _body: Body) -> object:
        self._account.journal.reset()
        return {}

    def _faults(self, _body: Body) -> object:
        rules = self._account.faults.rules
        return {"rules": {str(key): asdict(rule) for key, rule in rules.items()}}

    def _add_fault(self, body: Body) -> object:
        return {"id": self._account.faults.add(msgspec.convert(body, FaultRule))}

    def _remove_faults(self, body: Body) -> object:
        if "id" in body:
            self._account.faults.remove(_whole(body, "id"))
        else:
            self._account.faults.reset()
        return {}

    def _clock(self, _body: Body) -> object:
        clock = self._account.clock
        return {"now": clock.now(), "offsetSeconds": clock.offset.total_seconds()}

    def _move_clock(self, body: Body) -> object:
        self._account.clock.advance(timedelta(seconds=_whole(body, "advanceSeconds")))
        return self._clock(body)

    def _reset_clock(self, body: Body) -> object:
        self._account.clock.reset()
        return self._clock(body)

    def _quotas(self, _body: Body) -> object:
        return {"enforced": sorted(self._account.quotas.enforced)}

    def _switch_quotas(self, body: Body) -> object:
        for name, on in (("enforce", True), ("relax", False)):
            quotas = msgspec.convert(body.get(name, []), list[Quota])
            self._account.quotas.enforce(*quotas, on=on)
        return self._quotas(body)

    def _reset(self, _body: Body) -> object:
        self._account.reset()
        return {}

    def _state(self, _body: Body) -> object:
        return self._account.snapshot()

    def _load(self, body: Body) -> object:
        self._account.load(body)
        return {}


def _is_from_here(request: Request) -> bool:
    """Tell whether a program of this machine asks, and not a web page that a browser shows."""
    host = (request.header("host") or "").rpartition(":")[0].strip("[]")
    named = host == "localhost" or is_loopback(host)
    return named and is_loopback(request.source_ip) and request.header("origin") is None


def _body(request: Request) -> Body:
    try:
        read = json.loads(request.body) if request.body else {}
    except (ValueError, RecursionError) as error:
        message = "the body is no JSON"
        raise _Mistake(message) from error
    if not isinstance(read, dict):
        message = "the body is no JSON object"
        raise _Mistake(message)
    return read


def _whole(body: Body, name: str) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**10:
        message = f"{name} is to be a whole number"
        raise _Mistake(message)
    return value


def _answer(status: int, body: object) -> Response:
    text = json.dumps(body, default=str).encode()
    return Response(status, text, (("Content-Type", JSON),))
