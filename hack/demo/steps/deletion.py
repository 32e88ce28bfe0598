"""Step 9: everything is deleted, and AWS holds nothing of ours but what Retain keeps."""

import json
from typing import Final

from hack.demo import objects
from hack.demo.objects import Object
from hack.demo.stage import Stage, anchor_of
from hack.demo.steps import own_ca
from hack.demo.telling import Telling, expect
from hack.demo.walkthroughs import EXAMPLES, OWN_CA, PRIVATE_CA, absolute

SECONDS: Final = 60  # until everything is gone; idle it takes six
_RETAIN: Final = json.dumps({"spec": {"deletionPolicy": "Retain"}})


def tell(stage: Stage, telling: Telling) -> None:
    """Have one trust anchor be kept, delete all objects, and look at what is left."""
    authority = objects.read(stage.kubectl, anchor_of(PRIVATE_CA)).status["certificateAuthority"]
    kept = objects.read(stage.kubectl, anchor_of(OWN_CA))
    telling.note("One trust anchor shall survive: Retain, which is the default, keeps it.")
    words = ("patch", *anchor_of(OWN_CA).words, "--type=merge", f"--patch={_RETAIN}")
    telling.command(f"kubectl {' '.join(words[:3])} -p '{_RETAIN}'", stage.kubectl(*words).stdout)
    _delete(stage, telling)
    telling.look("TrustAnchors, Profiles and WorkloadIdentities of the cluster")
    expect(telling, "objects", _objects(stage), "none")
    _check_authority(stage, telling, authority["arn"])
    _check_rest(stage, telling, kept)


def _delete(stage: Stage, telling: Telling) -> None:
    options = ("--recursive", "--ignore-not-found", f"--timeout={SECONDS}s")
    with telling.waiting("everything to be deleted"):
        answer = stage.kubectl("delete", f"--filename={absolute(EXAMPLES)}", *options)
    telling.command(f"kubectl delete -f {EXAMPLES} --recursive", answer.stdout)


def _objects(stage: Stage) -> str:
    answer = stage.kubectl("get", objects.KINDS, "--all-namespaces", "--output=name")
    return ", ".join(answer.stdout.split()) or "none"


def _check_authority(stage: Stage, telling: Telling, arn: str) -> None:
    answer = stage.account.private_ca.describe_certificate_authority(CertificateAuthorityArn=arn)
    telling.look("acm-pca DescribeCertificateAuthority")
    expect(telling, "CA of step 1", answer["CertificateAuthority"]["Status"], "DELETED")


def _check_rest(stage: Stage, telling: Telling, kept: Object) -> None:
    account = stage.account
    telling.look("AWS, by the tag rolesanywhere.dev/managed-by")
    expect(telling, "private CAs", [each["Arn"] for each in account.authorities()], [])
    expect(telling, "profiles", [each["profileArn"] for each in account.profiles()], [])
    expect(telling, "roles", [each["RoleName"] for each in account.roles()], [])
    anchors = [each["trustAnchorArn"] for each in account.anchors()]
    expect(telling, "trust anchors", anchors, [kept.status["arn"]])
    secret = objects.read(stage.kubectl, own_ca.SECRET)
    telling.look(str(own_ca.SECRET))
    expect(telling, "keys", set(secret.data), {"tls.crt", "tls.key"})
    telling.note("Kept by Retain: this trust anchor, and the Secret with its CA.")
