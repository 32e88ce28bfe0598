"""RFC 7386 patches, checked by applying them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolesanywhere.domain.merge_patch import merge_patch

KEYS = st.sampled_from("abcd")
SCALARS = st.none() | st.integers() | st.text(max_size=2)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)


def apply(target: Any, patch: Any) -> Any:  # noqa: ANN401 - JSON of any shape, as in the RFC
    """Apply a merge patch, line by line as RFC 7386, section 2 has it."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = apply(result.get(name), value)
    return result


def without_none(value: Any) -> Any:  # noqa: ANN401 - likewise
    """Take away the keys a merge patch cannot express."""
    if not isinstance(value, dict):
        return value
    return {key: without_none(held) for key, held in value.items() if held is not None}


@settings(max_examples=80, deadline=None)
@given(current=OBJECTS, wanted=OBJECTS)
def test_a_patch_leads_where_it_shall(current: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Applied to what is there it gives what is wanted; then there is nothing more to send."""
    patched = apply(current, merge_patch(current, wanted))
    assert without_none(patched) == without_none(wanted)
    assert merge_patch(patched, wanted) == {}


@settings(max_examples=40, deadline=None)
@given(OBJECTS)
def test_equal_objects_need_no_patch(held: dict[str, Any]) -> None:
    """Nothing is sent where nothing differs."""
    assert merge_patch(held, held) == {}


@pytest.mark.parametrize(
    ("current", "wanted", "patch"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 3}),  # only what differs
        ({"a": 1, "b": 2}, {"a": 1}, {"b": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"c": 3}}),
        ({"a": [1, 2]}, {"a": [1]}, {"a": [1]}),  # lists are replaced
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({}, {"a": None}, {}),  # None is absence
        ({"a": None}, {}, {}),
        ({"a": 1}, {"a": None}, {"a": None}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": None}}),
        ({}, {"a": {}}, {"a": {}}),
    ],
)
def test_a_patch_is_small(
    current: dict[str, Any], wanted: dict[str, Any], patch: dict[str, Any]
) -> None:
    """What stays is not sent."""
    assert merge_patch(current, wanted) == patch
