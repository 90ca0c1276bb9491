"""A client of the portal, and the portal that fails on purpose: what their tests begin with."""

from __future__ import annotations

import json

import pytest
import trustme

from app.portal import PortalClient
from app.settings import Trust
from tests.peers.faulty_portal import PROBLEM, Answer, FaultyPortal


class Fixed:
    """A token source without a portal behind it."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens) or ["t"]
        self.refused: list[str | None] = []

    def bearer(self) -> str:
        return self.tokens[0]

    def rejected(self, token: str | None = None) -> None:
        self.refused.append(token)
        if len(self.tokens) > 1:
            self.tokens.pop(0)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return Trust(path)


@pytest.fixture
def portal(authority):
    with FaultyPortal(authority) as running:
        yield running


@pytest.fixture
def client(portal, trust):
    made = PortalClient(portal.url, trust=trust, tokens=Fixed())
    yield made
    made.close()


def problem(status: int, code: str, **members) -> Answer:
    body = {"status": status, "code": code, "title": "Title", **members}
    return Answer(status, json.dumps(body).encode(), PROBLEM)
