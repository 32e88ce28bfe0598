"""The Condition element: several keys are ANDed, several values ORed, what fails is said.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from rolesanywhere.domain import policy_operators
from rolesanywhere.domain.policy_operators import Operator
from rolesanywhere.domain.policy_patterns import Context, expand

_EVERY: Final = "forallvalues:"
_SOME: Final = "foranyvalue:"
_IF_EXISTS: Final = "ifexists"
_NULL: Final = "null"


@dataclass(frozen=True, slots=True)
class Miss:
    """Why a statement does not apply. ``malformed``: IAM would not have taken the policy."""

    text: str
    malformed: bool = False


@dataclass(frozen=True, slots=True)
class _Test:
    """An operator with its prefix and suffix taken apart."""

    operator: Operator
    quantifier: str  # "", or one of the two prefixes
    if_exists: bool


def misses(block: object, context: Context, variables: Context | None) -> Iterator[Miss]:
    """Give what of a Condition element does not hold. ``variables``: see ``expand``."""
    if not isinstance(block, Mapping):
        yield Miss("its Condition is no object", malformed=True)
        return
    for name, keys in block.items():
        if not isinstance(keys, Mapping):
            yield Miss(f"its Condition {name} is no object", malformed=True)
            continue
        for key, given in keys.items():
            if miss := _miss(str(name), str(key), given, context, variables):
                yield miss


def _miss(
    name: str, key: str, given: object, context: Context, variables: Context | None
) -> Miss | None:
    """Test one key. Case does not matter in it, nor in the tag's name after the slash.

    "Condition key names are not case-sensitive", and of ``aws:PrincipalTag/tag-key`` and its
    like: "Key names are not case-sensitive" (``reference_policies_elements_condition.html``).
    """
    wanted = values(given)
    if wanted is None:
        return Miss(f"{name} {key} holds no text, number or truth value", malformed=True)
    actual = context.get(key.lower(), ())
    if name.lower() == _NULL:
        return None if _null_holds(wanted, actual) else _told(name, key, wanted, actual)
    test = _test(name)
    if test is None:
        return Miss(f"{name} is no condition operator", malformed=True)
    read = _read(test.operator, wanted, variables)
    if unreadable := [value for value, (_, is_malformed) in read.items() if is_malformed]:
        return Miss(f"{name} {key} cannot compare with {_quoted(unreadable)}", malformed=True)
    if not _holds(test, actual, [value for value, _ in read.values()]):
        return _told(name, key, wanted, actual)
    return None


def _holds(test: _Test, actual: tuple[str, ...], wanted: list[Any]) -> bool:
    """Tell whether the values meet.

    With a quantifier an empty text is no value. Wanted None is a variable nobody knows: it makes
    nothing true, a negated operator neither.
    """
    present = tuple(filter(None, actual)) if test.quantifier else actual
    if not present:
        return _holds_for_nothing(test)
    if test.operator.negated and None in wanted:
        return False
    met = (_meets(test.operator, each, wanted) for each in present)
    if test.quantifier == _SOME or not (test.quantifier or test.operator.negated):
        return any(met)
    return all(met)


def _holds_for_nothing(test: _Test) -> bool:
    """Judge an absent key: true with IfExists, for "not" and for all of none."""
    if test.if_exists or test.quantifier == _EVERY:
        return True
    return test.operator.negated and not test.quantifier


def _meets(operator: Operator, actual: str, wanted: list[Any]) -> bool:
    found = any(each is not None and operator.meets(actual, each) for each in wanted)
    return found is not operator.negated


def _null_holds(wanted: tuple[str, ...], actual: tuple[str, ...]) -> bool:
    """``Null`` true: the key is not there; false: it is there and not empty."""
    absent = not any(actual)
    return any(value.lower() == ("true" if absent else "false") for value in wanted)


def _read(
    operator: Operator, wanted: tuple[str, ...], variables: Context | None
) -> dict[str, tuple[Any, bool]]:
    """Give each value as its operator reads it, and whether it cannot."""
    found: dict[str, tuple[Any, bool]] = {}
    for text in wanted:
        pieces = expand(text, variables if operator.takes_variables else None)
        value = None if pieces is None else operator.read(pieces)
        found[text] = (value, pieces is not None and value is None)
    return found


@lru_cache(maxsize=1024)
def _test(name: str) -> _Test | None:
    rest = name.lower()
    quantifier = next((each for each in (_EVERY, _SOME) if rest.startswith(each)), "")
    rest = rest.removeprefix(quantifier)
    found = policy_operators.find(rest.removesuffix(_IF_EXISTS))
    return _Test(found, quantifier, rest.endswith(_IF_EXISTS)) if found else None


def values(given: object) -> tuple[str, ...] | None:
    """Give the values of an element as texts: one or a list; None when it holds anything else."""
    listed = given if isinstance(given, list | tuple) else [given]
    texts = tuple(text for text in map(_text, listed) if text is not None)
    return texts if texts and len(texts) == len(listed) else None


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def _told(name: str, key: str, wanted: tuple[str, ...], actual: tuple[str, ...]) -> Miss:
    found = f"says {_quoted(actual)}" if actual else "has no such key"
    return Miss(f"{name} {key}: the policy says {_quoted(wanted)}, the request {found}")


def _quoted(texts: tuple[str, ...] | list[str]) -> str:
    return " or ".join(f'"{text}"' for text in texts)
