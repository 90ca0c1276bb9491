"""A growing segment that a rule wants is kept, masked: when it is emptied its parts are sent."""

from __future__ import annotations

import gzip
import os
import stat
from pathlib import Path

import pytest

from agent.catalogue import has_copy
from agent.jobs import FileRow, FileState, Spool, Studies
from agent.jobs.masking import RESCUED, mask
from agent.keeping import LearnedSeal
from app.domain.errors import LocalError
from app.masking import KeyRing, PseudonymKey, residual_check
from app.masking import load_rules as rules
from tests.peers.masked_copies import text_of
from tests.peers.rotating_site import RotatingSite
from tests.peers.shipping_line import KEY, MASKING, ShippingLine, line, site

__all__ = ["line", "site"]

TOLD = b"10:15:02.118 ok\n\t'CustomerName'\t'Quorra Musterfrau'\n"
SAID = b"10:15:01.118 then Quorra Musterfrau called\n"


def parts(line: ShippingLine) -> list[Path]:
    folder = line.data / "spool" / "kept"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def append(site: RotatingSite, data: bytes) -> None:
    with site.path().open("ab") as stream:
        stream.write(data)


def rescued(line: ShippingLine) -> FileRow:
    (job,) = line.journal.jobs()
    (file,) = line.journal.files(job.id)
    assert file.mark is not None
    assert file.mark.kept
    return file


def masked(line: ShippingLine) -> FileRow:
    """What masking makes of what was rescued."""
    (job,) = line.journal.jobs()
    mask(
        job,
        journal=line.journal,
        spool=Spool(line.data / "spool"),
        engine=MASKING,
        check=residual_check(rules(), KEY),
        studies=Studies(MASKING, line.journal, learned=line.rescues.learned),
        still_wanted=lambda: True,
        last_try=True,
    )
    (file,) = line.journal.files(job.id)
    return file


def test_what_a_cut_destroyed_is_sent_from_its_parts_once(line: ShippingLine, site: RotatingSite) -> None:
    lines = site.write()
    line.look()
    lines += site.write(count=7)
    line.look()
    site.cut()
    line.settle()
    line.settle()
    assert line.lines() == lines


def test_parts_are_masked_and_for_the_agent_only(line: ShippingLine, site: RotatingSite) -> None:
    append(site, TOLD)
    line.look()
    (path,) = parts(line)
    assert b"Musterfrau" not in gzip.decompress(path.read_bytes())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_a_segment_told_is_nowhere_in_the_agents_state(line: ShippingLine, site: RotatingSite) -> None:
    append(site, TOLD)
    line.look()
    line.kill()
    state = b"".join(path.read_bytes() for path in line.data.rglob("kept*") if path.is_file())
    line.start()
    assert state
    assert b"Musterfrau" not in state


def test_half_a_line_is_kept_when_it_is_whole(line: ShippingLine, site: RotatingSite) -> None:
    append(site, b"10:15:02.118 Std 05060 w1")
    line.look()
    assert parts(line) == []
    append(site, b"r1 whole\n")
    line.look()
    site.cut()
    line.settle()
    assert line.lines() == ["10:15:02.118 Std 05060 w1r1 whole"]


def test_parts_are_dropped_when_the_segment_is_closed(line: ShippingLine, site: RotatingSite) -> None:
    lines = site.write()
    line.look()
    assert len(parts(line)) == 1
    site.shift()
    line.settle()
    assert (parts(line), line.lines()) == ([], lines)


def test_parts_are_dropped_when_a_segment_is_closed_that_has_not_changed_since_it_was_seen(
    line: ShippingLine, site: RotatingSite
) -> None:
    site.write()
    line.look()
    site.shift()
    line.look()
    assert len(parts(line)) == 1
    line.look(after=6.0)
    assert parts(line) == []


def test_parts_are_deleted_when_they_were_sent(line: ShippingLine, site: RotatingSite) -> None:
    site.write()
    line.look()
    site.cut()
    line.settle()
    line.look()
    assert (len(line.delivered), parts(line), line.ledger.numbers()) == (1, [], set())


def test_a_kill_in_the_middle_doubles_and_loses_nothing(line: ShippingLine, site: RotatingSite) -> None:
    lines = site.write()
    line.look()
    (path,) = parts(line)
    with path.open("ab") as stream:
        stream.write(b"a part that was not counted")
    site.restart()
    lines += site.write(count=3)
    line.look()
    site.restart(site.cut)
    line.settle()
    assert line.lines() == lines


def test_a_value_that_is_told_later_is_masked_in_what_was_kept_before(
    line: ShippingLine, site: RotatingSite
) -> None:
    append(site, SAID)
    line.look()
    assert b"Musterfrau" in gzip.decompress(parts(line)[0].read_bytes())
    append(site, TOLD)
    line.look()
    site.restart(site.cut)
    line.look(after=6.0)
    line.look(after=6.0)
    file = masked(line)
    copy = text_of(Spool(line.data / "spool"), file)
    assert (file.state, copy.count(b"\n")) == (FileState.MASKED, 3)
    assert b"Musterfrau" not in copy


def test_a_value_that_was_told_in_what_was_sent_before_is_masked_in_what_is_rescued(
    line: ShippingLine, site: RotatingSite
) -> None:
    append(site, TOLD)
    line.look()
    site.shift()
    line.settle()
    line.settle()
    with site.path("a.log.1").open("ab") as stream:
        stream.write(SAID)
    line.look()
    (kept,) = [text for path in parts(line) if b" then " in (text := gzip.decompress(path.read_bytes()))]
    assert b"CustomerName" not in kept
    assert b"Musterfrau" not in kept


