"""RFC 7386 merge patches: what to send so that a status becomes another."""

from collections.abc import Mapping
from typing import Any


def merge_patch(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Give the smallest merge patch from ``current`` to ``wanted``; empty when they are equal.

    In a merge patch None takes a key away, so a key with None is one that is not there.
    """
    patch: dict[str, Any] = {
        key: None for key, held in current.items() if held is not None and wanted.get(key) is None
    }
    for key, value in wanted.items():
        if value is None:
            continue
        held = current.get(key)
        if isinstance(held, Mapping) and isinstance(value, Mapping):
            if inner := merge_patch(held, value):
                patch[key] = inner
        elif held != value:
            patch[key] = value
    return patch
