"""RFC 7386 merge patches: what to send so that a status becomes another."""

from collections.abc import Mapping
from typing import Any


def merge_patch(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Give the smallest merge patch from ``current`` to ``wanted``; empty when they are equal."""
    patch: dict[str, Any] = {key: None for key in current if key not in wanted}
    for key, value in wanted.items():
        held = current.get(key)
        if isinstance(held, Mapping) and isinstance(value, Mapping):
            if inner := merge_patch(held, value):
                patch[key] = inner
        elif key not in current or held != value:
            patch[key] = value
    return patch
