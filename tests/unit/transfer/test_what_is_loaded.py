"""What a start has to load: libraries come with the first use of what needs them."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "spared"),
    [
        ("agent.service.running", {"paramiko", "keyring"}),
        (
            "agent.service.starting, agent.service.process, agent.service.serving",
            {"cyclopts", "rich", "attr", "tomlkit", "paramiko", "keyring", "fastapi", "pydantic"},
        ),
        ("app.transfer", {"paramiko"}),
        ("app.portal.contract", {"requests", "keyring", "msgspec"}),
    ],
)
def test_a_module_does_not_load_what_it_may_never_need(module: str, spared: set[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert spared.isdisjoint(answer.stdout.split())


@pytest.mark.parametrize("room", ["app.transfer", "app.portal"])
def test_every_name_of_a_face_is_there(room: str) -> None:
    named = "getattr(getattr(room, n), '__name__', n)"
    code = f"import {room} as room; print(*[n for n in room.__all__ if {named} != n])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() in ([], ["Clock"])
