"""Headers as ``Request`` has them."""

from collections.abc import Iterable

Headers = dict[bytes, tuple[bytes, ...]]


def grouped(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Give each name's values, in order."""
    values: Headers = {}
    for name, value in headers:
        values[name] = (*values.get(name, ()), value)
    return values
