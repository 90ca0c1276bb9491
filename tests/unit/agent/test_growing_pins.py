"""A growing segment that a rule wants is pinned: what goes before it is closed is sent from its pin."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers.rotating_site import RotatingSite
from tests.peers.shipping_line import QUIET, ShippingLine, line, site

__all__ = ["line", "site"]


def pins(line: ShippingLine) -> list[Path]:
    folder = line.data / "evidence" / "growing"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def test_a_growing_segment_is_pinned_by_a_link_as_soon_as_it_is_seen(
    line: ShippingLine, site: RotatingSite
) -> None:
    site.write()
    line.look()
    assert [pin.stat().st_ino for pin in pins(line)] == [site.path().stat().st_ino]


def test_lines_behind_the_last_look_are_sent_from_the_pin_of_a_deleted_segment(
    line: ShippingLine, site: RotatingSite
) -> None:
    site.write()
    line.look()
    late = site.write(count=5)
    site.delete("a.log", kept=True)
    line.settle()
    assert set(late) <= set(line.lines())


def test_what_is_written_into_a_segment_after_it_was_closed_from_its_pin_is_sent_too(
    line: ShippingLine, site: RotatingSite
) -> None:
    site.write()
    line.look()
    away = line.data / "moved away"
    site.path().rename(away)
    line.look(after=6.0)
    line.look(after=6.0)
    with away.open("a") as stream:
        stream.write("10:15:02.118 Std 05060 w9r9 late\n")
    line.settle()
    assert sorted(set(line.lines())) == sorted(line.lines())
    assert "10:15:02.118 Std 05060 w9r9 late" in line.lines()


def test_a_pin_is_let_go_when_its_segment_was_sent(line: ShippingLine, site: RotatingSite) -> None:
    site.write()
    line.look()
    site.shift()
    line.settle()
    line.settle()
    assert (len(line.delivered), pins(line)) == (1, [])


def test_a_kill_before_the_pin_is_closed_loses_nothing(line: ShippingLine, site: RotatingSite) -> None:
    site.write()
    line.look()
    site.restart(lambda: site.delete("a.log", kept=True))
    line.settle()
    assert len(line.lines()) == 50


def test_links_that_no_pin_knows_are_deleted(line: ShippingLine, site: RotatingSite) -> None:
    site.write()
    line.look()
    stray = line.data / "evidence" / "growing" / "999-b.log"
    stray.write_bytes(b"of a kill")
    site.restart()
    line.look()
    assert not stray.exists()


def test_a_pin_that_cannot_be_deleted_keeps_no_other_and_goes_when_it_can(
    line: ShippingLine, site: RotatingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write()
    line.look()
    (stuck,) = pins(line)
    site.shift()
    really = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path == stuck:
            raise PermissionError(13, "The process cannot access the file")
        really(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    line.settle()
    more = site.write()
    line.look()
    assert (stuck in pins(line), len(pins(line))) == (True, 2)
    monkeypatch.undo()
    site.shift()
    site.restart()
    line.settle()
    line.settle()
    assert (set(more) <= set(line.lines()), pins(line)) == (True, [])


def test_a_segment_that_is_moved_away_while_the_agent_is_down_is_sent_once(
    line: ShippingLine, site: RotatingSite
) -> None:
    site.write()
    line.look()
    site.write(count=5)

    def moved_away() -> None:
        away = line.data / "moved away"
        site.path().rename(away)
        away.unlink()
        site.write()

    site.restart(moved_away)
    line.keeper.keep()  # a round that comes before the first look
    line.look(after=0.1)
    line.look(after=QUIET + 1.0)
    line.settle()
    site.shift()
    line.settle()
    assert (len(line.lines()), len(set(line.lines()))) == (105, 105)


def test_what_is_kept_of_a_segment_that_is_sent_from_its_pin_is_not_sent_as_well(
    line: ShippingLine, site: RotatingSite
) -> None:
    site.write()
    line.look()
    line.ledger.detach(line.ledger.open_of(line.ledger.all_open()).values())  # as after a power cut
    site.write(count=5)

    def moved_away() -> None:
        away = line.data / "moved away"
        site.path().rename(away)
        away.unlink()

    site.restart(moved_away)
    line.look(after=0.1)
    line.look(after=QUIET + 1.0)
    line.settle()
    assert (len(line.lines()), len(set(line.lines()))) == (55, 55)
