"""The Go helper's flags, read as it reads them."""

import pytest

from rolesanywhere.cli.helper_flags import HelpWanted, UsageError, read, usage

NEEDED = ["--certificate", "c", "--trust-anchor-arn", "t", "--profile-arn=p", "--role-arn", "r"]
ARNS = {"trust-anchor-arn": "t", "profile-arn": "p", "role-arn": "r"}


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ([], {}),
        (["--private-key=/k=1"], {"private-key": "/k=1"}),
        (["--debug", "--with-proxy"], {"debug": "true", "with-proxy": "true"}),
        (["--debug=false"], {"debug": "false"}),
        (["--own", "x", "--switch"], {"own": "x", "switch": "true"}),
        (["--session-duration", "43200"], {"session-duration": "43200"}),
        (["--with-proxy", "true", "--debug", "false"], {"with-proxy": "true", "debug": "true"}),
        (["foo", "--region", "x", "", "-"], {"region": "x"}),
        (["--region", "--", "--own=x"], {"region": "--", "own": "x"}),
        (["--", "--regoin", "--region", "x", "--help"], {}),
    ],
)
def test_flags_are_read(words: list[str], given: dict[str, str]) -> None:
    """With a blank or an equals sign; a switch stands alone. Stray words have no effect."""
    expected = {"certificate": "c", **ARNS, **given}
    assert read([*NEEDED, *words], {"own": ""}, {"switch": ""}) == expected


@pytest.mark.parametrize(
    "words",
    [
        ["--endpoint", ""],
        ["--intermediates="],
        ["--private-key", ""],
        ["--region", "x", "--region="],
        ["--own="],
        ["--cert-selector", ""],
        ["--pkcs11-lib="],
        ["--no-verify-ssl=false"],
        ["--reuse-pin=F"],
    ],
)
def test_nothing_is_not_given(words: list[str]) -> None:
    """An empty text, and a no to what cannot be had here: scripts fill in empty variables."""
    assert read([*NEEDED, *words], {"own": ""}, {}) == {"certificate": "c", **ARNS}


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        (("1", "t", "T", "TRUE", "true", "True"), "true"),
        (("0", "f", "F", "FALSE", "false", "False"), "false"),
    ],
)
def test_a_switch_is_read_as_go_reads_it(words: tuple[str, ...], meaning: str) -> None:
    """In a dozen spellings."""
    for word in words:
        assert read([*NEEDED, f"--debug={word}"], {}, {})["debug"] == meaning


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        *(("+3600", "3600"), ("-5", "-5"), ("3_600", "3600"), ("0", "0"), ("-0", "0")),
        *(("0x384", "900"), ("0X_384", "900"), ("0o1604", "900"), ("0b11", "3")),
        *(("03600", "1920"), ("0_3600", "1920"), ("-010", "-8"), ("00", "0")),
        *((word, word) for word in ("", "+", "+-5", "08", "0384", "0x", "0_", "_1", "1__0")),
        *((word, word) for word in (" 5", "5 ", "+ 5", "1h", "1e3", "5.0", "\u0663")),
    ],
)
def test_a_number_is_read_as_go_reads_it(word: str, meaning: str) -> None:
    """And given in plain decimal; what is none for Go stays as it is, to be refused by name."""
    assert read([*NEEDED, f"--port={word}"], {"port": ""}, {})["port"] == meaning


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (NEEDED[2:], "missing: --certificate"),
        ([], "missing: --certificate, --trust-anchor-arn, --profile-arn, --role-arn"),
        ([*NEEDED, "--region"], "--region lacks its value"),
        ([*NEEDED, "--regoin", "x"], "there is no flag --regoin"),
        ([*NEEDED, "-r"], "there is no flag -r"),
        (["--", *NEEDED], "missing: --certificate, --trust-anchor-arn"),
        ([*NEEDED, "--no-verify-ssl"], "--no-verify-ssl is not supported: TLS is always verified"),
        ([*NEEDED, "--no-verify-ssl=1"], "--no-verify-ssl is not supported"),
        ([*NEEDED, "--debug=yes"], "--debug=yes is neither true nor false"),
        ([*NEEDED, "--debug="], "--debug= is neither true nor false"),
        ([*NEEDED, "--reuse-pin=no"], "--reuse-pin=no is neither true nor false"),
        ([*NEEDED, "--session-duration="], "'' is not a number from 900 to 43200"),
        ([*NEEDED, "--cert-selector", "false"], "--cert-selector is not supported"),
        ([*NEEDED, "--pkcs11-lib"], "--pkcs11-lib lacks its value"),
        ([*NEEDED, "--role-arn", ""], "missing: --role-arn"),
        ([*NEEDED, "--cert-selector", "x"], "--cert-selector is not supported: keys in hardware"),
        ([*NEEDED, "--private-key", "pkcs11:token=a"], "'pkcs11:token=a': keys in hardware"),
        ([*NEEDED, "--private-key", "handle:0x81"], "'handle:0x81': keys in hardware"),
        ([*NEEDED, "--role-session-name", "caf\udce9"], "'caf\\udce9' holds more than letters"),
        ([*NEEDED, "--session-duration", "899"], "'899' is not a number from 900 to 43200"),
        ([*NEEDED, "--session-duration", "1h"], "'1h' is not a number from 900 to 43200"),
        ([*NEEDED, "--session-duration", "01600"], "'01600' is not a number from 900 to 43200"),
        ([*NEEDED, "--session-duration=-3600"], "'-3600' is not a number from 900 to 43200"),
    ],
)
def test_a_wrong_command_line_is_explained(words: list[str], message: str) -> None:
    """What is wrong, and for what cannot be had here, what to do instead."""
    with pytest.raises(UsageError) as caught:
        read(words, {}, {})
    assert message in str(caught.value)


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_beats_everything_behind_it(word: str) -> None:
    """Whoever asks has not given the rest yet."""
    with pytest.raises(HelpWanted):
        read([word], {}, {})


def test_the_usage_names_every_flag() -> None:
    """Common ones and the command's own."""
    text = usage("serve", {"port": "PORT"}, {"once": "end"})
    for name in ("--certificate", "--pkcs8-password", "--debug", "--port PORT", "--once"):
        assert name in text
