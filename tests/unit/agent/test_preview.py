"""The review's windows, and the bytes that masking takes."""

from __future__ import annotations

import hashlib
import stat
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.catalogue import Segment, SegmentState
from agent.jobs import FileRow, FileState, JobJournal, JobRow, Previews, Spool, Studies
from agent.jobs.collected import SourceMoved, open_collected
from agent.jobs.collecting import collect
from agent.jobs.masking import mask
from agent.watch import take_fingerprint
from app.agentlink import JobState, PreviewAsk, PreviewLine, Via
from app.deflate import choose_deflate
from app.masking import (
    Engine,
    MaskedLine,
    PseudonymKey,
    load_rules,
    mask_file,
    reference_engine,
    residual_check,
)

RULES, KEY = load_rules(), PseudonymKey(bytes(range(32)))
ENGINE = reference_engine(RULES, KEY)
LINE = "10:15:01.118 AttributeANI '+49309018207{n:02d}' end"


class Counting:
    """The engine, and how often it read a file for showing."""

    def __init__(self) -> None:
        self.shown = 0

    def __getattr__(self, name: str) -> object:
        self.shown += name == "preview"
        return getattr(ENGINE, name)


def masked(folder: Path, content: bytes) -> FileRow:
    """A file that was collected and masked."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "sip.log"
    source.write_bytes(content)
    made = mask_file(
        ENGINE,
        source,
        target=Spool(folder / "spool").masked("j", 1),
        name="sip.log",
        deflate=choose_deflate(),
    )
    return FileRow(
        job="j",
        number=1,
        name="sip.log",
        path=source,
        state=FileState.MASKED,
        raw_size=len(content),
        raw_sha256=hashlib.sha256(content).hexdigest(),
        report=made.report,
    )


def previews(folder: Path, engine: Engine = ENGINE) -> Previews:
    return Previews(Spool(folder / "spool"), engine)


def plain(line: MaskedLine | PreviewLine) -> tuple[object, ...]:
    hits = line.replacements if isinstance(line, MaskedLine) else line.hits
    shown = [(h.kind, h.rule, h.before, h.after, h.before_column, h.after_column) for h in hits]
    return (line.number, line.before, line.after, shown)


def ask(first: int = 1, limit: int = 500, *, changed: bool = False) -> PreviewAsk:
    return PreviewAsk(job="j", name="sip.log", first=first, limit=limit, changed_only=changed)


TEXTS = st.lists(
    st.sampled_from([LINE, "nothing", "", "Grüße {n}", "\N{EM DASH} tel +4930901820777"]), max_size=200
)


@settings(max_examples=25, deadline=None)
@given(
    rows=TEXTS,
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    first=st.integers(1, 210),
    changed=st.booleans(),
)
def test_a_window_is_what_the_engine_shows(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[str],
    end: str,
    last: bool,
    encoding: str,
    first: int,
    changed: bool,
) -> None:
    folder = tmp_path_factory.mktemp("preview")
    text = end.join(row.format(n=n % 100) for n, row in enumerate(rows)) + (end if last else "")
    file = masked(folder, text.encode(encoding))
    with file.path.open("rb") as stream:
        every = [line for line in ENGINE.preview(stream) if line.number >= first]
    wanted = [plain(line) for line in every if line.replacements or not changed][:70]
    found = previews(folder).lines(file, ask(first, 70, changed=changed))
    assert [plain(line) for line in found] == wanted


def test_bytes_that_are_not_valid_are_shown_as_the_engine_does(tmp_path: Path) -> None:
    file = masked(tmp_path, b"ok\n\xff\xfe tel +4930901820777\xc3 end\n" * 3)
    with file.path.open("rb") as stream:
        wanted = [plain(line) for line in ENGINE.preview(stream)]
    assert [plain(line) for line in previews(tmp_path).lines(file, ask())] == wanted


def test_only_the_first_window_needs_the_engine(tmp_path: Path) -> None:
    file = masked(tmp_path, "".join(f"{LINE.format(n=n % 100)}\n" for n in range(1000)).encode())
    engine = Counting()
    shown = previews(tmp_path, engine)  # type: ignore[arg-type]
    shown.prepare(file)
    assert [line.number for line in shown.lines(file, ask(900, 3))] == [900, 901, 902]
    previews(tmp_path, engine).lines(file, ask(1, 3))  # type: ignore[arg-type]
    assert engine.shown == 1


def test_the_index_holds_no_value_and_is_for_its_owner_only(tmp_path: Path) -> None:
    file = masked(tmp_path, f"{LINE.format(n=7)}\n".encode())
    previews(tmp_path).prepare(file)
    index = tmp_path / "spool" / "j" / "000001.lines"
    assert b"9018207" not in index.read_bytes()
    if sys.platform != "win32":
        assert stat.S_IMODE(index.stat().st_mode) == 0o600


def test_what_was_appended_is_not_shown(tmp_path: Path) -> None:
    file = masked(tmp_path, b"one\ntwo\n")
    with file.path.open("ab") as stream:
        stream.write(b"three\n")
    assert [line.before for line in previews(tmp_path).lines(file, ask())] == ["one", "two"]


def test_another_content_is_not_shown_even_after_the_index_was_made(tmp_path: Path) -> None:
    file = masked(tmp_path, b"one\ntwo\n")
    shown = previews(tmp_path)
    shown.lines(file, ask())
    file.path.write_bytes(b"one\nTWO\n")
    with pytest.raises(SourceMoved):
        shown.lines(file, ask())


def test_a_link_in_the_place_of_a_collected_file_is_not_followed(tmp_path: Path) -> None:
    file = masked(tmp_path, b"one\n")
    file.path.rename(tmp_path / "other")
    file.path.symlink_to(tmp_path / "other")
    with pytest.raises(SourceMoved):
        open_collected(file).close()


def test_another_file_of_the_same_size_under_the_path_is_not_masked_in_its_place(tmp_path: Path) -> None:
    file = replace(masked(tmp_path, b"one\n"), state=FileState.WAITING, report=None)
    now = datetime.now(UTC)
    job = JobRow(
        id="j",
        case="0003256109",
        source="all",
        via=Via.HTTPS,
        state=JobState.MASKING,
        name="j.zip",
        created=now,
        changed=now,
    )
    journal = JobJournal(tmp_path / "journal.db")
    journal.create(job, [file])
    journal.collected(file, path=file.path, size=4, sha256=file.raw_sha256, modified_ns=0)
    file.path.write_bytes(b"two\n")
    with pytest.raises(SourceMoved):
        mask(
            job,
            journal=journal,
            spool=Spool(tmp_path / "spool"),
            engine=ENGINE,
            check=residual_check(RULES, KEY),
            studies=Studies(ENGINE, journal),
            still_wanted=lambda: True,
            last_try=True,
        )
    assert journal.files("j")[0].state is FileState.WAITING
    journal.close()


def test_a_rotation_since_the_last_look_neither_loses_nor_swaps_a_segment(tmp_path: Path) -> None:
    place = tmp_path / "sip.log.1"
    place.write_bytes(b"first\n")
    segment = Segment(
        id=1,
        folder=tmp_path,
        path=place.name,
        application="sip",
        generation=1,
        device=1,
        inode=1,
        modified_ns=0,
        print=take_fingerprint(place, size=6),
        state=SegmentState.CLOSED,
        key="first",
    )
    place.rename(tmp_path / "sip.log.2")
    place.write_bytes(b"other\n")
    now = datetime.now(UTC)
    job = JobRow("j", "0003256109", "all", Via.HTTPS, JobState.COLLECTING, "j.zip", now, now)
    journal = JobJournal(tmp_path / "journal.db")
    journal.create(job, [FileRow("j", 1, "a", place, FileState.WAITING, segment="first", application="sip")])

    class LastLook:
        where = segment

        def by_key(self, _key: str) -> Segment:
            return self.where

    look = LastLook()

    def collect_once() -> None:
        collect(job, journal=journal, catalogue=look, still_wanted=lambda: True, last_try=False)  # type: ignore[arg-type]

    with pytest.raises(SourceMoved):
        collect_once()
    look.where = replace(segment, path="sip.log.2")
    collect_once()
    assert journal.files("j")[0].raw_sha256 == hashlib.sha256(b"first\n").hexdigest()
    journal.close()
