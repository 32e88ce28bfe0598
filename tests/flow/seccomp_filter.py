"""Run a program under the filter that ``seccompProfile: RuntimeDefault`` means.

``python seccomp_filter.py PROGRAM ARGUMENT…``: the rules in ``tests/testdata`` are containerd's
for a container without capabilities; here they become a filter of the kernel (seccomp(2)).
"""

import ctypes
import json
import os
import platform
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from system_calls import NotSupportedSystemCall, syscalls

PROFILE: Final = Path(__file__).parents[1] / "testdata" / "seccomp-runtime-default.json"
_AUDIT_ARCH: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _MODE_FILTER = 22, 38, 2
_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16  # bytes into struct seccomp_data
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM: Final = 1

Rule = Mapping[str, Any]


def compile_profile(profile: Mapping[str, Any]) -> bytes:
    """Write a profile (OCI runtime-spec, config-linux.md#seccomp) as a program for the kernel."""
    instructions = [
        _instruction(_LOAD, _ARCHITECTURE_AT),
        _instruction(_EQUAL, _AUDIT_ARCH[platform.machine()], if_true=1),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER_AT),
    ]
    for rule in profile["syscalls"]:
        for number in _numbers(rule["names"]):
            instructions += _check(number, rule)
    return b"".join([*instructions, _instruction(_RETURN, _ERRNO | _EPERM)])


def confine(program: bytes) -> None:
    """Put this process, and what it becomes, under the filter. Raises ``OSError``."""
    libc = ctypes.CDLL(None, use_errno=True)
    instructions = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
    for words in ((_PR_SET_NO_NEW_PRIVS, 1, 0), (_PR_SET_SECCOMP, _MODE_FILTER, head)):
        if libc.prctl(*words, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def _instruction(code: int, value: int, *, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _numbers(names: list[str]) -> Iterator[int]:
    for name in names:
        try:
            yield syscalls()[name]
        except NotSupportedSystemCall:  # another architecture's
            continue


def _check(number: int, rule: Rule) -> list[bytes]:
    """Write: if it is this call, and its argument is as asked, then the rule's action."""
    allows = rule["action"] == "SCMP_ACT_ALLOW"
    action = _instruction(_RETURN, _ALLOW if allows else _ERRNO | rule["errnoRet"])
    (argument,) = rule.get("args") or (None,)
    if argument is None:
        return [_instruction(_EQUAL, number, if_false=1), action]
    test = [
        _instruction(_LOAD, _ARGUMENTS_AT + 8 * argument["index"]),  # the low half: all are int
        *_compare(argument["op"], argument["value"], argument.get("valueTwo", 0)),
        action,
        _instruction(_LOAD, _NUMBER_AT),
    ]
    return [_instruction(_EQUAL, number, if_false=len(test)), *test]


def _compare(operator: str, value: int, other: int) -> list[bytes]:
    """Write a test that skips the next instruction when it fails."""
    if operator == "SCMP_CMP_LT":
        return [_instruction(_AT_LEAST, value, if_true=1)]
    if operator == "SCMP_CMP_MASKED_EQ":
        return [_instruction(_AND, value), _instruction(_EQUAL, other, if_false=1)]
    return [_instruction(_EQUAL, value, if_false=1)]


if __name__ == "__main__":
    confine(compile_profile(json.loads(PROFILE.read_text())))
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - the program the caller names
