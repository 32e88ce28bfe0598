"""Tokens: the same request within five minutes is the same request.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_IssueCertificate.html
Token and arguments together are the key: a token with other arguments asks for something new. A
CreateCertificateAuthority without a token is remembered as well: two identical ones within five
minutes make one CA.
"""

import hashlib
import json
from datetime import timedelta
from typing import Final

from rolesanywhere.emulator.private_ca.records import Remembered
from rolesanywhere.emulator.private_ca.request import Request

_REMEMBERED_FOR: Final = timedelta(minutes=5)


def recall(request: Request) -> str | None:
    """Give the ARN that answered the same request, or None. Forgets what is too old."""
    remembered = request.state.remembered
    while remembered and remembered[oldest := next(iter(remembered))].until < request.now:
        del remembered[oldest]
    found = remembered.get(_key(request))
    return found.arn if found else None


def remember(request: Request, arn: str) -> None:
    """Keep an answer for five minutes."""
    until = request.now + _REMEMBERED_FOR
    request.state.remembered[_key(request)] = Remembered(arn, until)


def _key(request: Request) -> str:
    asked = [
        request.operation,
        request.caller.account,
        request.caller.region,
        dict(request.parameters),
    ]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
