"""The services of one account put together behind one application."""

from datetime import UTC, datetime
from functools import partial
from typing import Final

from rolesanywhere.emulator.account import Account
from rolesanywhere.emulator.authentication.gate import Authentication
from rolesanywhere.emulator.authentication.principal import AllKeys
from rolesanywhere.emulator.authorization.judge import Judge
from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.dispatch import application
from rolesanywhere.emulator.dispatch.application import Application
from rolesanywhere.emulator.dispatch.guard import Guard
from rolesanywhere.emulator.dispatch.moto_way import MotoWay
from rolesanywhere.emulator.dispatch.private_ca_way import PrivateCAWay
from rolesanywhere.emulator.dispatch.roles_anywhere_way import RolesAnywhereWay
from rolesanywhere.emulator.dispatch.security_token_way import SecurityTokenWay
from rolesanywhere.emulator.dispatch.session_way import SessionWay
from rolesanywhere.emulator.moto_side.application import MotoApplication
from rolesanywhere.emulator.roles_anywhere.service import RolesAnywhere
from rolesanywhere.emulator.security_token.assume_role import RoleAssumption
from rolesanywhere.emulator.security_token.service import SecurityToken
from rolesanywhere.emulator.sessions.creation import Sessions

_machine_now: Final = partial(datetime.now, UTC)


def wire(account: Account, region: str) -> Application:
    """Give what answers an account's requests; ``region`` is for those that name none."""
    home = Caller(account.identifier, region, None, account.partition)
    authentication = Authentication(
        AllKeys(account.tokens, account.policies), account.clock, _machine_now
    )
    guard = Guard(authentication, Judge(account.policies), account.clock, account.partition)
    ways: dict[str, application.Way] = {
        application.ROLES_ANYWHERE: RolesAnywhereWay(guard, _roles_anywhere(account)),
        application.PRIVATE_CA: PrivateCAWay(guard, account.private_ca),
        application.SESSIONS: SessionWay(_sessions(account), home),
        application.STS: SecurityTokenWay(guard, _security_token(account), account.policies),
        application.OTHERS: MotoWay(
            guard,
            MotoApplication(account.moto),
            account.policies,
            home,
        ),
    }
    return Application(ways, account.journal, account.faults, account.clock)


def _roles_anywhere(account: Account) -> RolesAnywhere:
    return RolesAnywhere(
        account.store,
        account.clock,
        account.quotas,
        account.private_ca.active_authority,
        account.policies,
    )


def _security_token(account: Account) -> SecurityToken:
    assumption = RoleAssumption(
        account.policies, account.tokens, account.identifier, account.partition
    )
    return SecurityToken(assumption, account.clock)


def _sessions(account: Account) -> Sessions:
    return Sessions(
        account.store,
        account.policies,
        account.tokens,
        account.quotas,
        account.clock,
        _machine_now,
    )
