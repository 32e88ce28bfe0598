"""AWS for reconcile stories: the real adapters over real boto3 clients, answered from the fakes.

No request is sent. Each call stops where botocore would send it, its parameters validated by AWS's
own models; what it has to be allowed is written down, and a fake account answers.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from botocore.awsrequest import AWSResponse
from tests.contract.accesses import Access, Account
from tests.contract.answers import Answers, Refused
from tests.contract.iam_answers import IamAnswers
from tests.contract.private_ca_answers import PrivateCAAnswers
from tests.contract.roles_anywhere_answers import RolesAnywhereAnswers
from tests.fake_aws import FakeAws, FakeSessions
from tests.fakes import ACCOUNT, FakeClock
from tests.shared_session import session

from rolesanywhere.aws.iam import IamClient
from rolesanywhere.aws.private_ca import PrivateCAClient
from rolesanywhere.aws.roles_anywhere import RolesAnywhereClient

_Client: TypeAlias = Any  # boto3 ships no types
_PARAMETERS: Final = "rolesanywhere.test.parameters"  # in botocore's context of a request


class RecordedAws:
    """``reconcile.aws_ports.Aws``. ``accesses`` is what all calls so far had to be allowed."""

    def __init__(self, fakes: FakeAws, clock: FakeClock) -> None:
        """Answer from ``fakes``, with their clock."""
        self.accesses: list[Access] = []
        self.account_held = Account(fakes)
        self._fakes = fakes
        self._clock = clock
        self.iam_answers = IamAnswers(fakes.global_iam, self.account_held)
        self._iam = IamClient(
            self._client("iam", "us-east-1", self.iam_answers),
            shared_seconds=0,
            clock=self._seconds,
        )
        self._roles_anywhere: dict[str, RolesAnywhereClient] = {}
        self._private_ca: dict[str, PrivateCAClient] = {}

    def roles_anywhere(self, region: str) -> RolesAnywhereClient:
        """Roles Anywhere of a region."""
        if region not in self._roles_anywhere:
            answers = RolesAnywhereAnswers(self._fakes.roles_anywhere(region), self.account_held)
            client = self._client("rolesanywhere", region, answers)
            self._roles_anywhere[region] = RolesAnywhereClient(
                client, client, listing_seconds=0, clock=self._seconds
            )
        return self._roles_anywhere[region]

    def private_ca(self, region: str) -> PrivateCAClient:
        """Private CA of a region."""
        if region not in self._private_ca:
            answers = PrivateCAAnswers(self._fakes.private_ca(region))
            client = self._client("acm-pca", region, answers)
            self._private_ca[region] = PrivateCAClient(client)
        return self._private_ca[region]

    def iam(self) -> IamClient:
        """IAM."""
        return self._iam

    def sessions(self, region: str) -> FakeSessions:
        """CreateSession: certificates are its credentials, no policy of ours is asked."""
        return self._fakes.sessions(region)

    def account(self) -> str:
        """Give the account's id: GetCallerIdentity needs no right."""
        return ACCOUNT

    def _seconds(self) -> float:
        return self._clock.now().timestamp()

    def _client(self, service: str, region: str, answers: Answers) -> _Client:
        client = session().client(
            service,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

        def keep(params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
            context[_PARAMETERS] = params

        def respond(model: Any, context: dict[str, Any], **_: object) -> Any:  # noqa: ANN401 - botocore's
            given = context[_PARAMETERS]
            self.accesses += self.account_held.accesses(service, region, model.name, given)
            return _response(answers, model.name, given)

        client.meta.events.register("before-parameter-build", keep)
        client.meta.events.register("before-call", respond)
        return client


def distinct(accesses: list[Access]) -> Iterator[Access]:
    """Give each access once."""
    seen: list[Access] = []
    for each in accesses:
        if each not in seen:
            seen.append(each)
            yield each


def _response(answers: Answers, call: str, given: Mapping[str, Any]) -> tuple[AWSResponse, Any]:
    try:
        return AWSResponse("", 200, {}, None), answers.answer(call, given)
    except Refused as refused:
        error = {"Error": {"Code": refused.code, "Message": f"{call} is refused"}}
        return AWSResponse("", 400, {}, None), error
