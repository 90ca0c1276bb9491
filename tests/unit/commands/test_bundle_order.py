"""Which bundles are sent, and which of them first."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.commands.bundle_sends import BundlesOrder, send_bundles
from app.commands.console import Screen
from app.commands.portal_options import PortalOptions
from app.domain.errors import InputError


def test_a_first_one_that_is_not_among_the_bundles_is_refused(tmp_path: Path) -> None:
    order = BundlesOrder([tmp_path / "a.zip"], first=[tmp_path / "b.zip"])
    with pytest.raises(InputError, match="not among the bundles"):
        send_bundles(PortalOptions(), order, Screen())
