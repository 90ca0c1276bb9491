"""Encodings, line ends, block borders and hostile input."""

# ruff: noqa: E501 - fragments read as a table

from __future__ import annotations

import errno
import io
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.masking import (
    Engine,
    FileReport,
    MaskingError,
    NativeEngine,
    NotText,
    PseudonymKey,
    ReferenceEngine,
    RuleSet,
    load_rules,
)
from tests.peers.processor_time import kept, seconds_of

RULES, KEY = load_rules(), PseudonymKey(b"k" * 32)
ENGINES: dict[str, Callable[[RuleSet], Engine]] = {
    "reference": lambda rules: ReferenceEngine(rules, KEY),
    "native": lambda rules: NativeEngine(rules, KEY),
    "two threads": lambda rules: NativeEngine(rules, KEY, threads=2, block=4096, context=12 * 1024),
}
BY_NAME = {name: make(RULES) for name, make in ENGINES.items()}
SMALL: dict[str, Engine] = {
    "reference": ReferenceEngine(RULES, KEY, block=700, context=600),
    "native": NativeEngine(RULES, KEY, block=700, context=600),
    "two threads": NativeEngine(RULES, KEY, block=700, context=600, threads=2),
}
pytestmark = pytest.mark.parametrize("name", list(ENGINES))
TEXT = "10:15:02.118 Std 05060 ok\r\n\tAttributeANI\t'+4930901820417'\r\nKundin Zoë\r\n\t'CustomerName'\t'Zoë Großmann'\r\n"


def run(data: bytes, name: str, *, engine: Engine | None = None) -> tuple[bytes, FileReport]:
    sink = io.BytesIO()
    report = (engine or BY_NAME[name]).mask_stream(io.BytesIO(data), sink)
    return sink.getvalue(), report


