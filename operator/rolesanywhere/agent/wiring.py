"""The server process put together: what is served, refreshed and delivered, as the options say.

Everything imported here stays in memory for the life of a pod, in every pod: no cryptography, no
ssl, no asyncio, no logging, no msgspec. ``tests/flow/test_agent_process.py`` watches that.
"""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from rolesanywhere.agent import launch
from rolesanywhere.agent.admin import Admin
from rolesanywhere.agent.announcement import announce
from rolesanywhere.agent.chance import draw
from rolesanywhere.agent.child import Child
from rolesanywhere.agent.counter import Counter
from rolesanywhere.agent.gate import Gate
from rolesanywhere.agent.identity import Identity
from rolesanywhere.agent.instance_metadata import InstanceMetadata
from rolesanywhere.agent.journal import Journal
from rolesanywhere.agent.metrics import families_of, render
from rolesanywhere.agent.once import Once
from rolesanywhere.agent.opening import Opening
from rolesanywhere.agent.options import Options
from rolesanywhere.agent.outlets import Outlet
from rolesanywhere.agent.places import Places
from rolesanywhere.agent.poller import READ, Poller
from rolesanywhere.agent.process_files import ProcessFiles
from rolesanywhere.agent.publisher import Publisher
from rolesanywhere.agent.ready_file import ReadyFile
from rolesanywhere.agent.refresher import Clocks, Refresher
from rolesanywhere.agent.server import Server, Worker
from rolesanywhere.agent.session_tokens import SECRET_BYTES, SessionTokens, secret_of
from rolesanywhere.agent.shared_file import SharedFile
from rolesanywhere.agent.start import open_address, require_folder
from rolesanywhere.agent.token_file import TokenKeeper, load_or_make

_ADMIN_PLACES: Final = 64
_IMDS: Final = "--imds-listen (for `serve`: --port)"
_CLOCK_ID: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_clock: Final = partial(time.clock_gettime, _CLOCK_ID)  # goes on while the machine sleeps


