"""The audit trail: every record once, durable, in a chain in which no change stays unseen."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.audit import AuditEvent, AuditTrail, Head, check_lines, check_trail, trail_records
from agent.audit.record import FIRST_PREVIOUS, EventKind, compose, digest_of
from app.domain.errors import LocalError
from tests.conftest import ExpectedLogs

KEY = bytes(range(32))
OpenTrail = Callable[..., AuditTrail]
AT = datetime(2026, 6, 14, 15, 20, tzinfo=UTC)


def event(number: int, **facts: str) -> AuditEvent:
    return AuditEvent(f"e/{number}", EventKind.SENT, "rule sip", case="0003256109", facts={**facts})


@pytest.fixture
def open_trail(tmp_path: Path) -> Iterator[OpenTrail]:
    opened: list[AuditTrail] = []

    def make(**options: int) -> AuditTrail:
        opened.append(AuditTrail(tmp_path, KEY, wall=lambda: AT, **options))
        return opened[-1]

    yield make
    for trail in opened:
        trail.close()


def files(folder: Path) -> list[Path]:
    return sorted((folder / "audit").glob("*.jsonl"))


def said(folder: Path) -> list[str]:
    return [broken.what for broken in check_trail(folder, key=KEY).breaks]


def test_an_event_that_is_told_twice_is_recorded_once(open_trail: OpenTrail, tmp_path: Path) -> None:
    trail = open_trail()
    assert (trail.append(event(1)), trail.append(event(1)), trail.append(event(2))) == (True, False, True)
    assert [record.id for record in trail_records(tmp_path / "audit")] == ["e/1", "e/2"]


def test_a_whole_trail_is_proven_with_its_files(open_trail: OpenTrail, tmp_path: Path) -> None:
    trail = open_trail(most_bytes=1000)
    for number in range(8):
        trail.append(event(number))
    found = check_trail(tmp_path, key=KEY)
    assert (found.breaks, found.records, found.first, found.last) == ((), 8, 1, 8)
    assert found.files == len(files(tmp_path)) > 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows guards files by lists, not by modes")
def test_only_its_owner_can_read_it(open_trail: OpenTrail, tmp_path: Path) -> None:
    open_trail().append(event(1))
    assert stat.S_IMODE(files(tmp_path)[0].stat().st_mode) == 0o600


def test_a_chain_goes_on_after_a_restart(open_trail: OpenTrail, tmp_path: Path) -> None:
    open_trail().append(event(1))
    open_trail().append(event(2))
    assert (said(tmp_path), check_trail(tmp_path, key=KEY).last) == ([], 2)


def test_a_line_that_a_crash_tore_is_written_once_and_its_piece_is_kept(
    open_trail: OpenTrail, tmp_path: Path, expected_logs: ExpectedLogs
) -> None:
    expected_logs("agent.audit")
    trail = open_trail()
    trail.append(event(1))
    trail.append(event(2))
    whole = files(tmp_path)[0].read_bytes()
    files(tmp_path)[0].write_bytes(whole[:-40])
    assert said(tmp_path)[0].endswith("no whole line: it was torn by a crash.")
    again = open_trail()
    assert not again.append(event(2))
    assert files(tmp_path)[0].read_bytes().startswith(whole)
    torn = next((tmp_path / "audit").glob("torn-*"))
    assert whole[:-40].endswith(torn.read_bytes())
    assert (said(tmp_path), check_trail(tmp_path, key=KEY).last) == ([], 3)


def test_a_record_that_a_crash_kept_from_its_file_is_written_after_it(
    open_trail: OpenTrail, tmp_path: Path
) -> None:
    trail = open_trail()
    trail.append(event(1))
    before = files(tmp_path)[0].read_bytes()
    trail.append(event(2))
    files(tmp_path)[0].write_bytes(before)
    open_trail().append(event(3))
    assert [record.id for record in trail_records(tmp_path / "audit")] == ["e/1", "e/2", "e/3"]
    assert said(tmp_path) == []


def test_a_cut_tail_is_noticed_also_after_the_agent_went_on(
    open_trail: OpenTrail, tmp_path: Path, expected_logs: ExpectedLogs
) -> None:
    expected_logs("agent.audit")
    trail = open_trail()
    for number in range(5):
        trail.append(event(number))
    lines = files(tmp_path)[0].read_bytes().splitlines(keepends=True)
    files(tmp_path)[0].write_bytes(b"".join(lines[:2]))
    assert said(tmp_path) == ["records 3 to 5 are missing at the end."]
    open_trail().append(event(9))
    found = check_trail(tmp_path, key=KEY)
    assert [(broken.line, broken.what) for broken in found.breaks] == [
        (3, "records 3 to 5 are missing before this line.")
    ]


def test_a_lost_index_is_said_and_nothing_is_recorded_twice(
    open_trail: OpenTrail, tmp_path: Path, expected_logs: ExpectedLogs
) -> None:
    expected_logs("agent.audit")
    open_trail().append(event(1))
    for path in tmp_path.glob("audit.db*"):
        path.unlink()
    assert said(tmp_path) == ["which record is the last one is not known: audit.db is missing or damaged."]
    again = open_trail()
    assert not again.append(event(1))
    assert [record.kind for record in trail_records(tmp_path / "audit")] == ["sent", "trail"]
    assert said(tmp_path) == []


def test_a_head_that_was_turned_back_is_noticed(open_trail: OpenTrail, tmp_path: Path) -> None:
    trail = open_trail()
    trail.append(event(1))
    trail.append(event(2))
    with trail.index._database.transaction() as connection:
        connection.execute("UPDATE head SET seq = 1")
    assert said(tmp_path) == ["what audit.db tells of the last record was changed."]


def test_a_missing_first_file_is_a_break_but_not_for_who_asks_from_later_on(
    open_trail: OpenTrail, tmp_path: Path
) -> None:
    trail = open_trail(most_bytes=600)
    for number in range(6):
        trail.append(event(number))
    names = files(tmp_path)
    later = int(names[1].stem)
    names[0].unlink()
    assert said(tmp_path)[0].startswith("record")
    assert check_trail(tmp_path, key=KEY, start=later).breaks == ()


def test_a_disk_that_refuses_is_said_and_the_record_follows(
    open_trail: OpenTrail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = open_trail()
    trail.append(event(1))

    def refuse(*_arguments: object, **_more: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("agent.audit.trail.os.fsync", refuse)
        with pytest.raises(LocalError, match="CF-1880"):
            trail.append(event(2))
    trail.append(event(3))
    assert [record.id for record in trail_records(tmp_path / "audit")] == ["e/1", "e/2", "e/3"]
    assert said(tmp_path) == []


def test_without_the_key_the_chain_of_digests_is_followed(open_trail: OpenTrail, tmp_path: Path) -> None:
    trail = open_trail()
    for number in range(3):
        trail.append(event(number))
    assert check_trail(tmp_path, key=None).breaks == ()
    path = files(tmp_path)[0]
    path.write_bytes(path.read_bytes().replace(b"e/1", b"e/7"))
    assert [broken.line for broken in check_trail(tmp_path, key=None).breaks] == [3]


def chain(count: int, *, key: bytes = KEY) -> list[bytes]:
    lines: list[bytes] = []
    for seq in range(1, count + 1):
        prev = digest_of(lines[-1]) if lines else FIRST_PREVIOUS
        lines.append(compose(event(seq), seq=seq, at=AT, prev=prev, key=key))
    return lines


LINES = chain(9)
HEAD = Head(9, digest_of(LINES[-1]))
PLACES = st.integers(0, 8)


def in_files(lines: list[bytes], *, cut: int) -> list[tuple[str, list[bytes]]]:
    """The same lines in two files, as rotation leaves them."""
    files = [("000000000001.jsonl", lines[:cut]), (f"{cut + 1:012d}.jsonl", lines[cut:])]
    return [file for file in files if file[1]]


def broken_at(lines: list[bytes], *, cut: int = 9, key: bytes | None = KEY) -> list[tuple[str, int]]:
    report = check_lines(in_files(lines, cut=cut), key=key, head=HEAD)
    return [(each.file, each.line) for each in report.breaks]


def place(index: int, *, cut: int) -> tuple[str, int]:
    return ("000000000001.jsonl", index + 1) if index < cut else (f"{cut + 1:012d}.jsonl", index - cut + 1)


@settings(deadline=None)
@given(PLACES)
def test_an_untouched_chain_has_no_break_wherever_its_files_begin(cut: int) -> None:
    assert broken_at(LINES, cut=cut) == []


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_changed_byte_is_found_at_its_line(data: st.DataObject) -> None:
    index, cut = data.draw(PLACES), data.draw(st.integers(1, 8))
    line = bytearray(LINES[index])
    at = data.draw(st.integers(0, len(line) - 2))
    line[at] ^= data.draw(st.integers(1, 255))
    if 10 in line[:-1]:
        return  # it would be two lines
    changed = [*LINES[:index], bytes(line), *LINES[index + 1 :]]
    assert broken_at(changed, cut=cut)[0] == place(index, cut=cut)


@settings(deadline=None)
@given(PLACES)
def test_any_removed_record_is_found_where_it_stood(index: int) -> None:
    found = broken_at([*LINES[:index], *LINES[index + 1 :]])
    assert found[0][1] == min(index + 1, 8)


@settings(deadline=None)
@given(PLACES, PLACES)
def test_any_swapped_records_are_found_at_the_first_of_them(one: int, other: int) -> None:
    if one == other:
        return
    lines = list(LINES)
    lines[one], lines[other] = lines[other], lines[one]
    assert broken_at(lines)[0][1] == min(one, other) + 1


@settings(deadline=None)
@given(PLACES, PLACES)
def test_a_record_that_is_put_in_again_is_found(source: int, target: int) -> None:
    assert broken_at([*LINES[: target + 1], LINES[source], *LINES[target + 1 :]])


@settings(deadline=None)
@given(PLACES)
def test_a_record_of_another_key_is_found_at_its_line(index: int) -> None:
    other = chain(9, key=bytes(32))
    assert broken_at([*LINES[:index], other[index], *LINES[index + 1 :]])[0][1] == index + 1


@settings(deadline=None)
@given(PLACES)
def test_a_chain_that_was_written_anew_without_the_key_is_found(index: int) -> None:
    lines = list(LINES[:index])
    for seq in range(index + 1, 10):
        prev = digest_of(lines[-1]) if lines else FIRST_PREVIOUS
        lines.append(compose(event(seq, more="x"), seq=seq, at=AT, prev=prev, key=bytes(32)))
    assert broken_at(lines)[0][1] == index + 1


class Killed(BaseException):
    """As kill -9."""


KILLS = ["before its note", "after its note", "in its line", "before its line is durable"]


@pytest.mark.parametrize("moment", KILLS)
def test_a_kill_at_any_moment_leaves_a_whole_trail_with_every_event_once(
    open_trail: OpenTrail,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expected_logs: ExpectedLogs,
    moment: str,
) -> None:
    expected_logs("agent.audit")
    trail = open_trail()
    trail.append(event(1))

    def kill(*_arguments: object, **_more: object) -> None:
        raise Killed

    def kill_in_the_line(dying: AuditTrail, line: bytes, *, seq: int) -> None:
        with files(tmp_path)[-1].open("ab") as stream:
            stream.write(line[: len(line) // 2])
        raise Killed

    with monkeypatch.context() as dying:
        if moment == "before its note":
            dying.setattr(trail.index, "note", kill)
        elif moment == "after its note":
            dying.setattr(AuditTrail, "_put", kill)
        elif moment == "in its line":
            dying.setattr(AuditTrail, "_put", kill_in_the_line)
        else:
            dying.setattr("agent.audit.trail.os.fsync", kill)
        with pytest.raises(Killed):
            trail.append(event(2))
    again = open_trail()
    again.append(event(2))
    again.append(event(3))
    recorded = [record.id for record in trail_records(tmp_path / "audit") if record.kind != "trail"]
    assert recorded == ["e/1", "e/2", "e/3"]
    assert said(tmp_path) == []
