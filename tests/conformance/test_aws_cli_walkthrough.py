"""What people type by hand, word for word: openssl, the AWS CLI, and a credential_process.

The story of https://docs.aws.amazon.com/rolesanywhere/latest/userguide/getting-started.html with a
short-lived Private CA, by programs that know nothing of us, on the emulator.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hack.stack.programs import ACCOUNT, REGION, EmulatorProcess

BINARIES: Final = Path(sys.executable).parent
READ_S3: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
ACTIONS: Final = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
AUTHORITY: Final = {
    "KeyAlgorithm": "RSA_2048",
    "SigningAlgorithm": "SHA256WITHRSA",
    "Subject": {"CommonName": "sample", "OrganizationalUnit": "tech"},
}


def trust_policy(common_name: str) -> str:
    """Give the trust policy people write: issuer and subject, CN and OU."""
    tags = {
        "aws:PrincipalTag/x509Issuer/CN": "sample",
        "aws:PrincipalTag/x509Issuer/OU": "tech",
        "aws:PrincipalTag/x509Subject/CN": common_name,
        "aws:PrincipalTag/x509Subject/OU": "tech",
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "rolesanywhere.amazonaws.com"},
        "Action": ACTIONS,
        "Condition": {"StringEquals": tags},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Shell:
    """A person's shell in a folder of its own, with the AWS CLI pointed at the emulator."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        path = f"{BINARIES}{os.pathsep}{os.environ['PATH']}"
        self._environment = {**environment, "PATH": path, "HOME": str(folder)}

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a program; ``more`` is added to its environment."""
        return subprocess.run(  # noqa: S603 - the words are the test's
            words,
            cwd=self.folder,
            env={**self._environment, **more},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def aws(self, *words: str) -> Any:  # noqa: ANN401 - whatever the CLI prints as JSON
        """Run the CLI and parse what it prints."""
        run = self.run("aws", *words)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout) if run.stdout.strip() else None

    def as_workload(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the CLI with nothing but the profile whose credential_process is ours."""
        return self.run(
            "aws",
            *words,
            AWS_PROFILE="any",
            AWS_CONFIG_FILE=str(self.folder / "config"),
            AWS_ACCESS_KEY_ID="",
            AWS_SECRET_ACCESS_KEY="",
        )


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("by-hand")
    with EmulatorProcess(folder) as emulator:
        yield Shell(folder, emulator.environment)


def certificate_from(shell: Shell, authority: str, certificate: str) -> str:
    """Wait as people do, then fetch a certificate."""
    names = ("--certificate-authority-arn", authority, "--certificate-arn", certificate)
    shell.aws("acm-pca", "wait", "certificate-issued", *names)
    return str(shell.aws("acm-pca", "get-certificate", *names)["Certificate"])


def make_authority(shell: Shell) -> str:
    """Create a short-lived CA and install its root certificate; gives its ARN."""
    created = shell.aws(
        "acm-pca",
        "create-certificate-authority",
        "--certificate-authority-type=ROOT",
        "--usage-mode=SHORT_LIVED_CERTIFICATE",
        f"--certificate-authority-configuration={json.dumps(AUTHORITY)}",
    )
    arn = str(created["CertificateAuthorityArn"])
    name = ("--certificate-authority-arn", arn)
    shell.aws("acm-pca", "wait", "certificate-authority-csr-created", *name)
    csr = shell.run("aws", "acm-pca", "get-certificate-authority-csr", *name, "--output=text")
    (shell.folder / "ca.csr").write_text(csr.stdout)
    issued = shell.aws(
        "acm-pca",
        "issue-certificate",
        *name,
        "--csr=fileb://ca.csr",
        "--signing-algorithm=SHA256WITHRSA",
        "--template-arn=arn:aws:acm-pca:::template/RootCACertificate/V1",
        "--validity=Value=22000315000000,Type=END_DATE",
    )
    (shell.folder / "ca.pem").write_text(certificate_from(shell, arn, issued["CertificateArn"]))
    shell.aws(
        "acm-pca",
        "import-certificate-authority-certificate",
        *name,
        "--certificate=fileb://ca.pem",
    )
    return arn