def test_the_report_says_that_it_was_rescued_and_what_is_there(
    line: ShippingLine, site: RotatingSite
) -> None:
    append(site, TOLD)
    line.look()
    site.cut()
    line.look(after=6.0)
    line.look(after=6.0)
    file = masked(line)
    assert file.report is not None
    (left,) = file.report.left_out
    assert (left.code, f"Bytes 0 to {len(TOLD)} are here." in left.reason) == (RESCUED, True)


def test_values_past_the_bound_of_what_is_remembered_are_told_in_the_report(
    line: ShippingLine, site: RotatingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.keeping.parts._MOST_TOLD", 1)
    for person in (b"Quorra Musterfrau", b"Hans Beispiel", b"Ute Probe"):
        append(site, TOLD.replace(b"Quorra Musterfrau", person))
        line.look()
    site.restart(site.cut)
    line.look(after=6.0)
    line.look(after=6.0)
    report = masked(line).report
    assert report is not None
    assert (report.not_learned, "2 values are past the bound" in report.left_out[0].reason) == (2, True)


def test_what_was_told_under_another_key_puts_the_parts_in_quarantine(
    line: ShippingLine, site: RotatingSite
) -> None:
    append(site, TOLD)
    line.look()
    site.cut()
    line.look(after=6.0)
    line.look(after=6.0)
    line.parts.__init__(  # type: ignore[misc]  # an agent that lost its key
        line.data / "spool" / "kept",
        engine=MASKING,
        seal=LearnedSeal(KeyRing(PseudonymKey(b"o" * 32))),
        room=line.room,
    )
    file = masked(line)
    assert (file.state, "CF-1915" in file.reason) == (FileState.QUARANTINED, True)


def full(_needed: int) -> None:
    raise LocalError("The spool is full", happened="9 MB of 9 MB are used.", todo="", code="CF-1877")


def test_what_does_not_fit_into_the_spool_is_told_when_it_is_destroyed(
    line: ShippingLine, site: RotatingSite
) -> None:
    kept = site.write()
    line.look()
    size = site.path().stat().st_size
    line.room = full  # type: ignore[method-assign]
    site.write(count=3)
    seen = site.path().stat().st_size
    line.look()
    site.cut()
    line.settle()
    assert line.lines() == kept
    (told,) = [each for each in line.ruling.shown().rules[0].not_sent if each.reason == "destroyed"]
    assert (told.name, told.size) == ("a.log", seen - size)
    assert "9 MB of 9 MB are used." in told.text
    assert rescued(line).mark.rescued.endswith(f"Bytes {size} to {seen} are lost.")  # type: ignore[union-attr]


def test_what_did_not_fit_is_kept_when_there_is_room_again(line: ShippingLine, site: RotatingSite) -> None:
    lines = site.write()
    room, line.room = line.room, full  # type: ignore[method-assign]
    line.look()
    line.room = room  # type: ignore[method-assign]
    line.look()
    site.cut()
    line.settle()
    assert (line.lines(), line.ledger.losses()) == (lines, [])


@pytest.mark.parametrize("more", [0, 4])
def test_a_destroyed_segment_that_comes_back_under_another_name_is_not_sent_twice(
    line: ShippingLine, site: RotatingSite, more: int
) -> None:
    lines = site.write()
    line.look()
    backup = site.path().read_bytes()
    site.cut()
    line.settle()
    site.path("a.log.1").write_bytes(backup)
    lines += site.write("a.log.1", count=more)
    line.settle()
    assert line.lines() == lines


def test_a_range_that_was_sent_before_is_not_in_what_is_rescued(
    line: ShippingLine, site: RotatingSite
) -> None:
    lines = site.write()
    line.look()
    site.shift()
    line.settle()
    lines += site.write("a.log.1", count=5)
    line.look()
    site.cut("a.log.1")
    line.settle()
    assert line.lines() == lines


def test_wide_text_is_kept_as_one_text(line: ShippingLine, site: RotatingSite) -> None:
    for mark, row in (("\ufeff", 1), ("", 2)):
        append(site, f"{mark}10:15:02.118 Std 05060 w1r{row} größe €\r\n".encode("utf-16-le"))
        line.look()
    site.cut()
    line.settle()
    assert line.lines() == [f"10:15:02.118 Std 05060 w1r{row} größe €" for row in (1, 2)]


def test_nothing_is_kept_any_more_when_it_is_switched_off(line: ShippingLine, site: RotatingSite) -> None:
    site.write()
    line.look()
    line.keeper.let_go()
    assert parts(line) == []


def test_an_older_log_that_began_alike_and_is_gone_is_no_copy_of_what_is_kept(
    line: ShippingLine, site: RotatingSite
) -> None:
    head = 200 * SAID
    append(site, head + b"10:15:03.118 the older one, which went on for longer\n")
    os.utime(site.path(), (1_000_000, 1_000_000))
    line.look()
    site.shift()
    line.settle()
    site.path("a.log.1").unlink()
    line.settle()
    append(site, head + b"10:15:03.118 the other\n")
    line.look()
    (row,) = line.ledger.open_of(line.ledger.all_open()).values()

    def copied(modified_ns: int) -> bool:
        return has_copy(
            line.catalogue.database,
            folder=line.folder,
            application=row.application,
            segment=-row.id,
            inode=0,
            modified_ns=modified_ns,
            known=row.print,
        )

    site.cut()
    line.look()
    assert (copied(row.modified_ns), copied(1_000_000 * 10**9)) == (False, True)
