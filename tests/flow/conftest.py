"""Fixtures of the flow tests."""

from tests.flow.agent_fixtures import aws, secret, start
from tests.flow.emulated_aws import emulator, emulator_server

__all__ = ["aws", "emulator", "emulator_server", "secret", "start"]
