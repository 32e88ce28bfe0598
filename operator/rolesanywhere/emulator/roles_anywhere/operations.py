"""All thirty operations of the control plane.

https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_Operations.html
"""

from typing import Final

from rolesanywhere.emulator.roles_anywhere import (
    anchor_operations,
    crl_operations,
    other_operations,
    profile_operations,
)
from rolesanywhere.emulator.roles_anywhere.operation import Operation

OPERATIONS: Final[tuple[Operation, ...]] = (
    *anchor_operations.OPERATIONS,
    *profile_operations.OPERATIONS,
    *crl_operations.OPERATIONS,
    *other_operations.OPERATIONS,
)
