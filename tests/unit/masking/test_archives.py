"""Masking inside of gzip and zip: nothing unmasked comes out, and what is left out is named."""

from __future__ import annotations

import gzip
import io
import random
import stat
import tempfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.logs import PackedError, open_packed
from app.logs.unpacking import LIMITS
from app.masking import (
    Engine,
    MaskedFile,
    MaskingError,
    NativeEngine,
    NotText,
    PseudonymKey,
    load_rules,
    mask_file,
    preview_file,
    report_page,
    residual_check,
)
from app.masking.report import report_json, report_of

RULES, KEY = load_rules(), PseudonymKey(b"z" * 32)
ENGINE: Engine = NativeEngine(RULES, KEY)
LINE = b"10:15:02.118 x\n\tAttributeANI\t'+4930901820417'\r\nhello +4930901820417\n"
BINARY = bytes(range(256)) * 40

Run = Callable[[bytes], MaskedFile]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def mask(data: bytes) -> MaskedFile:
        source, target = tmp_path / "raw", tmp_path / "copy"
        source.write_bytes(data)
        target.unlink(missing_ok=True)
        return mask_file(ENGINE, source, target=target, name="sip.log.gz")

    return mask


def zipped(*members: tuple[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return sink.getvalue()


def members_of(file: MaskedFile) -> dict[str, bytes]:
    with zipfile.ZipFile(file.path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def plain(data: bytes) -> bytes:
    sink = io.BytesIO()
    ENGINE.mask_stream(io.BytesIO(data), sink)
    return sink.getvalue()


def test_gzip_is_masked_inside_and_packed_again(run: Run) -> None:
    file = run(gzip.compress(LINE * 50))
    assert gzip.decompress(file.path.read_bytes()) == plain(LINE * 50)
    assert (file.report.packing, file.report.lines) == ("gzip", 150)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_gzip_of_several_members_and_zeros_behind_them_is_one_text(run: Run) -> None:
    file = run(gzip.compress(LINE) + gzip.compress(b"more\n") + b"\0" * 100)
    assert gzip.decompress(file.path.read_bytes()) == plain(LINE + b"more\n")
    assert file.report.left_out == ()


def test_bytes_behind_gzip_are_left_out_and_named(run: Run) -> None:
    file = run(gzip.compress(LINE) + b"behind +4930901820417")
    assert gzip.decompress(file.path.read_bytes()) == plain(LINE)
    assert [left.code for left in file.report.left_out] == ["CF-1911"]


def test_the_name_in_the_gzip_header_is_not_taken_over(run: Run) -> None:
    sink = io.BytesIO()
    with gzip.GzipFile("+4930901820417.log", "wb", fileobj=sink, mtime=1) as packed:
        packed.write(LINE)
    assert b"4930901820417" not in run(sink.getvalue()).path.read_bytes()


def test_every_member_of_a_zip_is_masked_and_its_name_too(run: Run) -> None:
    file = run(zipped(("a/+4930901820417.log", LINE), ("b.log", LINE.replace(b"x", b"y"))))
    found = members_of(file)
    assert list(found.values()) == [plain(LINE), plain(LINE.replace(b"x", b"y"))]
    assert [name.endswith(".log") for name in found] == [True, True]
    assert "4930901820417" not in "".join(found)
    assert file.report.lines == 6
    assert [member.report.lines for member in file.report.members] == [3, 3]


def test_what_is_not_text_is_left_out_and_named(run: Run) -> None:
    file = run(zipped(("core.dump", BINARY), ("a.log", LINE)))
    assert list(members_of(file)) == ["a.log"]
    assert [(left.name, left.code) for left in file.report.left_out] == [("sip.log.gz/core.dump", "CF-1902")]
    assert file.report.left_out[0].reason.endswith("Leave it out, or unpack it first when it is an archive.")


def test_an_archive_without_any_text_is_refused(run: Run) -> None:
    with pytest.raises(NotText):
        run(zipped(("core.dump", BINARY)))


def test_an_archive_in_an_archive_is_masked_and_a_deeper_one_is_named(run: Run) -> None:
    inner = zipped(("deep.log", LINE), ("deeper.gz", gzip.compress(LINE)))
    file = run(zipped(("inner.zip", inner), ("b.log.gz", gzip.compress(LINE))))
    found = members_of(file)
    assert gzip.decompress(found["b.log.gz"]) == plain(LINE)
    with zipfile.ZipFile(io.BytesIO(found["inner.zip"])) as archive:
        assert archive.namelist() == ["deep.log"]
        assert archive.read("deep.log") == plain(LINE)
    assert [left.code for left in file.report.left_out] == ["CF-1913"]


def test_why_an_archive_in_an_archive_is_left_out_is_told_in_whole_sentences(run: Run) -> None:
    file = run(zipped(("inner.zip", zipped(("core.dump", BINARY))), ("a.log", LINE)))
    assert file.report.left_out[-1].reason.endswith("). Leave it out, or unpack it and see what is in it.")


def test_names_that_lead_elsewhere_lead_down(run: Run) -> None:
    file = run(zipped(("../../etc/a.log", LINE), ("/b.log", LINE), ("C:\\c.log", LINE)))
    names = list(members_of(file))
    assert not [name for name in names if name.startswith("/") or ".." in name or ":" in name]
    assert len(names) == 3


def test_members_of_one_name_are_both_there(run: Run) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("a.log", LINE), ("a.log", b"second\n"))
    assert members_of(run(data)) == {"a.log": plain(LINE), "a-2.log": b"second\n"}


def test_an_encrypted_member_is_left_out_and_named(run: Run) -> None:
    data = bytearray(zipped(("a.log", LINE), ("b.log", LINE)))
    data[6] |= 1  # of the first local header
    data[data.index(b"PK\x01\x02") + 8] |= 1
    file = run(bytes(data))
    assert list(members_of(file)) == ["b.log"]
    assert [left.code for left in file.report.left_out] == ["CF-1913"]


@pytest.mark.parametrize("cut", [1, 9, 30])
def test_a_gzip_file_that_is_cut_off_is_refused(run: Run, cut: int) -> None:
    with pytest.raises(MaskingError) as caught:
        run(gzip.compress(LINE * 90)[:-cut])
    assert caught.value.code == "CF-1911"


def test_a_member_whose_check_sum_is_wrong_is_left_out_and_named(run: Run) -> None:
    data = zipped(("a.log", LINE * 100), ("b.log", LINE))
    at = data.index(b"a.log") + 30
    file = run(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
    assert list(members_of(file)) == ["b.log"]
    assert [left.code for left in file.report.left_out] == ["CF-1911"]


def test_a_bomb_is_refused_before_it_is_unpacked_whole() -> None:
    limits = replace(LIMITS, free=1024 * 1024)
    packed = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = packed.compress(b"\0" * 64 * 1024 * 1024) + packed.flush()
    archive = open_packed(io.BytesIO(bomb), limits=limits)
    assert archive is not None
    with pytest.raises(PackedError) as caught, archive.entries[0].open() as stream:
        stream.seek(0, 2)
    assert caught.value.code == "CF-1912"


def test_the_same_archive_gives_the_same_bytes(run: Run) -> None:
    data = zipped(("a.log", LINE), ("core", BINARY), ("b.log", LINE * 3))
    assert run(data).path.read_bytes() == run(data).path.read_bytes()


def test_the_check_after_masking_reads_inside(run: Run) -> None:
    file = run(zipped(("a.log", LINE), ("b.log", LINE)))
    examined = residual_check(RULES, KEY).examine(file)
    assert examined.report.residual_read == file.report.text_size
    with zipfile.ZipFile(file.path, "w") as archive:
        archive.writestr("a.log", LINE)
        archive.writestr("b.log", LINE)
    with pytest.raises(MaskingError):
        residual_check(RULES, KEY).examine(file)


def test_members_of_one_name_have_the_names_of_the_masked_archive_in_the_report(run: Run) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("a.log", LINE), ("a.log", LINE))
    names = [member.name for member in run(data).report.members]
    assert names == ["sip.log.gz/a.log", "sip.log.gz/a-2.log"]


def test_a_folder_that_is_listed_twice_is_there_once(run: Run) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("x/", b""), ("x/", b""), ("x/a.log", LINE))
    assert list(members_of(run(data))) == ["x/", "x/a.log"]


def test_masked_archives_of_archives_wait_beside_the_target(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[object] = []
    made = tempfile.TemporaryFile

    def noted(**how: object) -> object:
        places.append(how.get("dir"))
        return made(dir=str(how["dir"]))

    monkeypatch.setattr(tempfile, "TemporaryFile", noted)
    run(zipped(("a/inner.zip", zipped(("deep.log", LINE)))))
    assert places == [tmp_path]


def test_any_place_of_unpacked_bytes_can_be_read_in_any_order() -> None:
    data = bytes(n % 251 for n in range(3_000_000))
    archive = open_packed(io.BytesIO(gzip.compress(data, 1)))
    assert archive is not None
    places = random.Random(1)
    with archive.entries[0].open() as stream:
        for _ in range(60):
            at, size = places.randrange(len(data) + 10), places.choice([1, 70_000, 300_000])
            stream.seek(at)
            assert stream.read(size) == data[at : at + size]


def test_an_archive_that_changes_between_two_passes_is_refused() -> None:
    source = io.BytesIO(gzip.compress(LINE * 100_000))
    archive = open_packed(source)
    assert archive is not None
    with archive.entries[0].open() as stream:
        stream.seek(0, 2)
        source.seek(0)
        source.truncate()
        source.write(gzip.compress(LINE * 50_000))
        stream.seek(0)
        with pytest.raises(PackedError) as caught:
            stream.read()
    assert caught.value.code == "CF-1911"


def test_a_large_member_is_masked_in_little_memory(tmp_path: Path) -> None:
    source, target = tmp_path / "raw", tmp_path / "copy"
    with (
        zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("large.log", "w") as member,
    ):
        for number in range(360):
            member.write(b"".join(b"%d.%d line of a log\n" % (number, n) for n in range(4000)))
    tracemalloc.start()
    try:
        report = mask_file(ENGINE, source, target=target, name="large.zip").report
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert report.text_size > 30_000_000
    assert peak < 16_000_000


def test_the_preview_shows_the_lines_of_all_members(tmp_path: Path) -> None:
    data = zipped(("a.log", LINE), ("core", BINARY), ("b.log.gz", gzip.compress(b"last\n")))
    lines = list(preview_file(ENGINE, io.BytesIO(data)))
    assert [line.number for line in lines] == [1, 2, 3, 4]
    assert lines[3].before == "last"


def test_the_page_shows_members_and_what_was_left_here(run: Run) -> None:
    page = report_page(report_of(ENGINE, [run(zipped(("a.log", LINE), ("core.dump", BINARY)))]))
    assert "In this zip file" in page
    assert "sip.log.gz/a.log" in page
    assert "<td>sip.log.gz/core.dump</td><td>CF-1902</td>" in page


def test_the_report_names_members_and_what_was_left_out(run: Run) -> None:
    file = run(zipped(("+4930901820417.log", LINE), ("core.dump", BINARY)))
    text = report_json(report_of(ENGINE, [file]))
    assert '"left_out"' in text
    assert "core.dump" in text
    assert "4930901820417" not in text


_TREES = st.dictionaries(
    st.from_regex(r"[a-z]{1,6}(/[a-z]{1,6}){0,2}\.log", fullmatch=True),
    st.lists(st.sampled_from([LINE, b"plain\n", b"\n", b"last"]), max_size=6).map(b"".join),
    min_size=1,
    max_size=5,
)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(tree=_TREES)
def test_any_tree_of_logs_comes_out_masked_line_for_line(
    tree: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    (folder / "raw").write_bytes(zipped(*tree.items()))
    file = mask_file(ENGINE, folder / "raw", target=folder / "copy", name="tree.zip")
    assert list(members_of(file).values()) == [plain(data) for data in tree.values()]
