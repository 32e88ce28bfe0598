"""Certificate revocation lists: which certificates of an anchor are not to be believed any more.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html#revocation
"""

from dataclasses import replace

from rolesanywhere.emulator.roles_anywhere.aliases import alias_from
from rolesanywhere.emulator.roles_anywhere.context import Call
from rolesanywhere.emulator.roles_anywhere.paging import page
from rolesanywhere.emulator.roles_anywhere.quotas import Quota
from rolesanywhere.emulator.roles_anywhere.records import Crl, TrustAnchor
from rolesanywhere.emulator.roles_anywhere.refusals import invalid, not_found
from rolesanywhere.emulator.roles_anywhere.store import new_id
from rolesanywhere.emulator.roles_anywhere.tagging import tags_of
from rolesanywhere.emulator.roles_anywhere.validation import decode_blob
from rolesanywhere.emulator.roles_anywhere.wire import Shown, show_crl
from rolesanywhere.pki.revocation_lists import ReadList, UnusableList, read_list


def import_crl(call: Call) -> Shown:
    """ImportCrl: PEM, signed by the anchor's CA; two for each anchor."""
    given, crls = call.parameters, call.region.crls
    anchor = _anchor(call, given["trustAnchorArn"])
    held = sum(each.trust_anchor_arn == anchor.arn for each in crls)
    call.quotas.require_room(Quota.CRLS_PER_ANCHOR, held, "CRLs per trust anchor")
    data = decode_blob(given["crlData"])
    read = _read(data, anchor)
    identifier = new_id()
    crl = Crl(
        id=identifier,
        arn=call.arn("crl", identifier),
        name=given["name"],
        enabled=given.get("enabled", False),
        data=data,
        issuer=read.issuer,
        revoked=read.serials,
        trust_anchor_arn=anchor.arn,
        created_at=call.now,
        updated_at=call.now,
        alias=alias_from(given.get("aliasName"), crls),
    )
    call.region.tags[crl.arn] = tags_of(given)
    return {"crl": show_crl(crls.put(crl))}


def get(call: Call) -> Shown:
    """GetCrl."""
    return {"crl": show_crl(_named(call))}


def list_all(call: Call) -> Shown:
    """ListCrls."""
    crls, token = page(call.region.crls, call.parameters)
    more = {} if token is None else {"nextToken": token}
    return {"crls": [show_crl(each) for each in crls], **more}


def update(call: Call) -> Shown:
    """UpdateCrl: name, list and alias; the anchor stays."""
    crl, given = _named(call), call.parameters
    others = [each for each in call.region.crls if each.id != crl.id]
    alias = alias_from(given["aliasName"], others) if "aliasName" in given else crl.alias
    changed = replace(crl, name=given.get("name", crl.name), alias=alias, updated_at=call.now)
    if "crlData" in given:
        data = decode_blob(given["crlData"])
        read = _read(data, _anchor(call, crl.trust_anchor_arn))
        changed = replace(changed, data=data, issuer=read.issuer, revoked=read.serials)
    previous = crl.alias if crl.alias != alias else None
    return {"crl": show_crl(call.region.crls.put(changed), previous)}


def enable(call: Call) -> Shown:
    """EnableCrl: the certificates in it get no sessions."""
    return _switch(call, on=True)


def disable(call: Call) -> Shown:
    """DisableCrl: nobody looks at it."""
    return _switch(call, on=False)


def delete(call: Call) -> Shown:
    """DeleteCrl."""
    crl = call.region.crls.remove(_named(call))
    call.region.tags.pop(crl.arn, None)
    return {"crl": show_crl(crl)}


def _named(call: Call) -> Crl:
    return call.region.crls.get(call.parameters["crlId"])


def _switch(call: Call, *, on: bool) -> Shown:
    changed = replace(_named(call), enabled=on, updated_at=call.now)
    return {"crl": show_crl(call.region.crls.put(changed))}


def _anchor(call: Call, arn: str) -> TrustAnchor:
    """Give the anchor by its own ARN: an alias is none here, says the API reference."""
    anchor = next((each for each in call.region.anchors if each.arn == arn), None)
    if anchor is None:
        message = f"Trust anchor with ARN {arn} does not exist."
        raise not_found(message)
    return anchor


def _read(data: bytes, anchor: TrustAnchor) -> ReadList:
    try:
        return read_list(data, anchor.certificates)
    except UnusableList as error:
        message = "CRL data must be a PEM-encoded CRL issued by the trust anchor's CA."
        raise invalid(message, str(error)) from error
