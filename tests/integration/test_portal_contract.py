"""The running portal holds what its own API document says, whatever is sent to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.sandbox.application import build_application
from app.sandbox.site import open_site
from tests.peers.portal import PortalProcess, PortalSession, portal

__all__ = ["portal"]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def session(portal: PortalProcess) -> Iterator[PortalSession]:
    with portal.session("Nadia") as signed_in:
        yield signed_in


def document() -> Any:
    """The API document; it depends on the routes alone, so any portal's data will do."""
    with TemporaryDirectory() as folder:
        site = open_site(Path(folder), url="https://portal.example")
        try:
            return schemathesis.openapi.from_dict(build_application(site).openapi())
        finally:
            site.database.close()


# The event stream does not end, uploads have tests of their own protocol, an account needs an SFTP side.
api = document().exclude(path_regex="/events$|/uploads").exclude(method="POST", path_regex="/sftp-account$")


@api.parametrize()
@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_an_answer_is_as_documented(case: Any, portal: PortalProcess, session: PortalSession) -> None:
    answer = case.call(base_url=portal.url, session=session, verify=str(portal.ca_file))
    case.validate_response(answer, checks=CHECKS)