@pytest.mark.parametrize(
    ("codec", "mark", "encoding"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("cp1252", b"", "cp1252"),
        ("utf-16-le", b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", b"\xfe\xff", "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
    ],
)
def test_every_encoding_is_masked_and_stays_what_it_was(
    name: str, codec: str, mark: bytes, encoding: str
) -> None:
    masked, report = run(mark + TEXT.encode(codec), name)
    text = masked[len(mark) :].decode(codec)
    assert masked.startswith(mark)
    assert "4930901820417" not in text
    assert "Großmann" not in text
    assert text.count("\r\n") == 4
    assert report.encoding == encoding
    assert report.counts == {"NAME": 1, "TEL": 1}


def test_a_value_has_one_token_in_every_encoding(name: str) -> None:
    plain, wide = (
        run(TEXT.encode(), name)[0].decode(),
        run(TEXT.encode("utf-16-le"), name)[0].decode("utf-16-le"),
    )
    assert plain == wide == run(TEXT.encode("cp1252"), name)[0].decode("cp1252")


def test_invalid_bytes_and_nuls_survive(name: str) -> None:
    data = b"a\xff\xfeb\x00\x00c \xc3\x28 ANI=4155550143\nend \x80" + b"\0" * 100
    masked, report = run(data, name)
    assert masked.startswith(b"a\xff\xfeb\x00\x00c \xc3\x28 ANI=<TEL:")
    assert masked.endswith(b"end \x80" + b"\0" * 100)
    assert report.lines == 2


def test_half_a_character_at_the_end_survives(name: str) -> None:
    data = TEXT.encode("utf-16-le") + b"x"
    masked, report = run(data, name)
    assert masked.endswith(b"x")
    assert report.undecodable == 1


def test_mixed_encodings_are_refused(name: str) -> None:
    with pytest.raises(MaskingError) as caught:
        run(TEXT.encode() + TEXT.encode("utf-16-le"), name)
    assert caught.value.code == "CF-1903"


def test_narrow_text_inside_utf16_is_refused(name: str) -> None:
    with pytest.raises(MaskingError):
        run(
            b"\xff\xfe"
            + TEXT.encode("utf-16-le")
            + b"AttributeANI '+4930901820417' and more of it\n".replace(b"\n", b" \n\0"),
            name,
        )


@pytest.mark.parametrize("head", [b"\x1f\x8b\x08", b"PK\x03\x04", b"\x7fELF", bytes(range(1, 32)) * 9])
def test_binary_files_are_not_text(name: str, head: bytes) -> None:
    with pytest.raises(NotText):
        run(head + b"abc" * 9, name)


def test_a_stream_that_cannot_be_read_twice_is_refused(name: str) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with pytest.raises(MaskingError) as caught:
        BY_NAME[name].mask_stream(Pipe(b"x"), io.BytesIO())
    assert caught.value.code == "CF-1905"


def test_a_file_that_shrinks_between_the_passes_is_refused(name: str) -> None:
    class Shrinking(io.BytesIO):
        rewinds = 0

        def seek(self, offset: int, whence: int = 0) -> int:
            if (offset, whence) == (0, 0):
                self.rewinds += 1
                if self.rewinds == 2:
                    self.truncate(10)
            return super().seek(offset, whence)

    with pytest.raises(MaskingError) as caught:
        BY_NAME[name].mask_stream(Shrinking(TEXT.encode() * 20), io.BytesIO())
    assert caught.value.code == "CF-1906"


class Full(io.BytesIO):
    """A disk that takes nothing any more, with an error of this number."""

    def __init__(self, number: int = errno.ENOSPC) -> None:
        super().__init__()
        self._number = number

    def write(self, _data: object, /) -> int:
        raise OSError(self._number, "it refuses")


def test_a_full_disk_is_not_taken_for_a_log_that_cannot_be_read(name: str) -> None:
    with pytest.raises(MaskingError) as caught:
        BY_NAME[name].mask_stream(io.BytesIO(TEXT.encode()), Full())
    assert caught.value.code == "CF-1907"


def test_a_disk_that_never_takes_a_copy_so_large_is_told_from_a_full_one(name: str) -> None:
    with pytest.raises(MaskingError) as caught:
        BY_NAME[name].mask_stream(io.BytesIO(TEXT.encode()), Full(errno.EFBIG))
    assert caught.value.code == "CF-1917"
    assert "LimitFSIZE" in caught.value.todo


def test_a_value_is_masked_where_it_recurs_before_and_after_its_key(name: str) -> None:
    text = "hello Erika Mustermann\nresult='4930901820417'\n\t'CustomerName'\t'Erika Mustermann'\n\tAttributeANI\t'+4930901820417'\n"
    text += "bye Mustermann, Erika / ERIKA%20MUSTERMANN / 004930901820417\n"
    masked = run(text.encode(), name)[0].decode().lower()
    assert "erika" not in masked
    assert "901820417" not in masked
    assert len({line.split("<tel:")[1][:16] for line in masked.splitlines() if "<tel:" in line}) == 1


def test_what_is_remembered_is_bounded_and_the_report_says_so(name: str) -> None:
    rules = load_rules()
    import dataclasses

    few = dataclasses.replace(rules, learning=dataclasses.replace(rules.learning, max_values=3))
    text = "".join(f"\t'CustomerName'\t'Erika Muster{n:03}x'\n" for n in range(9))
    masked, report = run(text.encode(), name, engine=ENGINES[name](few))
    assert b"Muster" not in masked
    assert (report.learned, report.not_learned) == (3, 6)


_FRAGMENTS = st.sampled_from(
    [
        "\tAttributeANI\t'", "+4930901820417", "'", '"', "<sip:", ">", "@", "erika", "192.0.2.1", " ", "\n", "\r\n", ":5060",
        "From: ", "Erika Mustermann", "Call-ID: ", "5D3A@", "a.example.com", "=", "CustomerName", "password", ";", "<TEL:",
        "0123456789abcdef>", "<NAME:0123456789abcdef>", "4111 1111 1111 1111", "8.1.103.95", "08:00:00", "ab:", "\\", "{", "}",
        ",", "'CustomerName'\t'", '"phone":"', "%2B", "%40", "//", "415-555-0143", "DE89370400440532013000", "Signal=", "5",
        "é", "\0", "\x80", "tel:", "callback for ", "user ", "/home/", "Host name: ", "web07", "-", ".", "(", ")", "\t",
    ]
)  # fmt: skip


@settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_FRAGMENTS, max_size=40).map("".join))
def test_masking_twice_changes_nothing_and_lines_stay(name: str, text: str) -> None:
    data = b"10:15:02.118 Std 05060 Application started, all is well\n" + text.encode()
    once, report = run(data, name)
    assert once.count(b"\n") == data.count(b"\n")
    assert report.lines == data.count(b"\n") + (not data.endswith(b"\n"))
    assert run(once, name)[0] == once


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(st.lists(_FRAGMENTS, max_size=6).map("".join), min_size=5, max_size=60).map("\n".join))
def test_borders_of_blocks_make_no_difference(name: str, text: str) -> None:
    data = b"10:15:02.118 Std 05060 Application started, all is well\n" + text.encode()
    assert run(data, name, engine=SMALL[name])[0] == run(data, name)[0]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_masked_or_refused(name: str, data: bytes) -> None:
    try:
        masked, _ = run(data, name)
    except MaskingError:
        return
    assert masked.count(b"\n") == data.count(b"\n")


