"""Words for exceptions that nobody expected."""

from pathlib import Path

import pytest

from rolesanywhere.agent.files import read_each, read_folder
from rolesanywhere.agent.unexpected import describe


def test_the_innermost_line_of_ours_is_named() -> None:
    """Whoever reads the log finds the place without a traceback."""
    with pytest.raises(ValueError, match="null") as caught:
        read_folder("\0")
    first, *_, last = (each for each in caught.traceback if Path(each.path).name == "files.py")
    assert last.lineno > first.lineno
    words = f"unexpected ValueError: in agent/files.py, line {last.lineno + 1}; please report this"
    assert describe(caught.value) == words


def test_what_a_library_raised_for_us_is_our_line() -> None:
    """Lines of libraries say little to whoever looks for the mistake."""
    with pytest.raises(TypeError) as caught:
        read_each({"certificate": 1.5, "privateKey": None, "intermediates": None})
    assert "pathlib" in str(caught.traceback[-1].path)
    assert describe(caught.value).startswith("unexpected TypeError: in agent/files.py, line ")


@pytest.mark.parametrize("error", [ValueError("s3cr3t"), KeyError("s3cr3t"), SystemExit("s3cr3t")])
def test_its_own_words_are_not_repeated(error: BaseException) -> None:
    """They may quote a key."""
    assert describe(error) == f"unexpected {type(error).__name__}: in a library; please report this"
