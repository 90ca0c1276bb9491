"""The agent as a whole with a catalogue that was damaged while it was off: it heals itself and sends once.

It takes minutes and runs in the lane of faults; each damage to the catalogue alone is a unit test.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.catalogue import set_aside
from tests.faults.test_agent_calls import Scene, credential
from tests.peers.damage import DAMAGES, HARMLESS
from tests.peers.portal import PortalProcess, portal

__all__ = ["credential", "portal"]

EVERY = {**DAMAGES, **HARMLESS}

pytestmark = pytest.mark.skipif(
    "CASEFERRY_KILLS" not in os.environ, reason="it takes minutes and runs in the lane of faults"
)


@pytest.mark.parametrize("damage", EVERY)
def test_an_agent_with_a_damaged_catalogue_starts_and_sends_only_what_is_new(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, damage: str
) -> None:
    scene = Scene(portal, credential, tmp_path / damage.replace(" ", "_"))
    with scene.agent() as agent:
        agent.wait_until_shipped(1)
    catalogue = scene.data / "catalogue.db"
    EVERY[damage](catalogue)
    scene.site.rotate_by_rename(500)
    with scene.agent() as agent:
        agent.wait_until_shipped(2)
    assert scene.arrived_lines() == sorted(scene.site.written)
    assert bool(set_aside(catalogue)) == (damage in DAMAGES)
