"""Numbers and booleans as Go's parser of flags reads them.

https://pkg.go.dev/strconv#ParseInt (base 0) and https://pkg.go.dev/strconv#ParseBool
"""

from __future__ import annotations

_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")
_OCTAL = tuple("01234567_")


def boolean(text: str) -> bool | None:
    """Read a yes or a no; None for what is neither."""
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def integer(text: str) -> int | None:
    """Read a whole number: signs, underscores, ``0x`` and its like, ``0`` for octal.

    None for what is none.
    """
    digits = text[text[:1] in ("+", "-") :]
    ends = digits[:1] + digits[-1:]
    if not text.isascii() or not ends.isalnum():  # Python would take other digits, and blanks
        return None
    is_octal = digits[0] == "0" and digits[1:2] in _OCTAL
    try:
        value = int(f"0o{digits[1:]}" if is_octal else digits, 0)
    except ValueError:
        return None
    return -value if text[0] == "-" else value
