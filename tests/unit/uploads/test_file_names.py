"""Which names a case accepts."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InputError
from app.sandbox.sftp.folder import OutsideFolder, name_in_folder
from app.sandbox.uploads.names import LONGEST_NAME, safe_file_name


@pytest.mark.parametrize(
    "name",
    [
        "sip-a01_2026-11-24.zip",
        "URS log.txt",
        "Größe (1).log",
        "console.txt",
        "журнал.log",
        "日誌.zip",
        ".hidden",
        "a.tar.gz",
        "console.log",
    ],
)
def test_a_plain_name_is_kept(name: str) -> None:
    assert safe_file_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        ".",
        "..",
        "...",
        "../x",
        "a/b",
        "a\\b",
        "C:x",
        "/etc/passwd",
        "a\0b",
        "a\nb",
        "a\x7fb",
        "a\u202egpj.exe",
        "a\u200bb",
        "a\ud800",
        "NUL",
        "nul.txt",
        "com1.log",
        "COM¹",
        "LPT9",
        "con .txt",
        "CONIN$",
        "a?b",
        "a*",
        'a"b',
        "a|b",
        "<a>",
        "a.",
        "x" * (LONGEST_NAME + 1),
    ],
)
def test_a_dangerous_name_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        safe_file_name(name)


def test_white_space_around_a_name_is_taken_off() -> None:
    assert safe_file_name("  a.log \t".replace("\t", "")) == "a.log"


def test_a_name_is_composed_as_unicode_nfc() -> None:
    assert safe_file_name(unicodedata.normalize("NFD", "Prüfung.log")) == "Prüfung.log"


@given(st.text(max_size=300))
def test_whatever_is_accepted_is_one_part_of_a_path_everywhere(text: str) -> None:
    try:
        name = safe_file_name(text)
    except InputError:
        return
    assert PurePosixPath("/case", name).parent == PurePosixPath("/case")
    assert PureWindowsPath("C:/case", name).parent == PureWindowsPath("C:/case")
    assert not PureWindowsPath(name).is_absolute()
    assert len(name.encode()) <= LONGEST_NAME


@given(st.text(max_size=300))
def test_an_accepted_name_is_accepted_unchanged_again(text: str) -> None:
    try:
        name = safe_file_name(text)
    except InputError:
        return
    assert safe_file_name(name) == name


@pytest.mark.parametrize("path", ["", "/", ".", "./", "/.", "..", "/..", "../..", "/../../", "x/.."])
def test_every_way_up_ends_in_the_folder_itself(path: str) -> None:
    assert name_in_folder(path) == ""


@pytest.mark.parametrize("path", ["a.log", "/a.log", "./a.log", "//a.log", "/../a.log", "x/../a.log"])
def test_a_path_to_a_file_of_the_folder_is_its_name(path: str) -> None:
    assert name_in_folder(path) == "a.log"


@pytest.mark.parametrize("path", ["a/b", "/etc/passwd", "../../etc/passwd", "a\\..\\b", "\0", "C:\\x", "nul"])
def test_a_path_out_of_the_folder_names_nothing(path: str) -> None:
    with pytest.raises(OutsideFolder):
        name_in_folder(path)


@given(st.lists(st.sampled_from(["..", ".", "", "a", "b.log", "\\", "\0", "~", "%2e%2e"]), max_size=8))
def test_no_path_leads_out_of_the_folder(parts: list[str]) -> None:
    try:
        name = name_in_folder("/".join(parts))
    except OutsideFolder:
        return
    assert "/" not in name
    assert "\\" not in name
    assert name not in (".", "..")
