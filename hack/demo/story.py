"""The story: its steps in order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hack.demo.stage import Stage
from hack.demo.steps import (
    authority,
    certificate,
    credentials,
    deletion,
    own_ca,
    profile,
    role,
    trust_anchor,
    trust_policy,
)
from hack.demo.telling import Telling


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its title, what people do by hand instead, and how it is told."""

    title: str
    by_hand: str
    tell: Callable[[Stage, Telling], None]
    is_the_end: bool = False  # it takes everything away, so nothing can be left running after it


STEPS: Final = (
    Step(
        "A certificate authority",
        "create a Private CA in short-lived mode, install its root certificate, make that last "
        "until 2200.",
        authority.tell,
    ),
    Step(
        "A trust anchor",
        "create a trust anchor in the console, and choose the CA.",
        trust_anchor.tell,
    ),
    Step(
        "A profile",
        "create a profile in the console.",
        profile.tell,
    ),
    Step(
        "A role, and who may have it",
        "write a trust policy that matches issuer and subject, create the role, put it into the "
        "profile.",
        role.tell,
    ),
    Step(
        "A certificate",
        "openssl req, aws acm-pca issue-certificate, get-certificate; copy key and certificate "
        "to the server; again each week.",
        certificate.tell,
    ),
    Step(
        "Credentials for a program that knows nothing of this",
        "install aws_signing_helper, and configure a credential_process with five paths and ARNs.",
        credentials.tell,
    ),
    Step(
        "A trust policy that no longer matches",
        "find out why AWS says AccessDenied, which it does not tell.",
        trust_policy.tell,
    ),
    Step(
        "The same with a CA of our own",
        "openssl req -x509, openssl x509 -req, and upload the CA's certificate.",
        own_ca.tell,
    ),
    Step(
        "Everything is deleted",
        "remember each of the above, and delete it in the right order.",
        deletion.tell,
        is_the_end=True,
    ),
)
