"""What an operation is: method and path, input shape, and who carries it out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rolesanywhere.emulator.roles_anywhere.context import Call
from rolesanywhere.emulator.roles_anywhere.shapes import Shape, Structure
from rolesanywhere.emulator.roles_anywhere.wire import Shown

Run = Callable[[Call], Shown]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. ``path`` may name one URI parameter in braces.

    ``family`` is what a rate quota counts together; ``target`` the parameter that names the
    resource, None for creates and lists; ``in_query`` the parameters that are not in the body.
    """

    name: str
    method: str
    path: str
    family: str
    run: Run
    shape: Structure
    target: str | None = None
    in_query: tuple[str, ...] = ()
    status: int = 200


def by_id(
    parameter: str,
    identifier: Shape,
    members: Mapping[str, Shape] = MappingProxyType({}),
    required: tuple[str, ...] = (),
) -> Structure:
    """Build the shape of what names one resource, and of what else is said of it."""
    return Structure({parameter: identifier, **members}, required=(parameter, *required))


@dataclass(frozen=True, slots=True)
class OnResource:
    """Makes operations on one resource: its id in the path, the rest in the body."""

    family: str
    parameter: str
    identifier: Shape

    def __call__(
        self, name: str, method: str, path: str, run: Run, /, **members: Shape
    ) -> Operation:
        """Make an operation; ``members`` are the body's."""
        shape = by_id(self.parameter, self.identifier, members)
        return Operation(name, method, path, self.family, run, shape, target=self.parameter)
