"""The agent's command line."""

import pytest

from rolesanywhere.agent.options import DEFAULT_FOLDER, Identity, Options, parse


def test_defaults_are_what_the_injected_pod_needs() -> None:
    """Without options: the mounted Secret, loopback, a free port."""
    options = parse([])
    assert options.identities == (Identity("identity", DEFAULT_FOLDER),)
    assert (options.host, options.port) == ("127.0.0.1", 0)


def test_every_option_arrives() -> None:
    """Each option ends in its own field."""
    words = "--identity-dir a=/x --identity-dir /y/b/ --listen [::1]:9911 --token-file t"
    more = "--token-mode 0640 --ready-file r --output json"
    assert parse([*words.split(), *more.split()]) == Options(
        identities=(Identity("a", "/x"), Identity("b", "/y/b/")),
        host="::1",
        port=9911,
        token_file="t",
        token_mode=0o640,
        ready_file="r",
        output="json",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--listen", "0.0.0.0:9911"], "'0.0.0.0' is not loopback"),
        (["--listen", "[::]:9911"], "'::' is not loopback"),
        (["--listen", ":9911"], "'' is not loopback"),
        (["--listen", "10.0.0.7:9911"], "'10.0.0.7' is not loopback"),
        (["--listen", "127.0.0.1"], "'127.0.0.1' is not an address"),
        (["--listen", "127.0.0.1:70000"], "'127.0.0.1:70000' is not an address"),
        (["--identity-dir", "a=/x", "--identity-dir", "/y/a"], "two identities have the same name"),
        (["--identity-dir", "a/b=/x"], "is not [NAME=]FOLDER"),
        (["--identity-dir", "a="], "is not [NAME=]FOLDER"),
        (["--token-mode", "rw"], "'rw' is not an octal mode"),
        (["--token-mode", "7777"], "'7777' is not an octal mode"),
        (["--token"], "unrecognized arguments: --token"),
    ],
)
def test_a_wrong_option_is_explained(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The program ends with status 2 and says what is wrong."""
    with pytest.raises(SystemExit) as caught:
        parse(arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