BOMBS = [
    b"4", b"1 ", b"@", b"a@", b"sip:", b"sip:a@", b"'", b'"', b"'a'", b":", b"ab:", b"a.", b"1.1.", b"=", b"a=", b"+1", b"<",
    b'"<sip:', b"DE00", b"x", b"\n", b"Attribute", b"QUJD", b"eyJhbGci.", b"\\", b'\\"', b"::", b"12-", b"insert into a(",
    b"name='a' ", b'"a":[', b" ", b"Call-ID: ", b"\xc3\xbc", b"<TEL:0000000000000000>", b"expression='a=", b" user a",
]  # fmt: skip


@pytest.mark.parametrize("unit", BOMBS, ids=lambda unit: unit.decode())
def test_one_long_line_of_anything_takes_linear_time(name: str, unit: bytes) -> None:
    size = 40_000
    assert kept(lambda: seconds_of(lambda: run(b"log\n" + (unit * size)[:size], name)) < 2.0)


def test_a_value_in_a_very_long_line_is_found_wherever_it_stands(name: str) -> None:
    line = b"word " * 200_000
    data = line[:262_100] + b' ANI="4155550143" ' + line[:262_000] + b" mail e@example.com " + line[:1000]
    masked, report = run(data, name)
    assert b"4155550143" not in masked
    assert report.counts == {"MAIL": 1, "TEL": 1}


def test_the_preview_shows_what_the_file_gets(name: str) -> None:
    masked = run(TEXT.encode(), name)[0].decode()
    lines = list(BY_NAME[name].preview(io.BytesIO(TEXT.encode())))
    assert [line.after for line in lines] == masked.splitlines()
    assert [line.before for line in lines] == TEXT.splitlines()
    for line in lines:
        for hit in line.replacements:
            assert line.before[hit.before_column :].startswith(hit.before)
            assert line.after[hit.after_column :].startswith(hit.after)


@pytest.mark.parametrize("codec", ["utf-8", "cp1252", "utf-16-le"])
@pytest.mark.parametrize("position", ["amidst", "at the end"])
def test_a_file_that_turns_binary_later_is_not_text(name: str, codec: str, position: str) -> None:
    text = (TEXT * 4000).encode(codec)
    junk = random.Random(5).randbytes(10_000)
    data = text + junk + (text if position == "amidst" else b"")
    with pytest.raises(NotText):
        run(data, name)
