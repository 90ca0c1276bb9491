"""A range of a masked file is exactly those lines of the whole masked file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.masking import KeptRange, MaskingError, PseudonymKey, load_rules, mask_file, open_engine

ENGINE = open_engine(load_rules(), PseudonymKey(b"k" * 32))
LINES = st.lists(
    st.sampled_from(
        [
            "call from +4930901820417",
            "AttributeDisplayName 'Erika Mustermann'",
            "Erika Mustermann rang",
            "",
            "ä",
        ]
    ),
    min_size=2,
    max_size=30,
)


def masked(folder: Path, data: bytes, kept: KeptRange | None = None) -> bytes:
    source, target = folder / "source", folder / "copy"
    source.write_bytes(data)
    target.unlink(missing_ok=True)
    file = mask_file(ENGINE, source, target=target, name="a.log", kept=kept)
    copy = target.read_bytes()
    assert file.report.masked_size == len(copy)
    assert file.report.masked_sha256 == hashlib.sha256(copy).hexdigest()
    if kept is not None:
        assert file.report.raw_size == len(data) - kept.start + kept.header
        assert (file.report.start, file.report.header) == (kept.start, kept.header)
    return copy


@settings(max_examples=40, deadline=None)
@given(LINES, st.data(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"]), st.booleans())
def test_it_is_the_same_lines(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], data: st.DataObject, form: str, ended: bool
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "utf-8-sig": b"\xef\xbb\xbf"}.get(form, b"")
    codec = form.removesuffix("-sig")
    coded = [f"{line}\n".encode(codec) for line in lines]
    coded[0] = mark + coded[0]
    if not ended:
        coded[-1] = coded[-1][: -len("\n".encode(codec))]
    start = data.draw(st.integers(1, len(lines) - 1))
    header = data.draw(st.integers(0, start))
    kept = KeptRange(header=sum(map(len, coded[:header])), start=sum(map(len, coded[:start])))
    whole = masked(folder, b"".join(coded)).decode(codec).splitlines(keepends=True)
    expected = "".join(whole[:header] + whole[start:])
    if not header and mark:
        expected = "\N{BYTE ORDER MARK}" + expected
    assert masked(folder, b"".join(coded), kept).decode(codec) == expected


def test_a_value_that_only_the_beginning_tells_is_masked_in_the_range(tmp_path: Path) -> None:
    first = b"10:15:00.118 AttributeDisplayName 'Erika Mustermann'\n" * 3
    copy = masked(tmp_path, first + b"10:16:00.118 said Erika Mustermann\n", KeptRange(0, len(first)))
    assert copy.count(b"\n") == 1
    assert b"Mustermann" not in copy


@pytest.mark.parametrize("kept", [KeptRange(0, 3), KeptRange(5, 2), KeptRange(0, 900)])
def test_a_range_that_begins_within_a_line_is_refused(tmp_path: Path, kept: KeptRange) -> None:
    (tmp_path / "source").write_bytes(b"10:15:00.118 Std 1\n" * 3)
    with pytest.raises(MaskingError) as caught:
        mask_file(ENGINE, tmp_path / "source", target=tmp_path / "copy", name="a.log", kept=kept)
    assert caught.value.code == "CF-1914"
    assert not (tmp_path / "copy").exists()
