"""kopf's handlers: doormats. What they call decides and acts; kopf's words end here.

Each kind has one reconcile for created, changed and resumed objects, and one timer that waits
until the object is due: for drift, renewal, retries and what an object it builds on became.
Handlers return None: kopf would write anything else into the status.
"""

from typing import Any, Final

import kopf

from rolesanywhere.api import names
from rolesanywhere.controller.application import Application
from rolesanywhere.controller.objects import INDICES
from rolesanywhere.controller.settings import configure

ANCHORS: Final = (names.GROUP, names.VERSION, names.TRUST_ANCHORS)
PROFILES: Final = (names.GROUP, names.VERSION, names.PROFILES)
IDENTITIES: Final = (names.GROUP, names.VERSION, names.WORKLOAD_IDENTITIES)
_BETWEEN_SECONDS: Final = 0.1  # two waits of a timer


@kopf.on.startup()
def start(
    settings: kopf.OperatorSettings,
    memo: Application,
    **given: Any,  # noqa: ANN401 - kopf gives each index under its id, among other things
) -> None:
    """Configure kopf and connect."""
    configure(settings)
    memo.start({name: given[name] for name in INDICES})


@kopf.on.cleanup()
def stop(memo: Application, **_: object) -> None:
    """End what runs."""
    memo.stop()


@kopf.on.login()
def login(settings: kopf.OperatorSettings, **_: object) -> kopf.ConnectionInfo | None:
    """Use the pod's ServiceAccount, else the kubeconfig."""
    return kopf.login_with_service_account(settings=settings) or kopf.login_with_kubeconfig(
        settings=settings
    )


@kopf.on.resume(*ANCHORS)
@kopf.on.create(*ANCHORS)
@kopf.on.update(*ANCHORS)
async def reconcile_trust_anchor(body: kopf.Body, memo: Application, **_: object) -> None:
    """Bring AWS in line with one TrustAnchor."""
    await memo.trust_anchors.look(body)


@kopf.timer(*ANCHORS, interval=_BETWEEN_SECONDS)
async def keep_trust_anchor(body: kopf.Body, memo: Application, **_: object) -> None:
    """Look at one TrustAnchor when it is due."""
    await memo.trust_anchors.look_when_due(body)


@kopf.on.delete(*ANCHORS)
async def delete_trust_anchor(body: kopf.Body, memo: Application, retry: int, **_: object) -> None:
    """Take one TrustAnchor's CA and trust anchor down."""
    await memo.trust_anchors.take_down(body, retry)


@kopf.on.resume(*PROFILES)
@kopf.on.create(*PROFILES)
@kopf.on.update(*PROFILES)
async def reconcile_profile(body: kopf.Body, memo: Application, **_: object) -> None:
    """Bring AWS in line with one Profile."""
    await memo.profiles.look(body)


@kopf.timer(*PROFILES, interval=_BETWEEN_SECONDS)
async def keep_profile(body: kopf.Body, memo: Application, **_: object) -> None:
    """Look at one Profile when it is due."""
    await memo.profiles.look_when_due(body)


@kopf.on.delete(*PROFILES)
async def delete_profile(body: kopf.Body, memo: Application, retry: int, **_: object) -> None:
    """Take one Profile's profile down."""
    await memo.profiles.take_down(body, retry)


@kopf.on.resume(*IDENTITIES)
@kopf.on.create(*IDENTITIES)
@kopf.on.update(*IDENTITIES)
async def reconcile_identity(body: kopf.Body, memo: Application, **_: object) -> None:
    """Bring role, certificate and Secret in line with one WorkloadIdentity."""
    await memo.identities.look(body)


@kopf.timer(*IDENTITIES, interval=_BETWEEN_SECONDS)
async def keep_identity(body: kopf.Body, memo: Application, **_: object) -> None:
    """Look at one WorkloadIdentity when it is due."""
    await memo.identities.look_when_due(body)


@kopf.on.delete(*IDENTITIES)
async def delete_identity(body: kopf.Body, memo: Application, retry: int, **_: object) -> None:
    """Take one WorkloadIdentity's role and Secret back."""
    await memo.identities.take_down(body, retry)
