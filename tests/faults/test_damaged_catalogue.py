"""The agent as a whole with state that was damaged while it was off: it heals itself and sends once.

It takes minutes and runs in the lane of faults; each damage alone is a unit test.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.service.mending import LOST_WITH
from app.agentlink import JobState
from app.storage import set_aside_before
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
    assert bool(set_aside_before(catalogue)) == (damage in DAMAGES)


@pytest.mark.parametrize("name", [name for name in LOST_WITH if name not in ("journal.db", "requests.db")])
def test_an_agent_with_damaged_state_starts_and_sends_only_what_is_new(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, name: str
) -> None:
    scene = Scene(portal, credential, tmp_path / name.replace(".", "_"))
    with scene.agent() as agent:
        agent.wait_until_shipped(1)
    DAMAGES["header"](scene.data / name)
    scene.site.rotate_by_rename(500)
    with scene.agent() as agent:
        agent.wait_until_shipped(2)
    assert scene.arrived_lines() == sorted(scene.site.written)
    assert set_aside_before(scene.data / name)


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_agent_without_its_journal_sends_what_is_new_and_asks_about_what_was_before(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, damage: str
) -> None:
    scene = Scene(portal, credential, tmp_path / f"j_{damage.replace(' ', '_')}")
    with scene.agent() as agent:
        agent.wait_until_shipped(1)
    before = scene.arrived_lines()
    DAMAGES[damage](scene.data / "journal.db")
    with scene.agent() as agent:
        agent.wait_for_states(JobState.FAILED)
        scene.site.rotate_by_rename(500)
        agent.wait_until_shipped(1)
    assert scene.arrived_lines() == sorted(scene.site.written)
    assert len(scene.arrived_lines()) == len(before) + 500
