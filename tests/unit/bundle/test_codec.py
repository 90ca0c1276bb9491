"""Manifests to bytes and back, names, and ZIP records of any size."""

from __future__ import annotations

import io
from datetime import UTC
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bundle import LeftOut, Manifest, Member, decode_manifest, encode_manifest
from app.bundle.names import distinct_names, is_portable, portable_name
from app.bundle.zipindex import read_first
from app.bundle.ziplayout import Entry, central_header, end_records, local_header
from app.domain.errors import InputError

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
COUNTS = st.dictionaries(st.sampled_from(["TEL", "IP", "MAIL", "CARD"]), st.integers(0, 2**40))
SIZES = st.integers(0, 2**50)
TIMES = st.none() | st.datetimes(timezones=st.just(UTC))
MEMBERS = st.builds(
    Member,
    name=WORDS, application=WORDS, host=WORDS, first=TIMES, last=TIMES, raw_size=SIZES, raw_lines=SIZES,
    masked_size=SIZES, packed_size=SIZES, masked_sha256=WORDS, packed_sha256=WORDS, encoding=WORDS,
    counts=COUNTS,
)  # fmt: skip
MANIFESTS = st.builds(
    Manifest,
    format=st.just(1), case=WORDS, host=WORDS, created_by=WORDS, rule_set=WORDS, rule_set_sha256=WORDS,
    engine=WORDS, key_id=WORDS, members=st.lists(MEMBERS, max_size=3),
    left_out=st.lists(st.builds(LeftOut, name=WORDS, reason=WORDS, detail=WORDS), max_size=2), counts=COUNTS,
)  # fmt: skip


@given(MANIFESTS)
def test_a_manifest_comes_back_as_it_was(manifest: Manifest) -> None:
    assert decode_manifest(encode_manifest(manifest)) == manifest


@given(st.permutations([("TEL", 1), ("IP", 2), ("MAIL", 3)]))
def test_the_order_in_which_counts_were_found_does_not_show(counts: list[tuple[str, int]]) -> None:
    def encoded(pairs: list[tuple[str, int]]) -> bytes:
        return encode_manifest(Manifest(1, "", "", "", "", "", "", "", [], [], dict(pairs)))

    assert encoded(counts) == encoded(sorted(counts))


@given(st.binary(max_size=60))
def test_bytes_that_are_no_manifest_are_said_to_be_none(data: bytes) -> None:
    with pytest.raises(InputError):
        decode_manifest(data)


def test_a_field_that_is_missing_is_named() -> None:
    with pytest.raises(InputError) as caught:
        decode_manifest(b'{"format": 1, "case": "1"}')
    assert "host" in caught.value.happened


def long_names() -> st.SearchStrategy[str]:
    """Names around the longest that a file system takes, with and without an ending."""
    letters = st.sampled_from(["a", "ü", "𝄞", " ", ".", "con", "a.log"])
    stems = st.builds(lambda letter, count: letter * count, letters, st.integers(60, 270))
    return st.builds(
        "{}{}{}".format, st.sampled_from(["", "con", "x"]), stems, st.sampled_from(["", ".", ".log", ".b"])
    )


@given(st.lists(st.text(min_size=1, max_size=8) | long_names(), min_size=1, max_size=8))
def test_names_become_portable_and_stay_apart(names: list[str]) -> None:
    try:
        made = distinct_names(names)
    except InputError:
        return
    assert all(map(is_portable, made))
    assert len({name.casefold() for name in made}) == len(names)


@given(st.text(max_size=12) | long_names())
def test_a_name_made_portable_stays_as_it_is(name: str) -> None:
    try:
        made = portable_name(name)
    except InputError:
        return
    assert portable_name(made) == made


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("COM¹.log", "_COM¹.log"),
        ("conin$", "_conin$"),
        ("a/CONOUT$.log", "a/_CONOUT$.log"),
        ("con .txt", "_con .txt"),
        ("a\u202egnp.exe", "a_gnp.exe"),
        ("a\u200b.log", "a_.log"),
        ("a\x85.log", "a_.log"),
        ("\u00fcbung \u2014 1.log", "\u00fcbung \u2014 1.log"),
        (f"{'a' * 256}.log", f"{'a' * 251}.log"),
        (f"x/{'ü' * 200}/b.log", f"x/{'ü' * 127}/b.log"),
        ("a" * 255, "a" * 255),
        ("ü" * 200, "ü" * 127),
    ],
)
def test_a_name_is_made_as_every_system_can_write_it(name: str, made: str) -> None:
    assert (portable_name(name), is_portable(name)) == (made, name == made)


def test_long_names_that_are_cut_alike_stay_apart() -> None:
    made = distinct_names([f"{'a' * 256}.log", f"{'a' * 257}.log"] * 6)
    assert made[:2] == [f"{'a' * 251}.log", f"{'a' * 249}~2.log"]
    assert made[-1] == f"{'a' * 248}~12.log"


@pytest.mark.parametrize(
    "name", ["", "/a", "\\a", "C:/a", "c:\\a", "a/../b", "..", ".", "a//b", "a/", "x" + "/x" * 35_000]
)
def test_a_name_without_a_place_below_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        portable_name(name)
    assert caught.value.code == "CF-1123"


@given(st.integers(0, 2**45), st.integers(0, 2**45), st.integers(0, 2**32 - 1))
def test_a_local_header_of_any_size_is_read_back(packed: int, size: int, crc: int) -> None:
    entry = Entry("manifest.json", crc, packed, size, 0)
    assert read_first(io.BytesIO(local_header(entry) + bytes(70_000))) == entry


@given(
    st.integers(2**32 - 2, 2**32 + 2), st.integers(2**32 - 2, 2**32 + 2), st.integers(2**32 - 2, 2**32 + 2)
)
def test_the_standard_reader_understands_the_zip64_directory(packed: int, size: int, offset: int) -> None:
    entry = Entry("a.log", 7, packed, size, offset)
    directory = central_header(entry)
    # The reader takes what stands before the directory for a prefix of the file, and adds it to each offset.
    archive = io.BytesIO(directory + end_records(count=1, start=0, length=len(directory)))
    (found,) = ZipFile(archive).infolist()
    assert (found.compress_size, found.file_size, found.header_offset) == (packed, size, offset)


def test_more_members_than_16_bits_count_are_understood() -> None:
    entries = [Entry(f"{number}", 0, 0, 0, number) for number in range(0x10001)]
    directory = b"".join(map(central_header, entries))
    archive = io.BytesIO(directory + end_records(count=len(entries), start=0, length=len(directory)))
    assert len(ZipFile(archive).infolist()) == 0x10001
