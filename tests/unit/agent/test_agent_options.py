"""The agent's command line."""

import pytest

from rolesanywhere.agent.identity import FilesIdentity, FolderIdentity
from rolesanywhere.agent.options import DEFAULT_FOLDER, Options, parse

ANCHOR = "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/a"
PROFILE = "arn:aws:rolesanywhere:eu-west-1:111122223333:profile/p"
ROLE = "arn:aws:iam::111122223333:role/r"
FILES = [
    *("--certificate", "/c.pem", "--private-key", "/k.pem"),
    *("--trust-anchor-arn", ANCHOR, "--profile-arn", PROFILE, "--role-arn", ROLE),
]


def test_defaults_are_what_a_pod_needs() -> None:
    """Without options: the mounted Secret, loopback, a free port, private files, no other way."""
    options = parse([])
    assert options.identities == (FolderIdentity("identity", DEFAULT_FOLDER),)
    assert options.endpoint == ("127.0.0.1", 0)
    assert (options.imds, options.admin) == (None, None)
    assert (options.credentials_file, options.process_dir) == (None, None)
    assert (options.token_mode, options.file_mode) == (0o600, 0o600)
    assert options.poll_seconds == 2.0


def test_every_option_arrives() -> None:
    """Each option ends in its own field."""
    words = "--identity-dir a=/x --identity-dir /y/b/ --listen [::1]:9911 --token-file t"
    more = "--token-mode 0640 --ready-file r --output json --imds-listen 127.0.0.1:9 --hop-limit 2"
    files = "--credentials-file c --profile p --process-dir /d --file-mode 0640"
    operation = "--poll 0.5 --admin-listen 0.0.0.0:9912 --once-timeout 5"
    assert parse(f"{words} {more} {files} {operation}".split()) == Options(
        identities=(FolderIdentity("a", "/x"), FolderIdentity("b", "/y/b/")),
        poll_seconds=0.5,
        endpoint=("::1", 9911),
        token_file="t",
        token_mode=0o640,
        imds=("127.0.0.1", 9),
        hop_limit=2,
        credentials_file="c",
        profile="p",
        process_dir="/d",
        file_mode=0o640,
        admin=("0.0.0.0", 9912),  # noqa: S104 - no secret is told there
        ready_file="r",
        once=False,
        once_seconds=5,
        output="json",
    )


def test_once_opens_nothing() -> None:
    """An init container has nobody to serve."""
    options = parse(["--once", "--imds-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
    assert options.once
    assert (options.endpoint, options.imds, options.admin) == (None, None, None)


def test_files_and_arns_make_an_identity() -> None:
    """The region is the trust anchor's, the rest is as the Go helper has it."""
    (identity,) = parse([*FILES, "--pkcs8-password", "s3cr3t"]).identities
    assert isinstance(identity, FilesIdentity)
    assert (identity.name, identity.certificate, identity.private_key) == (
        "default",
        "/c.pem",
        "/k.pem",
    )
    assert identity.configuration["region"] == "eu-west-1"
    assert identity.configuration["sessionDurationSeconds"] == 3600
    assert "s3cr3t" not in repr(identity)


def test_a_region_may_be_named() -> None:
    """It beats the trust anchor's, for endpoint and signature."""
    (identity,) = parse([*FILES, "--region", "eu-central-1"]).identities
    assert isinstance(identity, FilesIdentity)
    assert identity.configuration["region"] == "eu-central-1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--listen", "0.0.0.0:9911"], "'0.0.0.0' is not loopback"),
        (["--listen", "[::]:9911"], "'::' is not loopback"),
        (["--listen", ":9911"], "'' is not loopback"),
        (["--listen", "10.0.0.7:9911"], "'10.0.0.7' is not loopback"),
        (["--imds-listen", "10.0.0.7:9911"], "'10.0.0.7' is not loopback"),
        (["--listen", "127.0.0.1"], "'127.0.0.1' is not an address"),
        (["--listen", "127.0.0.1:70000"], "'127.0.0.1:70000' is not an address"),
        (["--admin-listen", "nine"], "'nine' is not an address"),
        (["--poll", "0"], "'0' is not a number of seconds from 0.05 to 5"),
        (["--poll", "5.1"], "'5.1' is not a number of seconds"),
        (["--poll", "often"], "'often' is not a number of seconds"),
        (["--hop-limit", "0"], "'0' is not a number from 1 to 255"),
        (["--session-duration", "899"], "'899' is not a number from 900 to 43200"),
        (["--process-dir", "/a b"], "'/a b' must consist of letters, digits"),
        (["--identity-dir", "a=/x", "--identity-dir", "/y/a"], "two identities have the same name"),
        (["--identity-dir", "a/b=/x"], "is not [NAME=]FOLDER"),
        (["--identity-dir", "a="], "is not [NAME=]FOLDER"),
        (["--identity-dir", "..=/x"], "is not [NAME=]FOLDER"),
        (["--identity-dir", "\xe9=/x"], "is not [NAME=]FOLDER"),
        (["--identity-dir", "$(id)=/x"], "is not [NAME=]FOLDER"),
        (["--profile", "a]\n[b"], "is no name for a profile"),
        (["--profile", "a\nb"], "'a\\nb' is no name for a profile"),
        (["--profile", "a "], "is no name for a profile"),
        (["--profile", "shop"], "--profile is of use with --credentials-file only, or with --cert"),
        (["--token-mode", "rw"], "'rw' is not an octal mode"),
        (["--token-mode", "7777"], "'7777' is not an octal mode"),
        (["--token-mode", "0666"], "'0666' lets everybody write"),
        (["--token"], "unrecognized arguments: --token"),
        (FILES[:4], "--certificate needs --trust-anchor-arn too"),
        (FILES[2:4], "--private-key is of use with --certificate only"),
        (["--session-duration", "900"], "--session-duration is of use with --certificate only"),
        (["--region", "eu-west-1"], "--region is of use with --certificate only"),
        (["--endpoint", "http://a"], "--endpoint is of use with --certificate only"),
        (["--role-session-name", "a"], "--role-session-name is of use with --certificate only"),
        ([*FILES, "--identity-dir", "/x"], "--certificate and --identity-dir exclude each other"),
        ([*FILES, "--trust-anchor-arn", "arn"], "'arn' is not the ARN of a trust anchor"),
        (
            [*FILES, "--profile-arn", PROFILE.replace("west", "north")],
            "the trust anchor is in eu-west-1, the profile in eu-north-1",
        ),
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


def test_an_empty_option_is_none() -> None:
    """Scripts pass `--intermediates "$CHAIN"`, whether there is one or not."""
    names = ("private-key", "intermediates", "password-file", "region", "endpoint")
    words = [f"--{name}=" for name in (*names, "role-session-name")]
    plain = [*FILES[:2], *FILES[4:]]
    assert parse([*plain, *words]).identities == parse(plain).identities


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        ("shop_1.eu-2", "shop_1.eu-2"),
        ("my profile", "default"),
        ("../escape", "default"),
        ("..", "default"),
        ("$(id)", "default"),
        ("\xe9t\xe9", "default"),
        ('a"b\\c', "default"),
    ],
)
def test_an_identity_has_a_plain_name(profile: str, name: str) -> None:
    """It stands in paths, commands and labels; a profile may be called as people like."""
    options = parse([*FILES, "--profile", profile])
    assert (options.identities[0].name, options.profile) == (name, profile)
