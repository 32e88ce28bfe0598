"""How the demo speaks: to people in any width and terminal, and to scripts."""

import io
import json
import unicodedata

import pytest
from hack.demo.errors import ExpectationError
from hack.demo.json_lines import JsonLines
from hack.demo.telling import Telling, expect
from hack.demo.transcript import Transcript
from tests.flow.demo_listener import Listener

ROLE_NAME = "role/rolesanywhere/shop-report-reader-3f949209"
ROLE = f"arn:aws:iam::123456789012:{ROLE_NAME}"
REFUSAL = f"AWS refused CreateSession for {ROLE}: AccessDeniedException: Unable to assume role"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


class AsciiStream(io.StringIO):
    """A stream that takes ASCII alone."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Say so."""
        return "ascii"


def tell_everything(telling: Telling) -> None:
    telling.begin(4, "A role, and who may have it", "write a trust policy. " * 9)
    telling.note("The operator goes on. " * 9)
    telling.command("kubectl apply -f docs/examples/walkthrough/1-trust-anchor.yaml", REFUSAL * 3)
    telling.source("json", "its trust policy", json.dumps({"aws:SourceArn": ROLE * 2}, indent=2))
    telling.settings(
        "its environment", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://" + "x" * 99}
    )
    telling.look("iam GetRole")
    telling.fact("SessionRefused", REFUSAL)
    telling.fact("role", ROLE)
    with telling.waiting("TrustAnchor onprem") as words:
        words("CAReady is Unknown: Creating\n" * 9)
    telling.held(2.34)
    telling.failed("expected one thing, but it is another. " * 9, 1.0)
    telling.close("Every step held.")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_plain_transcript_fits(width: int) -> None:
    """Outside of a terminal no line is wider than asked, and none has a control character."""
    stream = io.StringIO()
    tell_everything(Transcript(stream, width=width))
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line != line.rstrip()]
    assert all(unicodedata.category(sign) != "Cc" for line in lines for sign in line)


def test_plain_transcript_is_100_columns_wide() -> None:
    """Outside of a terminal there is no width to ask for: it is 100 columns."""
    stream = io.StringIO()
    Transcript(stream).note("word " * 99)
    assert 95 <= max(map(len, stream.getvalue().splitlines())) <= 100


def test_terminal_has_colours() -> None:
    """In a terminal a fact's tick is coloured."""
    stream = Terminal()
    Transcript(stream, width=80).fact("status", "ACTIVE")
    assert "\x1b[" in stream.getvalue()


def test_fact_for_people() -> None:
    """A fact is one line: a tick, what it is about, what was found; an ARN is its last part."""
    stream = io.StringIO()
    Transcript(stream).fact("role", ROLE)
    assert stream.getvalue() == f"   ✓ role             {ROLE_NAME}\n"


def test_arn_within_a_sentence_is_marked() -> None:
    """Within a sentence a shortened ARN shows that it is one."""
    stream = io.StringIO()
    Transcript(stream).fact("Ready", f"role {ROLE} admits it")
    assert (
        "role arn:…:role/rolesanywhere/shop-report-reader-3f949209 admits it" in stream.getvalue()
    )


def test_ascii_alone() -> None:
    """Where the terminal knows no other signs, ticks are words."""
    stream = AsciiStream()
    transcript = Transcript(stream)
    transcript.fact("status", "ACTIVE")
    transcript.failed("expected so", 1.0)
    assert stream.getvalue().splitlines() == ["   ok status           ACTIVE", "   !! expected so"]


def test_json_line_of_a_step_that_holds() -> None:
    """A step is one JSON line with its facts, each with where it was looked up, ARNs whole."""
    stream = io.StringIO()
    lines = JsonLines(stream)
    lines.begin(2, "A trust anchor", "by hand")
    lines.look("iam GetRole")
    lines.fact("role", ROLE)
    lines.held(1.26)
    assert json.loads(stream.getvalue()) == {
        "step": 2,
        "title": "A trust anchor",
        "held": True,
        "seconds": 1.3,
        "facts": [{"what": "role", "found": ROLE, "where": "iam GetRole"}],
        "error": None,
    }


def test_json_line_of_a_step_that_fails() -> None:
    """A failing step's line says why, and has nothing of the step before."""
    stream = io.StringIO()
    lines = JsonLines(stream)
    lines.begin(1, "First", "")
    lines.fact("sky", "blue")
    lines.held(1)
    lines.begin(2, "Second", "")
    lines.failed("expected so", 0.04)
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first["held"]
    assert second == {
        "step": 2,
        "title": "Second",
        "held": False,
        "seconds": 0.0,
        "facts": [],
        "error": "expected so",
    }


@pytest.mark.parametrize(
    ("found", "shown"),
    [("ACTIVE", "ACTIVE"), (True, "yes"), ({"b", "a"}, "a, b"), ([], "none"), (3600, "3600")],
)
def test_fact_as_expected_is_told(found: object, shown: str) -> None:
    """What is found as expected is told in words."""
    listener = Listener()
    expect(listener, "it", found, found)
    assert listener.facts == {"it": shown}


def test_fact_not_as_expected_is_not_told() -> None:
    """What is not as expected is no fact: the step ends with both, the expected and the found."""
    listener = Listener()
    with pytest.raises(ExpectationError) as caught:
        expect(listener, "roles", ["a"], [])
    assert str(caught.value) == "expected roles to be none, but it is a"
    assert not listener.facts
