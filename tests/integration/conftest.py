"""One portal, and one person who has signed in to it, for all tests of the command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.commands import fresh, sign_in
from tests.peers.portal import PortalProcess


@pytest.fixture(scope="session")
def people_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    """The real portal with demo data and SFTP."""
    with PortalProcess(tmp_path_factory.mktemp("people") / "data", sftp=True) as running:
        yield running


@pytest.fixture(scope="session")
def people_home(people_portal: PortalProcess, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a person who has signed in once, in the browser."""
    environment = fresh(tmp_path_factory.mktemp("home"), people_portal)
    sign_in(people_portal, environment)
    return environment
