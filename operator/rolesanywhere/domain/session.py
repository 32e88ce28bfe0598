"""A request for a session: the currency between use cases and the CreateSession client."""

from dataclasses import dataclass

from rolesanywhere.api.agent_configuration import AgentConfiguration


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """CreateSession as a workload. Its repr hides the key."""

    configuration: AgentConfiguration
    private_key: bytes  # PEM
    certificates: bytes  # PEM: leaf, then intermediates

    def __repr__(self) -> str:
        """Name the identity, never the key."""
        return f"SessionRequest({self.configuration.namespace}/{self.configuration.name})"
