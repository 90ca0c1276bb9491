"""Which library packs, and what the pieces are put together."""

from __future__ import annotations

import zlib
from types import ModuleType

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib
from zlib_ng import zlib_ng

from app import deflate
from app.bundle import BundleFormat, choose_compressor
from app.bundle.compressors import Zstd
from app.deflate import Deflate, inflater
from app.domain.errors import InputError

PIECES = st.lists(st.binary(max_size=300) | st.sampled_from([b"INFO " * 900, bytes(3000)]), max_size=5)
MODULES = [(isal_zlib, 1), (isal_zlib, 3), (zlib_ng, 1), (zlib_ng, 6), (zlib, 0), (zlib, 6)]


def together(pieces: list[bytes], compressor: Deflate | Zstd) -> bytes:
    pack = compressor.open()
    pieces = pieces or [b""]
    return b"".join(pack(piece, number == len(pieces)) for number, piece in enumerate(pieces, start=1))


@given(PIECES, st.sampled_from(MODULES))
def test_pieces_are_one_deflate_stream_that_every_reader_understands(
    pieces: list[bytes], packed_by: tuple[ModuleType, int]
) -> None:
    packed = together(pieces, Deflate(packed_by[0], "x", packed_by[1]))
    plain = zlib.decompressobj(-15)
    assert (plain.decompress(packed), plain.eof, plain.unused_data) == (b"".join(pieces), True, b"")
    ours = inflater()
    assert (ours.decompress(packed), ours.eof, ours.unused_data) == (b"".join(pieces), True, b"")


@given(PIECES)
def test_frames_are_one_after_the_other_and_filled_to_a_tar_block(pieces: list[bytes]) -> None:
    whole = [piece.ljust(-(-len(piece) // 512) * 512, b".") for piece in pieces[:-1]] + pieces[-1:]
    packed = together(whole, Zstd(1))
    reader = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
    plain = b"".join(whole)
    assert reader.read() == plain + bytes(-len(plain) % 512)


@pytest.mark.parametrize(
    ("missing", "level", "library"),
    [
        ([], 2, "isal"),
        ([], 6, "zlib-ng"),
        (["isal_zlib"], 2, "zlib-ng"),
        (["isal_zlib", "zlib_ng"], 2, "zlib"),
        (["zlib_ng"], 6, "zlib"),
        ([], 0, "zlib"),
    ],
)
def test_the_fastest_library_that_is_there_and_has_the_level_packs(
    monkeypatch: pytest.MonkeyPatch, missing: list[str], level: int, library: str
) -> None:
    for name in missing:
        monkeypatch.setattr(deflate, name, None)
    name = choose_compressor(BundleFormat.ZIP, level).name
    assert name.split(" ")[0] == library
    assert name.endswith(f", level {level}")


def test_frames_are_told_with_library_and_level() -> None:
    assert choose_compressor(BundleFormat.TAR_ZST, 3).name.startswith("zstd 1.")


@pytest.mark.parametrize(
    ("form", "level"),
    [(BundleFormat.ZIP, -1), (BundleFormat.ZIP, 10), (BundleFormat.TAR_ZST, 0), (BundleFormat.TAR_ZST, 20)],
)
def test_a_level_that_the_format_does_not_have_is_refused(form: BundleFormat, level: int) -> None:
    with pytest.raises(InputError) as caught:
        choose_compressor(form, level)
    assert caught.value.code == "CF-1124"
