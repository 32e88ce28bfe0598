"""Fixtures of the flow tests."""

from tests.flow.emulated_aws import emulator, emulator_server

__all__ = ["emulator", "emulator_server"]