class Agent:
    """The parts of one run, put together in the order they need each other."""

    def __init__(self, options: Options, roots: str) -> None:
        """Open every address and file. Raises ``OSError`` or ``ValueError``."""
        self.journal = Journal(sys.stderr, time.time)
        self._options = options
        self._roots = roots
        self._poller = Poller()
        ready_file = ReadyFile(options.ready_file)
        self._refreshers = self._make_refreshers()
        self._publisher = Publisher(
            self._refreshers,
            _outlets(options),
            ready_file,
            journal=self.journal,
            clock=_clock,
            now=time.time,
        )
        self._keepers: list[TokenKeeper] = []
        self.gates = self._open_gates()
        self._once = Once(
            tuple(self._refreshers.values()),
            delivery=self._publisher,
            stop=self.stop,
            clock=_clock,
            seconds=options.once_seconds,
        )
        self._server = Server(
            tuple(self.gates.values()), self._workers(), poller=self._poller, clock=_clock
        )

    def run(self) -> int:
        """Serve until told to stop; gives the exit status."""
        _wake_on_signals(self._poller)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # inherited "ignored", children are lost
        is_kept = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # by `nohup`
        hang_up = () if is_kept else (signal.SIGHUP,)  # of the terminal
        for number in (signal.SIGTERM, signal.SIGINT, *hang_up):
            signal.signal(number, self._on_signal)
        if "admin" in self.gates:
            self.gates["admin"].open()  # a kubelet asks from the start
        gc.collect()
        gc.freeze()  # what is here now stays: no need to look through it again and again
        self._server.run()
        if self._options.once and self._once.status == 0:
            announce(self._options, self.gates)  # what is there now
        self.journal.info("stopped")
        return self._once.status if self._options.once else 0

    def stop(self) -> None:
        """Ask ``run`` to end."""
        self._server.stop()

    def _on_signal(self, number: int, _frame: object) -> None:
        self._once.interrupt(number)
        self.stop()

    def _make_refreshers(self) -> dict[str, Refresher]:
        places = Places()
        return {
            identity.name: Refresher(
                identity,
                spawn=self._spawn,
                journal=self.journal,
                clocks=Clocks(monotonic=_clock, wall=time.time, chance=draw),
                places=places,
                poll_seconds=self._options.poll_seconds,
            )
            for identity in self._options.identities
        }

    def _workers(self) -> tuple[Worker, ...]:
        refreshers = tuple(self._refreshers.values())
        if self._options.once:
            return (*refreshers, self._publisher, self._once)
        opening = Opening(
            [gate for name, gate in self.gates.items() if name != "admin"],
            refreshers,
            announce=lambda: announce(self._options, self.gates),
            clock=_clock,
        )
        return (*refreshers, self._publisher, opening, *self._keepers)

    def _spawn(
        self, identity: Identity, *, deadline: float, ended: Callable[[bytes, int], None]
    ) -> Child:
        return Child(
            launch.command(launch.EXCHANGE, self._roots, []),
            task=launch.write_task(identity.task(), os.environ),
            environment=launch.exchange_environment(os.environ),
            poller=self._poller,
            deadline=deadline,
            ended=ended,
        )

    def _open_gates(self) -> dict[str, Gate]:
        options = self._options
        open_gate = partial(Gate, poller=self._poller, clock=_clock)
        gates = {}
        secret = os.urandom(SECRET_BYTES)  # of session tokens, if nothing is kept over restarts
        if options.endpoint is not None:
            counter = self._open_counter()
            # Of the start: one changed later must not void what SDKs hold, and whoever knew it
            # could have had a session token for the asking.
            secret = secret_of(counter.token)
            listener = open_address("--listen", options.endpoint)
            gates["credentials"] = open_gate("credentials", listener, counter)
        if options.imds is not None:
            metadata = InstanceMetadata(
                holders=self._refreshers,
                tokens=SessionTokens(secret, clock=_clock, now=time.time),
                clock=_clock,
                now=time.time,
            )
            listener = open_address(_IMDS, options.imds, hop_limit=options.hop_limit)
            gates["imds"] = open_gate("imds", listener, metadata)
        if options.admin is not None:
            admin = Admin(lacking=self._publisher.lacking, metrics=self._metrics)
            listener = open_address("--admin-listen", options.admin)
            gates["admin"] = open_gate("admin", listener, admin, places=_ADMIN_PLACES)
        return gates

    def _open_counter(self) -> Counter:
        path, mode = self._options.token_file, self._options.token_mode
        token = load_or_make(path, mode=mode)
        counter = Counter(token=token, holders=self._refreshers, clock=_clock, now=time.time)
        keeper = TokenKeeper(
            path,
            counter,
            mode=mode,
            journal=self.journal,
            clock=_clock,
            poll_seconds=self._options.poll_seconds,
        )
        self._keepers.append(keeper)
        return counter

    def _metrics(self) -> bytes:
        refreshers, gates = tuple(self._refreshers.values()), tuple(self.gates.values())
        numbers = families_of(refreshers, gates, clock=_clock(), now=time.time())
        return render((*numbers, *self._publisher.families()))


def _outlets(options: Options) -> list[Outlet]:
    names = tuple(identity.name for identity in options.identities)
    outlets: list[Outlet] = []
    if options.process_dir is not None:
        outlets.append(ProcessFiles(options.process_dir, names, mode=options.file_mode))
    if options.credentials_file is not None:
        if options.once:  # the next run finds it no more than this one
            require_folder(options.credentials_file, "credentials", "--credentials-file")
        all_profiles = {"default": names[0], **{name: name for name in names}}
        profiles = all_profiles if options.profile is None else {options.profile: names[0]}
        outlets.append(SharedFile(options.credentials_file, profiles, mode=options.file_mode))
    return outlets


def _wake_on_signals(poller: Poller) -> None:
    """Let a signal end the poller's wait: its number arrives as a byte on a pipe."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

    def drain() -> None:
        os.read(reader, 64)

    poller.register(reader, READ, drain)
