"""One profile of a shared credentials file is changed, and no other byte."""

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolesanywhere.agent.shared_credentials import EXPIRES, KEYS, merge, value_of

VALUES = dict(zip(KEYS, ("ID", "SECRET", "TOKEN", "2026-11-24T13:00:00Z"), strict=True))
OURS = (
    b"aws_access_key_id = ID\naws_secret_access_key = SECRET\n"
    b"aws_session_token = TOKEN\nx_security_token_expires = 2026-11-24T13:00:00Z\n"
)
REPLACED = (*KEYS, "aws_security_token")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"[p]\n" + OURS),
        (b"[p]", b"[p]\n" + OURS),
        (b"[p]\n", b"[p]\n" + OURS),
        (b"[p]\naws_access_key_id = old\nregion = x\n", b"[p]\n" + OURS + b"region = x\n"),
        (b"[p]\naws_access_key_id=old\nregion = x", b"[p]\n" + OURS + b"region = x"),
        (b"[p]\nAWS_ACCESS_KEY_ID = old\n\n[q]\na = b\n", b"[p]\n" + OURS + b"\n[q]\na = b\n"),
        (b"[q]\naws_access_key_id = kept", b"[q]\naws_access_key_id = kept\n\n[p]\n" + OURS),
        (b"[q]\na = b\n", b"[q]\na = b\n\n[p]\n" + OURS),
        (b"# c\r\n[p]\r\na = b\r\n[q]\r\n", b"# c\r\n[p]\r\n" + OURS + b"a = b\r\n[q]\r\n"),
        (b"[ p ]\na = b\n", b"[ p ]\na = b\n\n[p]\n" + OURS),
        (b"  [p] # c\na: b\n", b"  [p] # c\n" + OURS + b"a: b\n"),
        (b"[p]\naws_access_key_id: old\n", b"[p]\n" + OURS),
        (b"[p]\na=b\naws_session_token = c\n  d\n\n e\nf=g\n", b"[p]\n" + OURS + b"a=b\n\nf=g\n"),
        (b"[p]\naws_security_token = stale\na = b\n", b"[p]\n" + OURS + b"a = b\n"),
        (b"[p]\nAWS_Security_Token: stale\n  more\n", b"[p]\n" + OURS),
        (b"[q]\na = b\n  [p]\n", b"[q]\na = b\n  [p]\n\n[p]\n" + OURS),
        (b"[q]\na = b\r", b"[q]\na = b\r\n[p]\n" + OURS),
        (b"[pp]\n[p]\n[p]\n", b"[pp]\n[p]\n" + OURS + b"[p]\n"),
        (b"\xff\xfe\n[p]\n# \xe9\n", b"\xff\xfe\n[p]\n" + OURS + b"# \xe9\n"),
    ],
)
def test_a_profile_is_set(before: bytes, after: bytes) -> None:
    """Its other keys, other profiles, comments, line ends and odd bytes stay."""
    assert merge(before, "p", VALUES) == after
    assert merge(after, "p", VALUES) == after, "a second time changes nothing"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b""),
        (b"[q]\naws_access_key_id = kept", b"[q]\naws_access_key_id = kept"),
        (b"[p]\n" + OURS + b"region = x\n[q]\n", b"[p]\nregion = x\n[q]\n"),
        (b"[p]\n" + OURS + b"aws_security_token = stale\n", b"[p]\n"),
    ],
)
def test_a_profile_is_emptied(before: bytes, after: bytes) -> None:
    """Only the keys that are ours go, and the older name of one of them."""
    assert merge(before, "p", None) == after


def test_a_value_is_read_back() -> None:
    """From the right profile, whatever stands around it."""
    content = merge(merge(b"", "q", {**VALUES, EXPIRES: "never"}), "p", VALUES)
    assert value_of(content, "p", EXPIRES) == "2026-11-24T13:00:00Z"
    assert value_of(content, "q", EXPIRES) == "never"
    assert value_of(content, "r", EXPIRES) is None


def test_ours_are_indented_as_the_key_behind_them() -> None:
    """Else it would be the rest of our last one."""
    merged = merge(b"[p]\n# c\n\n  region = x\n aws_session_token = y\n", "p", VALUES)
    indented = b"".join(b"  " + line for line in OURS.splitlines(keepends=True))
    assert merged == b"[p]\n" + indented + b"# c\n\n  region = x\n"


LINES = st.lists(
    st.sampled_from(
        [
            *(b"[q]", b"[p]", b"  [p]", b"[ p ]", b"[p] # c", b"a = b", b"  a = b", b"c: d"),
            *(b"# x", b" ; x", b"", b" y", b"\t", b"e=", b"\xe9 = f", b"aws_session_token", b"[]"),
            *(b"aws_session_token=1", b" AWS_Session_Token : 2", b"\taws_access_key_id = 3"),
            b"aws_security_token = 4",
        ]
    ),
    max_size=9,
)


Profiles = dict[str, dict[str, str]]


def parsed(content: bytes) -> Profiles | None:
    """Read a file as botocore does; None where it does not."""
    parser = configparser.RawConfigParser(default_section="")
    try:
        parser.read_string(content.decode("latin-1"))
    except configparser.Error:
        return None
    return {name: dict(parser[name]) for name in parser.sections()}


@given(LINES)
def test_setting_and_emptying_gives_back_what_was_there(lines: list[bytes]) -> None:
    """What others wrote survives any number of refreshes, byte for byte."""
    before = merge(b"".join(line + b"\n" for line in lines), "p", None)
    if parsed(before) is None:
        return
    emptied = merge(merge(before, "p", VALUES), "p", None)
    assert emptied == before or emptied == before + (b"\n" if before else b"") + b"[p]\n"


@given(LINES, st.sampled_from([b"", b"\n"]))
def test_botocore_reads_it_as_before_and_ours_in_it(lines: list[bytes], end: bytes) -> None:
    """A file it would refuse is of use to nobody: all of its profiles would be gone."""
    before = b"\n".join(lines) + end
    was = parsed(before)
    if was is None:
        return
    others = {key: value for key, value in was.get("p", {}).items() if key not in REPLACED}
    assert parsed(merge(before, "p", VALUES)) == {**was, "p": {**others, **VALUES}}
    if "p" in was:
        assert parsed(merge(before, "p", None)) == {**was, "p": others}
