"""Names from outside become one plain name of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transfer.downloads import local_name
from app.transfer.downloads.names import LONGEST_NAME


def names_something_else(name: str) -> bool:
    """Whether it is a device of Windows, or lies beside a download."""
    ours = name.lower().endswith((".part", ".part.json", ".part.lock", ".quarantine"))
    return ours or name.split(".", 1)[0].rstrip().upper() in ("CON", "NUL", "AUX")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("logs.zip", "logs.zip"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("C:\\x.zip", "x.zip"),
        ("..", "file"),
        ("", "file"),
        ("/", "file"),
        (".hidden", "hidden"),
        ("nul", "_nul"),
        ("COM1.log", "_COM1.log"),
        ("aux .txt", "_aux .txt"),
        ("a:b?.zip", "a_b_.zip"),
        ("x\u202egpj.exe", "x_gpj.exe"),
        ("trailing. . ", "trailing"),
        ("logs.zip.part", "logs.zip.part_"),
        ("logs.zip.PART.json", "logs.zip.PART.json_"),
        ("logs.part1.rar", "logs.part1.rar"),
        ("a\u0301.zip", "\u00e1.zip"),
        ("x\ud800.zip", "x_.zip"),
    ],
)
def test_a_name_is_made_plain(name: str, plain: str) -> None:
    assert local_name(name) == plain


def test_a_long_name_keeps_its_ending() -> None:
    name = local_name("ü" * 300 + ".zip")
    assert name.endswith("ü.zip")
    assert len(name.encode()) <= LONGEST_NAME


@pytest.mark.parametrize(
    "name",
    [
        "a" * 195 + ".part" + "x" * 26,
        "a" * 195 + ".PART",
        "CON" + " " * 250 + "x.txt",
        "CON" + " " * 191 + "x.part",
        "nul." + "a" * 190 + ".part" + "x" * 26,
    ],
)
def test_what_a_long_name_is_cut_to_is_set_apart_too(name: str) -> None:
    plain = local_name(name)
    assert not names_something_else(plain)
    assert len(plain.encode()) <= LONGEST_NAME
    assert local_name(plain) == plain


_PIECES = st.sampled_from(["CON", "nul", "aux.", " ", ".", "_", "ü", ".part", ".PART", ".part.json"])
_LONG = st.builds(
    lambda begin, fill, end, behind: begin + fill + end + "x" * behind,
    _PIECES,
    st.builds(lambda piece, times: piece * times, st.sampled_from("a. "), st.integers(180, 200)),
    _PIECES,
    st.integers(0, 25),
)


@given(_LONG)
def test_no_name_is_a_device_or_one_of_our_half_files(name: str) -> None:
    plain = local_name(name)
    assert not names_something_else(plain)
    assert 0 < len(plain.encode()) <= LONGEST_NAME
    assert local_name(plain) == plain


@given(st.text(max_size=400))
def test_no_name_leads_out_of_its_folder(name: str) -> None:
    plain = local_name(name)
    assert (Path("/folder") / plain).parent == Path("/folder")
    assert plain not in ("", ".", "..")
    assert len(plain.encode()) <= LONGEST_NAME
    assert local_name(plain) == plain
