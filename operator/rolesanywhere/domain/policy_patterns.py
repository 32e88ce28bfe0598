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
_ANY: Final = "."
_WITHIN: Final = "[^:]"  # one character of an ARN's component
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_DEFAULT: Final = re.compile(r"([^,]+),\s*'([^']*)'")
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


def fits(text: str, pieces: Pieces, reach: Reach) -> bool:
    """Tell whether a text fits a pattern whole."""
    pattern = compiled(pieces, reach)
    return pattern is not None and pattern.fullmatch(text) is not None


@lru_cache(maxsize=_CACHED)
def compiled(pieces: Pieces, reach: Reach) -> re.Pattern[str] | None:
    """Compile ``*`` and ``?``; None where ``reach`` asks for an ARN and there is none."""
    if reach is Reach.ARN and literal(pieces).count(":") < _ARN_COLONS:
        return None
    return re.compile(_expression(pieces, reach), re.DOTALL)


def _expression(pieces: Pieces, reach: Reach) -> str:
    """Translate into a regular expression.

    Between two stars the first fit is as good as any other, so no step is taken back: many stars
    cost no more than few. Only where some stars cross colons and others do not, in a resource,
    that is untrue.
    """
    runs, spans = _runs(pieces, reach)
    takes_back = reach is Reach.RESOURCE and len(set(spans)) > 1
    group = "(?:" if takes_back else "(?>"
    between = zip(spans[:-1], runs[1:-1], strict=True)
    middle = "".join(f"{group}{span}*?{run})" for span, run in between)
    return runs[0] + middle + (f"{spans[-1]}*{runs[-1]}" if spans else "")


def _runs(pieces: Pieces, reach: Reach) -> tuple[list[str], list[str]]:
    """Cut at the stars: expressions of what is between them, and of what each star spans."""
    characters = [(one, is_literal) for text, is_literal in pieces for one in text]
    followers = (*(one for one, _ in characters[1:]), ":")
    runs, spans, colons = [""], list[str](), 0
    for (one, is_literal), follower in zip(characters, followers, strict=False):
        free = reach is Reach.TEXT or colons >= _ARN_COLONS
        if is_literal or one not in "*?":
            runs[-1] += re.escape(one)
            colons += one == ":"
        elif one == "?":
            runs[-1] += _ANY if free else _WITHIN
        else:
            ends_component = reach is Reach.RESOURCE and follower == ":"
            spans.append(_ANY if free or ends_component else _WITHIN)
            runs.append("")
    return runs, spans


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
    key, default = with_default.groups() if with_default else (inside, None)
    values = variables.get(key.lower(), ())
    return values[0] if len(values) == 1 else default
