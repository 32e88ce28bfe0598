"""The operations on certificate revocation lists."""

from typing import Final

from rolesanywhere.emulator.roles_anywhere import crls, shapes
from rolesanywhere.emulator.roles_anywhere.operation import OnResource, Operation
from rolesanywhere.emulator.roles_anywhere.shapes import Structure

_FAMILY: Final = "CRL"  # what a rate quota counts together
_one = OnResource(_FAMILY, "crlId", shapes.CRL)

OPERATIONS: Final = (
    Operation(
        "ImportCrl",
        "POST",
        "/crls",
        _FAMILY,
        crls.import_crl,
        Structure(
            {
                "name": shapes.NAME,
                "crlData": shapes.CRL_DATA,
                "enabled": shapes.FLAG,
                "tags": shapes.TAGS,
                "trustAnchorArn": shapes.TRUST_ANCHOR_ARN,
                "aliasName": shapes.ALIAS,
            },
            required=("name", "crlData", "trustAnchorArn"),
        ),
        status=201,
    ),
    Operation(
        "ListCrls",
        "GET",
        "/crls",
        _FAMILY,
        crls.list_all,
        shapes.PAGE,
        in_query=("nextToken", "pageSize"),
    ),
    _one("GetCrl", "GET", "/crl/{crlId}", crls.get),
    _one(
        "UpdateCrl",
        "PATCH",
        "/crl/{crlId}",
        crls.update,
        name=shapes.NAME,
        crlData=shapes.CRL_DATA,
        aliasName=shapes.ALIAS,
    ),
    _one("DeleteCrl", "DELETE", "/crl/{crlId}", crls.delete),
    _one("EnableCrl", "POST", "/crl/{crlId}/enable", crls.enable),
    _one("DisableCrl", "POST", "/crl/{crlId}/disable", crls.disable),
)