def issue_leaf(shell: Shell, authority: str) -> None:
    """Make key and request by openssl, and have the CA issue for seven days."""
    key = [
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "private-key.pem",
        "-subj",
        "/OU=tech/CN=sample",
    ]
    assert shell.run("openssl", "req", "-out", "csr.pem", "-new", *key).returncode == 0
    issued = shell.aws(
        "acm-pca",
        "issue-certificate",
        "--certificate-authority-arn",
        authority,
        "--csr",
        "fileb://csr.pem",
        "--signing-algorithm",
        "SHA256WITHRSA",
        "--validity",
        "Value=7,Type=DAYS",
    )
    leaf = certificate_from(shell, authority, issued["CertificateArn"])
    (shell.folder / "cert.pem").write_text(leaf)


def configure(shell: Shell, anchor: str, profile: str, role: str) -> None:
    """Write ~/.aws/config with a credential_process that takes the Go helper's flags."""
    words = (
        f"{BINARIES / 'rolesanywhere'} credential-process",
        f"--certificate {shell.folder / 'cert.pem'}",
        f"--private-key {shell.folder / 'private-key.pem'}",
        f"--trust-anchor-arn {anchor} --profile-arn {profile} --role-arn {role}",
    )
    (shell.folder / "config").write_text(
        f"[profile any]\ncredential_process = {' '.join(words)}\nregion = {REGION}\n"
    )


def test_the_story_by_hand(shell: Shell) -> None:
    """S3 is allowed, EC2 is denied; with another CN in the trust policy nothing is."""
    authority = make_authority(shell)
    issue_leaf(shell, authority)
    create_role = ("iam", "create-role", "--role-name=by-hand", "--assume-role-policy-document")
    role = shell.aws(*create_role, trust_policy("sample"))["Role"]["Arn"]
    shell.aws("iam", "attach-role-policy", "--role-name=by-hand", f"--policy-arn={READ_S3}")
    source = {"sourceType": "AWS_ACM_PCA", "sourceData": {"acmPcaArn": authority}}
    made = ("--name=by-hand", "--enabled")
    create_anchor = ("rolesanywhere", "create-trust-anchor", f"--source={json.dumps(source)}")
    anchor = shell.aws(*create_anchor, *made)["trustAnchor"]["trustAnchorArn"]
    create_profile = ("rolesanywhere", "create-profile", f"--role-arns={role}")
    profile = shell.aws(*create_profile, *made)["profile"]["profileArn"]
    shell.run("aws", "s3", "mb", "s3://reports")
    configure(shell, anchor, profile, role)

    who = shell.as_workload("sts", "get-caller-identity")
    assert json.loads(who.stdout)["Arn"].startswith(
        f"arn:aws:sts::{ACCOUNT}:assumed-role/by-hand/"
    ), who.stderr
    buckets = shell.as_workload("s3", "ls")
    assert "reports" in buckets.stdout, buckets.stderr
    machines = shell.as_workload("ec2", "describe-instances")
    assert "UnauthorizedOperation" in machines.stderr

    update = ("iam", "update-assume-role-policy", "--role-name=by-hand", "--policy-document")
    shell.aws(*update, trust_policy("somebody-else"))
    fresh = {"XDG_CACHE_HOME": str(shell.folder / "no-cache-yet")}
    words = (shell.folder / "config").read_text().partition("= ")[2].splitlines()[0].split()
    refused = shell.run(*words, **fresh)
    assert refused.returncode != 0
    assert refused.stdout == ""
    assert "AccessDeniedException" in refused.stderr
    assert f"Unable to assume role for {role}" in refused.stderr


def test_a_short_lived_ca_issues_for_seven_days_at_most(shell: Shell) -> None:
    """Eight days are refused, in AWS's shape."""
    authority = make_authority(shell)
    request = ["-newkey", "rsa:2048", "-nodes", "-keyout", "k.pem", "-subj", "/CN=sample"]
    shell.run("openssl", "req", "-out", "k.csr", "-new", *request)
    refused = shell.run(
        *("aws", "acm-pca", "issue-certificate", "--certificate-authority-arn", authority),
        *("--csr", "fileb://k.csr", "--signing-algorithm", "SHA256WITHRSA"),
        *("--validity", "Value=8,Type=DAYS"),
    )
    assert refused.returncode != 0
    assert "ValidationException" in refused.stderr
