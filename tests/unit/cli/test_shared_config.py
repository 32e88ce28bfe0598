"""What the AWS config file says of the way to AWS, read as botocore and the Go SDK read it."""

from pathlib import Path

import botocore.session
import pytest

from rolesanywhere.cli.shared_config import BadConfig, settings, telling_lines

FIPS, DUAL = "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"
OURS, ALL = "AWS_ENDPOINT_URL_ROLESANYWHERE", "AWS_ENDPOINT_URL"
SERVICES = """
[profile work]
services = local
endpoint_url = https://all.example
[services local]
rolesanywhere =
  endpoint_url = https://ours.example
s3 =
  endpoint_url = https://s3.example
"""


def settings_of(folder: Path, text: str, **environment: str) -> dict[str, str]:
    path = folder / "config"
    path.write_text(text)
    return settings({"AWS_CONFIG_FILE": str(path), **environment})


@pytest.mark.parametrize(
    ("text", "environment", "found"),
    [
        ("[default]\nuse_fips_endpoint = true\n", {}, {FIPS: "true"}),
        ("[default]\nUse_Fips_Endpoint=true\n", {FIPS: "false"}, {}),
        ("[profile default]\nuse_dualstack_endpoint = true\n", {}, {DUAL: "true"}),
        ("[profile work]\nuse_fips_endpoint = true\n", {}, {}),
        ("[profile work]\nuse_fips_endpoint = true\n", {"AWS_PROFILE": "work"}, {FIPS: "true"}),
        ("[work]\nuse_fips_endpoint = true\n", {"AWS_PROFILE": "work"}, {}),
        (
            '[profile "my work"]\nca_bundle=/ca\n',
            {"AWS_PROFILE": "my work"},
            {"AWS_CA_BUNDLE": "/ca"},
        ),
        ("[default]\nendpoint_url = https://all.example\n", {}, {ALL: "https://all.example"}),
        ("[default]\nendpoint_url = https://all.example\n", {ALL: "https://x.example"}, {}),
        (
            SERVICES,
            {"AWS_PROFILE": "work"},
            {OURS: "https://ours.example", ALL: "https://all.example"},
        ),
        (SERVICES, {"AWS_PROFILE": "work", ALL: "https://x.example"}, {}),
        (
            SERVICES,
            {"AWS_PROFILE": "work", OURS: "https://x.example"},
            {ALL: "https://all.example"},
        ),
        (
            "[default]\nignore_configured_endpoint_urls = true\n",
            {},
            {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        ),
        ("[default]\nregion = eu-west-1\ncredential_process = x %y\n", {}, {}),
        ("[default]\nservices = nowhere\n", {}, {}),
        ("", {}, {}),
    ],
)
def test_a_word_of_the_file_is_a_variables(
    tmp_path: Path, text: str, environment: dict[str, str], found: dict[str, str]
) -> None:
    """Unless that variable is set."""
    assert settings_of(tmp_path, text, **environment) == found


def test_services_are_read_as_botocore_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The URL that botocore would call is the one we call."""
    found = settings_of(tmp_path, SERVICES, AWS_PROFILE="work")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    client = botocore.session.Session(profile="work").create_client(
        "rolesanywhere", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    assert client.meta.endpoint_url == found[OURS]


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    """Going on without it might mean: without FIPS."""
    with pytest.raises(BadConfig, match=r"config is no AWS config: .*no section headers"):
        settings_of(tmp_path, "use_fips_endpoint = true\n")
    for content in (
        b"\xff[default]\nuse_fips_endpoint = true\n",
        b"[default]\n= x\nuse_fips_endpoint = true\n",
        "[default]\nuse_fips_endpoint = true\n".encode("utf-16"),
        b"use_fips_endpoint = true\n[default]\n[profile x]\n= foo\n",
    ):
        (tmp_path / "config").write_bytes(content)
        with pytest.raises(BadConfig, match="is no AWS config"):
            settings({"AWS_CONFIG_FILE": str(tmp_path / "config")})


@pytest.mark.parametrize(
    "content",
    [
        b"# M\xfcnchen\n[default]\nuse_fips_endpoint = true\n",
        b"\xef\xbb\xbf[default]\nuse_fips_endpoint = true\n",
        b"[profile x]\n= foo\n[default]\nuse_fips_endpoint = true\n",
        b"region = x\n[default]\nuse_fips_endpoint = true\n[services a]\nb = c\n[profile y]\n=\n",
        b"[default] # main\nuse_fips_endpoint = true\n[profile x]\n= foo\n",
        b"a = b\n  [default]\nuse_fips_endpoint = true\n",
        b"[default]\nx =\n  [profile x]\nuse_fips_endpoint = true\n[profile x]\n= foo\n",
    ],
    ids=[
        *("a comment in Latin-1", "a BOM", "another profile", "a line before all"),
        *("a comment behind the title", "a title that is indented", "a value like a title"),
    ],
)
def test_what_is_wrong_elsewhere_is_no_matter(tmp_path: Path, content: bytes) -> None:
    """The Go helper looks at none of it."""
    (tmp_path / "config").write_bytes(content)
    assert settings({"AWS_CONFIG_FILE": str(tmp_path / "config")}) == {FIPS: "true"}


@pytest.mark.parametrize("path", ["nowhere", "folder", "file/config"])
def test_no_file_says_nothing(tmp_path: Path, path: str) -> None:
    """Nor does one that cannot be opened."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    assert settings({"AWS_CONFIG_FILE": str(tmp_path / path)}) == {}


def test_the_file_is_in_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where AWS_CONFIG_FILE does not say otherwise."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\nuse_fips_endpoint = true\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings({}) == {FIPS: "true"}


@pytest.mark.parametrize(
    ("change", "is_another"),
    [
        (("output = json", "output = text"), False),
        (("[profile other]", "[profile other]\nsso_session"), False),
        (("use_fips_endpoint = true", "use_fips_endpoint = false"), True),
        (("  Endpoint_URL = https://a", "  Endpoint_URL = https://b"), True),
        (("services = local", "services = remote"), True),
        (("[profile work]", "[profile idle]"), True),
    ],
)
def test_what_another_tool_keeps_there_makes_no_other_session(
    tmp_path: Path, change: tuple[str, str], *, is_another: bool
) -> None:
    """What may decide whom to ask does."""
    text = (
        "[profile other]\noutput = json\n[profile work]\nuse_fips_endpoint = true\n"
        "services = local\n[services local]\nrolesanywhere =\n  Endpoint_URL = https://a\n"
    )
    path = tmp_path / "config"
    found = []
    for each in (text, text.replace(*change)):
        path.write_text(each)
        found.append(telling_lines({"AWS_CONFIG_FILE": str(path)}))
    assert (found[0] != found[1]) is is_another
    assert found[0] != ""


@pytest.mark.parametrize("text", [None, "", "[default]\nregion = x\ncredential_process = y\n"])
def test_a_file_that_tells_nothing_is_as_none(tmp_path: Path, text: str | None) -> None:
    """Whoever adds a profile to it keeps the session."""
    path = tmp_path / "config"
    if text is not None:
        path.write_text(text)
    assert telling_lines({"AWS_CONFIG_FILE": str(path)}) == ""


def test_a_key_without_a_value_harms_nobody_else(tmp_path: Path) -> None:
    """As the Go SDK has it."""
    text = "[profile other]\nsso_session\n[default]\nuse_fips_endpoint = true\nca_bundle\n"
    assert settings_of(tmp_path, text) == {FIPS: "true"}
