"""Rotation: what is shipped of a site that rotates, cuts, packs and deletes its logs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.peers.rotating_site import RotatingSite
from tests.peers.rotation_rows import ROWS
from tests.peers.shipping_line import ShippingLine, line

__all__ = ["line"]

HALVES = {"copytruncate_seen_half_way"}
"""The copy stands still in the middle of a line for longer than the quiet time: that line is sent again,
whole, with the range behind it (docs/agent.md)."""


def shipped(line: ShippingLine, row: Callable[[RotatingSite], None]) -> RotatingSite:
    site = RotatingSite(line.folder, pause=line.settle, kill=line.kill, start=line.start)
    row(site)
    site.end()
    return site


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_line_is_shipped_once_whatever_the_rotation_does(line: ShippingLine, name: str) -> None:
    site = shipped(line, ROWS[name])
    lost, twice, strange = site.verdict(line.lines())
    assert twice == []
    assert all(name in HALVES and any(line.startswith(half) for line in site.must) for half in strange)
    assert lost == []
    assert line.delivered


def test_rotations_between_listing_and_opening_lose_nothing_and_double_nothing(line: ShippingLine) -> None:
    site = RotatingSite(line.folder, pause=line.settle, kill=line.kill, start=line.start)
    for _ in range(3):
        site.write(count=100)

        def rotate() -> None:
            site.shift()
            site.write(count=3)

        line.look(between=rotate)
        site.pause()
        site.restart()
        line.look(after=6.0, between=rotate)
    site.end()
    assert site.verdict(line.lines()) == ([], [], [])


@pytest.mark.real_peer
@pytest.mark.skipif(
    shutil.which("logrotate") is None,
    reason="NOT PROVEN HERE: logrotate is missing (apt: logrotate)",
)
@pytest.mark.parametrize(
    "words",
    [
        "create",
        "nocreate\nmissingok",
        "copytruncate",
        "copytruncate\ncompress",
        "create\ncompress",
        "create\ncompress\ndelaycompress",
        "create\nextension .log",
        "create\nstart 0",
    ],
    ids=lambda words: words.replace("\n", "-"),
)
def test_what_logrotate_itself_rotates_is_shipped_once(
    line: ShippingLine, tmp_path: Path, words: str
) -> None:
    site = RotatingSite(line.folder, pause=line.settle, kill=line.kill, start=line.start)
    conf = tmp_path / "logrotate.conf"
    conf.write_text(f"{line.folder}/*.log {{\nrotate 20\n{words}\n}}\n", encoding="utf-8")
    conf.chmod(0o600)

    def rotate(count: int) -> None:
        site.write(count=count)
        done = subprocess.run(
            ["logrotate", "--force", "--state", str(tmp_path / f"state{count}"), str(conf)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    for count in (20, 30):
        rotate(count)
        site.pause()
    site.restart(lambda: rotate(40))
    site.pause()
    site.write(count=5)
    site.end()
    assert site.verdict(line.lines()) == ([], [], [])
