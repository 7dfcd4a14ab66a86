"""The network and its people, made once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .network import INSTALL, Network, missing, running_network
from .people import People, settle_down


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if any(Path(__file__).parent in item.path.parents for item in items) and (parts := missing()):
        pytest.exit(f"the Bluesky network is not installed: {', '.join(parts)}. Install it with: {INSTALL}", returncode=1)


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    with running_network() as running:
        yield running


@pytest.fixture(scope="session")
def people(network: Network) -> Iterator[People]:
    made = settle_down(network)
    yield made
    for client in made.clients.values():
        client.request.close()
