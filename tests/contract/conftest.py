"""Fixtures of the contract tests: what the operator does in AWS, told once."""

from collections.abc import Mapping

import pytest
from tests.contract.accesses import Access
from tests.contract.recorded_aws import distinct
from tests.contract.rights_stories import STORIES


@pytest.fixture(scope="session")
def recorded() -> Mapping[str, list[Access]]:
    """Tell all stories; gives what each had to be allowed."""
    return {name: list(distinct(tell().aws.accesses)) for name, tell in STORIES.items()}


@pytest.fixture(scope="session")
def accesses(recorded: Mapping[str, list[Access]]) -> list[Access]:
    """Give what all stories together had to be allowed."""
    return list(distinct([each for story in recorded.values() for each in story]))
