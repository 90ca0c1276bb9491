"""A portal without a server: its store in a folder, its clock in the test's hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.sandbox.demo import load_demo
from app.sandbox.site import Site, open_site


class Clock:
    """A time that only the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 14, 15, 20, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **period: float) -> None:
        self.now += timedelta(**period)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(tmp_path: Path, clock: Clock) -> Iterator[Site]:
    """An empty portal."""
    opened = open_site(tmp_path / "data", url="https://portal.example", clock=clock)
    yield opened
    opened.database.close()


@pytest.fixture
def demo_site(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A portal with the demo's people and cases; passwords are hashed cheaply."""
    monkeypatch.setattr("app.sandbox.passwords._N", 2)
    load_demo(site)
    return site
