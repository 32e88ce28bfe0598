"""Own CAs, loaded: a thousand identities of one CA do not read and parse its Secret each time."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.names import TLS_CRT, TLS_KEY
from rolesanywhere.domain import moments
from rolesanywhere.domain.observed import SecretRecord
from rolesanywhere.domain.trouble import Refusal, Trouble
from rolesanywhere.reconcile.ports import Clock, OwnAuthority, Pki, Secrets

FRESH: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class _Loaded:
    at: datetime
    authority: OwnAuthority


class AuthorityCache:
    """Loaded own CAs by the name of their Secret in the operator's namespace. Thread-safe."""

    def __init__(self, secrets: Secrets, pki: Pki, clock: Clock, namespace: str) -> None:
        self._secrets = secrets
        self._pki = pki
        self._clock = clock
        self._namespace = namespace
        self._lock = threading.Lock()
        self._loaded: dict[str, _Loaded] = {}

    def load(self, secret: SecretRecord) -> OwnAuthority:
        """Load a CA from the Secret just read. Raises ``Refusal``: unreadable or expired."""
        authority = self._pki.load_own_authority(
            secret.data.get(TLS_KEY, b""), secret.data.get(TLS_CRT, b"")
        )
        if authority.facts.not_after <= self._clock.now():
            raise Refusal(
                Reason.CA_EXPIRED,
                f"the CA certificate in Secret {secret.namespace}/{secret.name} expired at "
                f"{moments.show(authority.facts.not_after)}: put a new one with its key there",
            )
        with self._lock:
            self._loaded[secret.name] = _Loaded(self._clock.now(), authority)
        return authority

    def get(self, secret_name: str) -> OwnAuthority:
        """Give a CA, read 10 seconds ago at most. Raises ``Trouble``."""
        with self._lock:
            held = self._loaded.get(secret_name)
        now = self._clock.now()
        if held is not None and now - held.at < FRESH and now < held.authority.facts.not_after:
            return held.authority
        secret = self._secrets.read(self._namespace, secret_name)
        if secret is None:
            raise Trouble(
                Reason.CA_NOT_FOUND,
                f"the CA's Secret {self._namespace}/{secret_name} is gone: restore it",
            )
        return self.load(secret)
