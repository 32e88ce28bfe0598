"""``rolesanywhere credential-process``: the Go helper's command, with a cache.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
From the cache while the session is young; then AWS is asked, by one run at a time; while it does
not answer, the last good session is printed until its end. Exit statuses are the agent's.
"""

from __future__ import annotations

import os
import sys
import time

from rolesanywhere.cli.helper_flags import HelpWanted, UsageError, read, usage
from rolesanywhere.cli.session_cache import CachedSession, SessionCache, default_folder

TYPE_CHECKING = False
if TYPE_CHECKING:  # at run time these would take a tenth of a cached run to import
    from collections.abc import Mapping, Sequence

_TEXTS = {"cache-dir": "PATH   where sessions are kept (default ~/.cache/rolesanywhere)"}
_SWITCHES = {"no-cache": "ask AWS each time"}
_ENVIRONMENT = (  # decides whom we ask
    "AWS_ENDPOINT_URL_ROLESANYWHERE",
    "AWS_ENDPOINT_URL",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)
_SECRET = ("pkcs8-password",)  # no part of the cache's name: it would be tried offline
_NOT_INPUT = ("debug", "with-proxy", "cache-dir", "no-cache")
_FILES = ("certificate", "private-key", "intermediates")
_LOCK_SECONDS = 35.0  # whoever holds it gives up before that
_LEAST_LEFT = 60.0  # seconds an SDK can do something with


def run(arguments: Sequence[str]) -> int:
    """Print credentials; gives the exit status."""
    try:
        given = read(arguments, _TEXTS, _SWITCHES)
    except HelpWanted:
        sys.stdout.write(usage("credential-process", _TEXTS, _SWITCHES))
        return 0
    except UsageError as error:
        sys.stderr.write(f"rolesanywhere credential-process: {error}\n")
        return 2
    is_kept = given.get("no-cache", "false") == "false"
    folder = given.get("cache-dir") or default_folder(os.environ) if is_kept else None
    cache = SessionCache(folder, _inputs(given))
    kept = cache.read()
    if kept is not None and time.time() < kept.refresh_at:
        return _print(kept, given, "cache")
    return _renew(given, cache)


def _renew(given: Mapping[str, str], cache: SessionCache) -> int:
    """Ask AWS, unless another run just did or does: then its session, or the last one, will do."""
    kept = _usable(cache)
    lock = cache.acquire(seconds=_LOCK_SECONDS if kept is None else 0.0)
    try:
        kept = _usable(cache)
        if kept is not None and (not lock.is_held or time.time() < kept.refresh_at):
            return _print(kept, given, "cache")
        return _ask(given, cache, kept)
    finally:
        lock.release()


def _ask(given: Mapping[str, str], cache: SessionCache, kept: CachedSession | None) -> int:
    from rolesanywhere.cli.fresh_session import NoSession, ask  # noqa: PLC0415 - takes a while

    try:
        fresh = ask(given)
    except NoSession as error:
        if kept is None:
            sys.stderr.write(f"rolesanywhere credential-process: {error.message}\n")
            return error.status
        sys.stderr.write(f"rolesanywhere credential-process: kept the last: {error.message}\n")
        return _print(kept, given, "cache")
    cache.write(fresh)
    return _print(fresh, given, "AWS")


def _usable(cache: SessionCache) -> CachedSession | None:
    kept = cache.read()
    return kept if kept is not None and kept.until - time.time() > _LEAST_LEFT else None


def _print(session: CachedSession, given: Mapping[str, str], source: str) -> int:
    if given.get("debug") == "true":
        left = session.until - time.time()
        words = f"from {source}, {left:.0f} seconds left"
        sys.stderr.write(f"rolesanywhere credential-process: {words}\n")
    sys.stdout.write(session.answer.decode())
    return 0


def _inputs(given: Mapping[str, str]) -> list[str]:
    """Give what makes a session another one: flags, the files' identities, whom we ask."""
    ignored = (*_SECRET, *_NOT_INPUT)
    words = [f"{name}={given[name]}" for name in sorted(given) if name not in ignored]
    words += [f"{name}={os.environ.get(name, '')}" for name in _ENVIRONMENT]
    for name in _FILES:
        path = given.get(name)
        if path is not None:
            words.append(f"{os.path.abspath(path)} {_look(path)}")  # noqa: PTH100 - pathlib takes time to import
    return words


def _look(path: str) -> str:
    try:
        status = os.stat(path)  # noqa: PTH116 - as above
    except OSError:
        return ""
    return f"{status.st_dev} {status.st_ino} {status.st_mtime_ns} {status.st_size}"
