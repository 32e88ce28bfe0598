"""The emulator's command line."""

import pytest

from rolesanywhere.emulator.options import Options, parse


def test_defaults() -> None:
    """Without options: port 4599 of this machine, nothing enforced, nothing kept."""
    assert parse([]) == Options(
        host="127.0.0.1",
        port=4599,
        region="us-east-1",
        account="123456789012",
        enforce_quotas=False,
        state=None,
        control=False,
        output="text",
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "0.0.0.0"], "not a loopback address"),  # noqa: S104 - to see it refused
        (["--host", "example.com"], "not a loopback address"),
        (["--port", "65536"], "not a port"),
        (["--port", "http"], "not a port"),
        (["--account", "123"], "12 digits"),
        (["--region", "moon"], "not a region"),
        (["--output", "yaml"], "invalid choice"),
        (["--prot", "1"], "unrecognized arguments"),
    ],
)
def test_wrong_options_are_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    """Exit status 2, and a message that says what is wrong."""
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1"])
def test_loopback_addresses(host: str) -> None:
    """Every loopback address will do."""
    assert parse(["--host", host]).host == host


def test_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """``--help`` shows how to use it."""
    with pytest.raises(SystemExit) as ended:
        parse(["--help"])
    assert ended.value.code == 0
    assert "aws rolesanywhere list-trust-anchors" in capsys.readouterr().out
