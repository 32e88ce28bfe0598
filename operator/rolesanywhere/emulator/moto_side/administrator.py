"""The one principal an empty account needs: a user who may do everything, with an access key."""

from dataclasses import dataclass
from typing import Final

from rolesanywhere.emulator.moto_side.state import MotoState

USER_NAME: Final = "administrator"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A long-lived key of the emulated account. Its repr hides the secret."""

    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        """Name the key, never the secret."""
        return f"AccessKey({self.access_key_id})"


def make_administrator(state: MotoState, key: AccessKey | None = None) -> AccessKey:
    """Make the user; with ``key`` it gets that one again, as after a reset."""
    iam = state.iam
    iam.create_user(region_name=state.partition, user_name=USER_NAME)
    arn = f"arn:{state.partition}:iam::aws:policy/AdministratorAccess"
    iam.attach_user_policy(arn, USER_NAME)
    made = iam.create_access_key(USER_NAME)
    if key is not None:
        iam.access_keys[key.access_key_id] = iam.access_keys.pop(made.access_key_id)
        made.access_key_id, made.secret_access_key = key.access_key_id, key.secret_access_key
    return AccessKey(made.access_key_id, made.secret_access_key)
