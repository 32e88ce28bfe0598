"""The CAs' keys, parsed once: an issue costs one signature, not one more PEM to read."""

from rolesanywhere.emulator.private_ca.records import Authority
from rolesanywhere.pki.issuers import StoredIssuer, load_issuer
from rolesanywhere.pki.templates import Issuer


class Vault:
    """Loaded issuers by ARN. Not thread-safe: the service's lock is held around it."""

    def __init__(self) -> None:
        self._loaded: dict[str, Issuer] = {}

    def issuer(self, authority: Authority) -> Issuer:
        """Give the issuer of a CA, loading it on first use."""
        if authority.arn not in self._loaded:
            stored = StoredIssuer(authority.private_key, authority.csr.encode())
            own = authority.own.pem.encode() if authority.own else None
            self._loaded[authority.arn] = load_issuer(stored, own)
        return self._loaded[authority.arn]

    def forget(self, arn: str) -> None:
        """Drop a loaded issuer: its certificate has changed, or it is gone."""
        self._loaded.pop(arn, None)

    def clear(self) -> None:
        """Drop all."""
        self._loaded.clear()
