"""``rolesanywhere credential-process``: the Go helper's command, with a cache.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
From the cache while the session is young; the rest is ``renewal``'s. Exit statuses are the agent's.
"""

from __future__ import annotations

import os
import sys
import time

from rolesanywhere.cli.helper_flags import HelpWanted, UsageError, read, usage
from rolesanywhere.cli.session_cache import SessionCache, default_folder
from rolesanywhere.cli.shared_config import settings, telling_lines
from rolesanywhere.cli.streams import is_read_by_people, put, say

TYPE_CHECKING = False
if TYPE_CHECKING:  # at run time these would take a tenth of a cached run to import
    from collections.abc import Mapping, Sequence

    from rolesanywhere.cli.key_files import KeyFiles
    from rolesanywhere.cli.session_cache import CachedSession

_TEXTS = {"cache-dir": "PATH   where sessions are kept (default ~/.cache/rolesanywhere)"}
_SWITCHES = {"no-cache": "ask AWS each time"}
_ENVIRONMENT = (  # decides whom we ask
    "AWS_ENDPOINT_URL_ROLESANYWHERE",
    "AWS_ENDPOINT_URL",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",  # of the config file, which may decide it too
    "AWS_DEFAULT_PROFILE",
)
_SECRET = ("pkcs8-password",)  # no part of the cache's name: it would be tried offline
_NOT_INPUT = ("debug", "with-proxy", "cache-dir", "no-cache")
_FILES = ("certificate", "private-key", "intermediates")
_UNPRINTED = 1


def run(arguments: Sequence[str]) -> int:
    """Print credentials; gives the exit status."""
    try:
        given = read(arguments, _TEXTS, _SWITCHES)
    except HelpWanted:
        sys.stdout.write(usage("credential-process", _TEXTS, _SWITCHES))
        return 0
    except UsageError as error:
        _say(str(error))
        return 2
    is_kept = given.get("no-cache", "false") == "false"
    folder = given.get("cache-dir") or default_folder(os.environ) if is_kept else None
    cache = SessionCache(folder, _inputs(given))
    kept = cache.read()
    if kept is not None and time.time() < kept.refresh_at:
        return _print(kept, given, "cache")
    return _renew(given, cache)


def _renew(given: Mapping[str, str], cache: SessionCache) -> int:
    import warnings  # noqa: PLC0415 - a cached run needs none of these

    from rolesanywhere.cli.deadline import leave  # noqa: PLC0415 - as above
    from rolesanywhere.cli.no_session import INTERRUPTED, NoSession  # noqa: PLC0415 - as above
    from rolesanywhere.cli.renewal import Renewal  # noqa: PLC0415 - as above

    # what a library has to say of an odd certificate would be read as part of the answer
    warnings.simplefilter("ignore")
    if cache.obstacle is not None:
        advice = "give another --cache-dir, or --no-cache"
        words = f"no session is kept, and each run asks AWS: {cache.obstacle}; {advice}"
        _note(words, given)
    try:
        outcome = Renewal(cache, _Aws(given)).outcome()
    except NoSession as error:
        _say(str(error))
        return leave(error.status)
    except KeyboardInterrupt:
        return leave(INTERRUPTED)
    if outcome.trouble is not None:
        _note(f"printing the last session, until its end: {outcome.trouble}", given)
    return leave(_print(outcome.session, given, outcome.source))


class _Aws:
    """Whom a renewal asks, with what the flags name."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._files: KeyFiles | None = None

    def prepare(self) -> None:
        """Read the files. May wait for a person, who types no password if the flags are wrong."""
        from rolesanywhere.cli.key_files import read_files  # noqa: PLC0415 - as above

        self._region()
        self._files = read_files(self._given, prompts=True)

    def ask(self, at_hand: CachedSession | None) -> CachedSession:
        """Give a new session; unprepared it waits for no person."""
        from rolesanywhere.cli.fresh_session import ask  # noqa: PLC0415 - takes a while
        from rolesanywhere.cli.key_files import read_files  # noqa: PLC0415 - as above

        region = self._region()
        files = self._files or read_files(self._given, prompts=False)
        return ask(self._given, region, files, at_hand)

    def _region(self) -> str:
        """Give the region to ask in. What the AWS config file says is in the environment then."""
        from rolesanywhere.cli.no_session import USAGE, NoSession  # noqa: PLC0415 - as above
        from rolesanywhere.domain.session_region import session_region  # noqa: PLC0415 - as above

        arns = self._given["trust-anchor-arn"], self._given["profile-arn"]
        try:
            os.environ.update(settings(os.environ))
            return session_region(*arns, named=self._given.get("region"))
        except ValueError as error:
            raise NoSession(USAGE, str(error)) from error


def _note(words: str, given: Mapping[str, str]) -> None:
    """Say something beside an answer, to people: the C++ SDK takes both for the answer."""
    if given.get("debug") == "true" or is_read_by_people():
        _say(words)


def _say(words: str) -> None:
    say(f"rolesanywhere credential-process: {words}")


def _print(session: CachedSession, given: Mapping[str, str], source: str) -> int:
    if given.get("debug") == "true":
        _say(f"from {source}, {session.until - time.time():.0f} seconds left")
    obstacle = put(session.answer.decode())
    if obstacle is None:
        return 0
    _say(obstacle)
    return _UNPRINTED


def _inputs(given: Mapping[str, str]) -> list[str]:
    """Give what makes a session another one: flags, the files' identities, whom we ask."""
    ignored = (*_SECRET, *_NOT_INPUT)
    words = [f"{name}={given[name]}" for name in sorted(given) if name not in ignored]
    words += [f"{name}={os.environ.get(name, '')}" for name in _ENVIRONMENT]
    words.append(telling_lines(os.environ))
    paths = [given[name] for name in _FILES if name in given]
    words += [f"{os.path.abspath(path)} {_look(path)}" for path in paths]  # noqa: PTH100 - pathlib takes time to import
    return words


def _look(path: str) -> str:
    try:
        status = os.stat(path)  # noqa: PTH116 - as above
    except OSError:
        return ""
    return f"{status.st_dev} {status.st_ino} {status.st_mtime_ns} {status.st_size}"
