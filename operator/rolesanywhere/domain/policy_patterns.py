"""Texts of a policy as patterns: policy variables put in, wildcards compiled.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Final

Context = Mapping[str, tuple[str, ...]]
"""Context keys in lower case, each with its values; a key without values is not there."""

Pieces = tuple[tuple[str, bool], ...]
"""A text in pieces; True marks one to be taken literally: a ``*`` in it is no wildcard."""

_CACHED: Final = 4096  # texts: the policies of a test account, many times over
_ARN_COLONS: Final = 5  # between the six components of an ARN
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_DEFAULT: Final = re.compile(r"\s*([^,]*?)\s*,\s*'([^']*)'\s*")
_SPECIAL: Final = frozenset("*?$")  # ${*}, ${?} and ${$} stand for themselves


class Reach(Enum):
    """How far a ``*`` reaches."""

    TEXT = "any characters"
    ARN = "within one of an ARN's six components, each compared alone"
    RESOURCE = "within a component, beyond its colon where it ends the component"


def expand(text: str, variables: Context | None) -> Pieces | None:
    """Put values in place of variables; None when one has neither a value nor a default.

    ``variables`` None: the policy's version (2008-10-17) knows none, ``${`` means itself.
    """
    if variables is None or "${" not in text:
        return ((text, False),)
    pieces: list[tuple[str, bool]] = []
    for part, is_variable in _parts(text):
        value = _resolve(part, variables) if is_variable else part
        if value is None:
            return None
        pieces.append((value, is_variable))
    return tuple(pieces)


def literal(pieces: Pieces) -> str:
    """Give the text without a thought of wildcards."""
    return "".join(text for text, _ in pieces)


@lru_cache(maxsize=_CACHED)
def compiled(pieces: Pieces, reach: Reach) -> re.Pattern[str] | None:
    """Compile ``*`` and ``?``; None where ``reach`` asks for an ARN and there is none."""
    colons = literal(pieces).count(":")
    if reach is Reach.ARN and colons < _ARN_COLONS:
        return None
    if reach is Reach.RESOURCE and colons < _ARN_COLONS:
        pieces = _completed(pieces)
    return re.compile(_expression(pieces, reach), re.DOTALL)


def _completed(pieces: Pieces) -> Pieces:
    """Fill an incomplete ARN up: ``arn:aws:sqs`` speaks of everything below it."""
    text, is_literal = pieces[-1]
    return pieces if text.endswith("*") and not is_literal else (*pieces, (":*", False))


def _expression(pieces: Pieces, reach: Reach) -> str:
    """Translate into a regular expression.

    Between two stars the first fit is as good as any other, so no step is ever taken back: a
    pattern with many stars costs no more than one with few. Where some stars cross colons and
    others do not (``Reach.RESOURCE``) that is untrue, and steps are taken back.
    """
    characters = [(one, is_literal) for text, is_literal in pieces for one in text]
    runs, spans, colons = [""], list[str](), 0
    for index, (one, is_literal) in enumerate(characters):
        ends_component = index + 1 == len(characters) or characters[index + 1][0] == ":"
        crosses = (
            reach is Reach.TEXT
            or colons >= _ARN_COLONS
            or (reach is Reach.RESOURCE and ends_component)
        )
        if is_literal or one not in "*?":
            runs[-1] += re.escape(one)
            colons += one == ":"
        elif one == "?":
            runs[-1] += "." if reach is Reach.TEXT or colons >= _ARN_COLONS else "[^:]"
        else:
            spans.append("." if crosses else "[^:]")
            runs.append("")
    group = "(?:" if reach is Reach.RESOURCE else "(?>"
    middle = (f"{group}{span}*?{run})" for span, run in zip(spans, runs[1:-1], strict=False))
    end = f"{spans[-1]}*{runs[-1]}" if spans else ""
    return f"{runs[0]}{''.join(middle)}{end}"


@lru_cache(maxsize=_CACHED)
def _parts(text: str) -> tuple[tuple[str, bool], ...]:
    """Split into texts and the insides of variables (True)."""
    split = _VARIABLE.split(text)
    return tuple((part, index % 2 == 1) for index, part in enumerate(split) if part or index % 2)


def _resolve(inside: str, variables: Context) -> str | None:
    """Give a variable's value; a key with several has none, for which would it be."""
    if inside in _SPECIAL:
        return inside
    with_default = _DEFAULT.fullmatch(inside)
    key, default = with_default.groups() if with_default else (inside.strip(), None)
    values = variables.get(key.lower(), ())
    return values[0] if len(values) == 1 else default
