"""``agent.json``: what the agent needs to know beside key and certificate; it travels with them."""

import msgspec


class AgentConfiguration(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One identity's session request. No secret in it.

    ``session_duration_seconds`` is the Profile's; ``endpoint`` is None for AWS's own. Without a
    ``role_session_name`` AWS takes the certificate's serial; with one the profile must accept it.
    """

    name: str  # the identity's name
    namespace: str
    region: str
    trust_anchor_arn: str
    profile_arn: str
    role_arn: str
    session_duration_seconds: int
    endpoint: str | None = None
    role_session_name: str | None = None
