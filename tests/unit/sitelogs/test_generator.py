"""The generator keeps its promises, and masking keeps its own on what it writes."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.logs import describe, sniff_encoding
from app.masking import PseudonymKey, ReferenceEngine, load_rules
from app.sandbox.sitelogs.__main__ import main

START = "2023-06-09T10:15:02"
Records = dict[str, list[dict[str, Any]]]


def write(folder: Path, *, seed: int = 7, size: int = 700_000) -> tuple[Records, Records]:
    main(
        [
            "--out",
            str(folder / "logs"),
            "--seed",
            str(seed),
            "--start",
            START,
            "--bytes",
            str(size),
            "--segment-bytes",
            "90000",
            "--truth",
            str(folder / "truth"),
            "--stays",
            str(folder / "stays"),
        ]
    )
    return read(folder / "truth"), read(folder / "stays")


def read(path: Path) -> Records:
    records: Records = defaultdict(list)
    for row in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(row)
        records[record["file"]].append(record)
    return records


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Records, Records]:
    folder = tmp_path_factory.mktemp("site")
    return folder / "logs", *write(folder)


@pytest.fixture(scope="module")
def engine() -> ReferenceEngine:
    return ReferenceEngine(load_rules(), PseudonymKey(b"k" * 32))


def test_the_truth_tells_every_place(site: tuple[Path, Records, Records]) -> None:
    logs, truth, stays = site
    assert set(truth) == {path.name for path in logs.iterdir()}
    for name in truth:
        data = (logs / name).read_bytes()
        encoding = sniff_encoding(data)
        lines = data[len(encoding.bom) :].decode(encoding.name).split("\n")
        for record in truth[name] + stays[name]:
            start = record["column"]
            text = lines[record["line"] - 1][start : start + len(record["value"])]
            assert text == record["value"].encode(encoding.name, "replace").decode(encoding.name)


def test_masking_finds_what_is_personal_and_leaves_what_is_not(
    site: tuple[Path, Records, Records], engine: ReferenceEngine
) -> None:
    logs, truth, stays = site
    personal = masked = kept = harmed = 0
    for path in sorted(logs.iterdir()):
        covered = {
            line.number: [(h.before_column, h.before_column + len(h.before)) for h in line.replacements]
            for line in engine.preview(io.BytesIO(path.read_bytes()))
        }
        for record in truth[path.name]:
            spans = covered[record["line"]]
            places = range(record["column"], record["column"] + len(record["value"]))
            personal += 1
            masked += all(
                any(a <= place < b for a, b in spans)
                for place, char in zip(places, record["value"], strict=True)
                if char.isalnum()
            )
        for record in stays[path.name]:
            start, end = record["column"], record["column"] + len(record["value"])
            kept += 1
            harmed += any(a < end and start < b for a, b in covered[record["line"]])
    assert personal > 8000
    assert masked / personal >= 0.995
    assert harmed / kept <= 0.001


def test_masked_segments_keep_their_lines_and_can_be_described(
    site: tuple[Path, Records, Records], engine: ReferenceEngine
) -> None:
    path = next(p for p in sorted(site[0].iterdir()) if p.name.startswith("sips_a."))
    raw = path.read_bytes()
    sink = io.BytesIO()
    report = engine.mask_stream(io.BytesIO(raw), sink)
    before = describe(io.BytesIO(raw), file_name=path.name)
    after = describe(io.BytesIO(sink.getvalue()), file_name=path.name)
    assert (after.first, after.last, after.lines) == (before.first, before.last, report.lines)
    assert after.host.startswith("<HOST:")
    again = io.BytesIO()
    engine.mask_stream(io.BytesIO(sink.getvalue()), again)
    assert again.getvalue() == sink.getvalue()


def test_the_same_seed_and_start_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, size=60_000)
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(tmp_path / "b") for p in (tmp_path / "b").rglob("*") if p.is_file())
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def test_segments_rotate_under_the_right_names_and_know_their_host(
    site: tuple[Path, Records, Records],
) -> None:
    segments = sorted(p for p in site[0].iterdir() if p.name.startswith("sips_a."))
    assert len(segments) > 2
    assert all(p.stat().st_size < 110_000 for p in segments)
    found = describe(io.BytesIO(segments[0].read_bytes()), file_name=segments[0].name)
    assert (found.application, found.host) == ("sips_a", "sip-a01")
    assert found.first is not None
    assert found.first >= datetime(2023, 6, 9, 8, 15, 2, tzinfo=UTC)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM for another process")
def test_sigterm_ends_it_in_order(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app.sandbox.sitelogs", "--out", str(tmp_path / "logs"), "--seed", "1"]
    command += ["--rate", "200000", "--truth", str(tmp_path / "truth")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "ready"
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait(120) == 0
    assert json.loads(rest)["event"] == "done"
    assert set(read(tmp_path / "truth")) == {p.name for p in (tmp_path / "logs").iterdir()}
