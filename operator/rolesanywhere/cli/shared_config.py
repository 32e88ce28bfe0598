"""What the AWS config file says of the way to AWS, as the variables that say the same.

A ``credential_process`` line stands in that file, and so does the wish for FIPS. Only what decides
whom CreateSession is sent to is read, and a variable that is set always wins.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:  # at run time a cached run of ``credential-process`` would wait for it
    from collections.abc import Iterator, Mapping

_VARIABLES = {
    "use_fips_endpoint": "AWS_USE_FIPS_ENDPOINT",
    "use_dualstack_endpoint": "AWS_USE_DUALSTACK_ENDPOINT",
    "ignore_configured_endpoint_urls": "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "ca_bundle": "AWS_CA_BUNDLE",
    "endpoint_url": "AWS_ENDPOINT_URL",
}
_TELLING = tuple(key.encode() for key in _VARIABLES)
_LARGEST = 1 << 20  # bytes
_OURS = "AWS_ENDPOINT_URL_ROLESANYWHERE"
_SERVICE = "rolesanywhere"


class BadConfig(ValueError):  # noqa: N818 - it says what the file is
    """The file is no AWS config; the message names it."""


def config_path(environment: Mapping[str, str]) -> str:
    """Give where the file is, whether it is there or not."""
    return environment.get("AWS_CONFIG_FILE") or os.path.expanduser("~/.aws/config")  # noqa: PTH111 - pathlib takes long to import


def telling_lines(environment: Mapping[str, str]) -> str:
    """Give the file's lines that may say whom to ask; none where nothing in it can.

    All of it would be too much: whatever is set for another tool would be another session.
    """
    try:
        with open(config_path(environment), "rb") as file:  # noqa: PTH123 - as above
            lines = [line.strip() for line in file.read(_LARGEST).splitlines()]
    except OSError:
        return ""
    telling = {line for line in lines if any(word in line.lower() for word in _TELLING)}
    if not telling:
        return ""
    place = (b"[", b"services", _SERVICE.encode())
    found = [line for line in lines if line in telling or line.lower().startswith(place)]
    return b"\n".join(found).decode("latin-1")


def settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the variables that the file stands for and ``environment`` does not set.

    The profile is AWS_PROFILE's, or ``default``. A file that one may not read says nothing, as the
    Go SDK has it. Raises ``BadConfig``.
    """
    name = environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or "default"
    sections = _sections(config_path(environment), name)
    profile = sections.get(("profile", name), {})
    found = {variable: profile[key] for key, variable in _VARIABLES.items() if profile.get(key, "")}
    services = sections.get(("services", profile.get("services", "")), {})
    ours = _nested(services.get(_SERVICE, "")).get("endpoint_url", "")
    if ours and "AWS_ENDPOINT_URL" not in environment:  # which comes before any word of the file
        found[_OURS] = ours
    return {variable: value for variable, value in found.items() if variable not in environment}


def _sections(path: str, profile: str) -> dict[tuple[str, str], dict[str, str]]:
    """Give the file's sections by kind and name; ``[default]`` is a profile's too.

    Where it cannot be read as a whole, only what may concern the ``profile`` has to be readable.
    """
    from configparser import Error  # noqa: PLC0415 - only when AWS is asked

    try:
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:  # noqa: PTH123 - as above
            text = file.read()
    except OSError:
        return {}
    if "\0" in text:
        message = f"{path} is no AWS config: it is not written in UTF-8"
        raise BadConfig(message)
    try:
        return _parsed(text)
    except Error:
        return _parsed_in_part(text, profile, path)


def _parsed_in_part(text: str, profile: str, path: str) -> dict[tuple[str, str], dict[str, str]]:
    from configparser import Error  # noqa: PLC0415 - as above

    try:
        return _parsed("".join(_concerning(text, profile)))
    except Error as error:
        message = f"{path} is no AWS config: {' '.join(str(error).split())}"
        raise BadConfig(message) from error


def _parsed(text: str) -> dict[tuple[str, str], dict[str, str]]:
    from configparser import RawConfigParser  # noqa: PLC0415 - as above

    parser = RawConfigParser(default_section="", strict=False, allow_no_value=True)
    parser.read_string(text)
    return {
        _kind_and_name(title): {key: value or "" for key, value in parser[title].items()}
        for title in parser.sections()
    }


def _concerning(text: str, profile: str) -> Iterator[str]:
    """Give the lines of the profile's section and of those for services.

    And those before all sections that tell whom to ask: who wants FIPS must not go without.
    """
    from configparser import RawConfigParser  # noqa: PLC0415 - as above

    concerns = False
    is_first = True
    for line in text.splitlines(keepends=True):
        if header := RawConfigParser.SECTCRE.match(line.strip()):
            kind, name = _kind_and_name(header["header"])
            is_wanted = kind == "services" or (kind, name) == ("profile", profile)
            # an indented one may as well be part of the value above it
            concerns, is_first = is_wanted or (concerns and line[0].isspace()), False
        if concerns or (is_first and any(key in line.lower() for key in _VARIABLES)):
            yield line


def _kind_and_name(title: str) -> tuple[str, str]:
    kind, _, name = title.strip().partition(" ")
    return ("profile", "default") if kind == "default" else (kind, name.strip().strip("\"'"))


def _nested(text: str) -> dict[str, str]:
    """Read the indented lines behind a key that has no value of its own."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}
