"""Step 7: somebody changes the role's trust policy; the operator says so, why, and repairs it."""

from hack.demo import objects
from hack.demo.checks import roles, sessions, trust
from hack.demo.stage import Stage, identity_of
from hack.demo.steps import credentials
from hack.demo.telling import Telling
from hack.demo.walkthroughs import PRIVATE_CA


def tell(stage: Stage, telling: Telling) -> None:
    """Change the policy while the operator stands still, look, and let the operator go on."""
    reference = identity_of(PRIVATE_CA)
    role = roles.find(stage.account, objects.read(stage.kubectl, reference).uid)
    newest = trust.last_event(stage, reference)
    telling.note("The operator is paused for a moment, so that the refusal can be seen.")
    with stage.operator_paused():
        before = trust.edit(stage, telling, role["RoleName"])
        pod = stage.new_pod(PRIVATE_CA)
        trust.check_refused(telling, pod, role["Arn"])
        sessions.check_refused(telling, credentials.run(telling, pod, shown=_shortened))
    telling.note("The operator goes on: it tells what it found and why, then repairs it.")
    trust.check_repaired(
        stage, telling, reference, after=newest, role=role["RoleName"], policy=before
    )
    telling.note("The agent that was refused asks again by itself; nothing is restarted.")
    credentials.check_once_more(stage, telling, PRIVATE_CA, pod)


def _shortened(text: str) -> str:
    """Cut botocore's error before the repetition of the agent's whole answer."""
    words, cut, _ = text.partition('", "Code": ')
    return f'{words}", …' if cut else words
