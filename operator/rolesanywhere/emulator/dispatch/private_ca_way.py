"""Private CA: JSON 1.1, the operation in X-Amz-Target."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from rolesanywhere.emulator.authorization.access import Access, request_tags, resource_tags
from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.dispatch.guard import Guard
from rolesanywhere.emulator.dispatch.visit import Visit
from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.http.message import Response
from rolesanywhere.emulator.http.wire import JSON_1_1, json_answer
from rolesanywhere.emulator.roles_anywhere.routing import read_json

TARGET: Final = "ACMPrivateCA."
_DEFAULT_TEMPLATE: Final = "arn:{partition}:acm-pca:::template/EndEntityCertificate/V1"
_RESOURCES: Final = ("CertificateAuthorityArn", "ResourceArn")


class PrivateCA(Protocol):
    """The service itself."""

    def handle(
        self, operation: str, parameters: Mapping[str, Any], caller: Caller
    ) -> dict[str, Any]:
        """Run an operation. Raises ``AwsError``."""
        ...


class PrivateCAWay:
    """Authenticates, permits by operation and CA, hands on."""

    def __init__(self, guard: Guard, service: PrivateCA) -> None:
        self._guard = guard
        self._service = service

    def name(self, visit: Visit) -> None:
        """Fill in the operation."""
        visit.operation = (visit.request.header("x-amz-target") or "").removeprefix(TARGET)

    def answer(self, visit: Visit) -> Response:
        """Answer a request. Raises ``AwsError``."""
        admitted = self._guard.admit(visit)
        caller = self._guard.caller(admitted)
        parameters = read_json(visit.request.body)
        for access in self._accesses(visit.operation, parameters, caller):
            self._guard.permit(visit, admitted.principal, caller.region, access)
        answer = self._service.handle(visit.operation, parameters, caller)
        return json_answer(200, answer, JSON_1_1)

    def _accesses(
        self, operation: str, parameters: Mapping[str, Any], caller: Caller
    ) -> Iterator[Access]:
        """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsprivatecertificateauthority.html."""
        found = (parameters.get(name) for name in _RESOURCES)
        resource = next((arn for arn in found if isinstance(arn, str)), "*")
        context: dict[str, tuple[str, ...]] = {
            **request_tags(_tags(parameters)),
            **resource_tags(self._tags_of(resource, caller)),
        }
        if operation == "IssueCertificate":
            default = _DEFAULT_TEMPLATE.format(partition=caller.partition)
            context["acm-pca:TemplateArn"] = (str(parameters.get("TemplateArn", default)),)
        yield Access(f"acm-pca:{operation}", resource, context)
        if operation == "CreateCertificateAuthority" and _tags(parameters):
            yield Access("acm-pca:TagCertificateAuthority", resource, context)

    def _tags_of(self, resource: str, caller: Caller) -> dict[str, str]:
        if resource == "*":
            return {}
        try:
            listed = self._service.handle("ListTags", {"CertificateAuthorityArn": resource}, caller)
        except AwsError:
            return {}  # what does not exist, or was deleted, has no tags
        return _tags(listed)


def _tags(holder: Mapping[str, Any]) -> dict[str, str]:
    listed = holder.get("Tags")
    if not isinstance(listed, list):
        return {}
    pairs = (tag for tag in listed if isinstance(tag, Mapping) and isinstance(tag.get("Key"), str))
    return {tag["Key"]: str(tag.get("Value", "")) for tag in pairs}
