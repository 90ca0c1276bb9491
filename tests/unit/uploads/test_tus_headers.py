"""The headers of tus, read and written."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.uploads.headers import (
    LARGEST,
    Checksum,
    Concat,
    HeaderError,
    UploadKind,
    announced,
    format_metadata,
    parse_checksum,
    parse_concat,
    parse_metadata,
    parse_size,
)

FOLDER = "/api/v1/uploads"
KEYS = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=","), min_size=1, max_size=40
)
GOOD = {"case": "3256109", "filename": "a.log", "sha256": "ab" * 32}


@given(st.dictionaries(KEYS, st.text(max_size=200), max_size=8))
def test_metadata_survives_writing_and_reading(values: dict[str, str]) -> None:
    assert parse_metadata(format_metadata(values)) == values


@given(st.text(max_size=200))
def test_metadata_of_any_text_is_read_or_refused_with_the_field(text: str) -> None:
    fields: list[str] = []
    try:
        fields = list(parse_metadata(text))
    except HeaderError as error:
        fields = [error.field]
    assert all(fields)


@pytest.mark.parametrize(
    "text", [",", "a YQ==,a YQ==", "a YQ==,", "ä YQ==", "a not-base64!", "a /w==", "a YQ==,,b YQ=="]
)
def test_metadata_that_is_not_pairs_is_refused(text: str) -> None:
    with pytest.raises(HeaderError):
        parse_metadata(text)


def test_a_key_without_a_value_is_empty() -> None:
    assert parse_metadata("is_confidential,filename YS5sb2c=") == {"is_confidential": "", "filename": "a.log"}


def test_what_an_upload_announces_is_read_and_unknown_keys_are_left_aside() -> None:
    found = announced(
        {**GOOD, "filetype": "text/plain", "manifest_sha256": "CD" * 32, "idempotency_key": "k"}
    )
    assert (found.case, found.filename) == ("0003256109", "a.log")
    assert (found.sha256, found.manifest_sha256) == ("ab" * 32, "cd" * 32)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("case", ""),
        ("case", "x1"),
        ("filename", "../x"),
        ("filename", "nul"),
        ("sha256", "ab"),
        ("sha256", "xy" * 32),
        ("manifest_sha256", "1"),
        ("idempotency_key", "k" * 201),
    ],
)
def test_what_an_upload_announces_wrongly_is_named(field: str, value: str) -> None:
    with pytest.raises(HeaderError) as caught:
        announced({**GOOD, field: value})
    assert caught.value.field == field


@pytest.mark.parametrize("field", ["case", "filename", "sha256"])
def test_a_missing_key_is_named(field: str) -> None:
    with pytest.raises(HeaderError) as caught:
        announced({key: value for key, value in GOOD.items() if key != field})
    assert caught.value.field == field


@given(st.integers(min_value=0, max_value=LARGEST))
def test_a_size_is_read(size: int) -> None:
    assert parse_size(str(size), field="Upload-Length") == size


@pytest.mark.parametrize("text", ["", "-1", "+1", " 1", "1.0", "1e3", "٣", str(LARGEST + 1), "9" * 30])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(HeaderError):
        parse_size(text, field="Upload-Length")


@pytest.mark.parametrize(("algorithm", "size"), [("sha256", 32), ("sha1", 20)])
def test_a_checksum_is_read(algorithm: str, size: int) -> None:
    digest = bytes(range(size))
    text = f"{algorithm} {base64.b64encode(digest).decode()}"
    assert parse_checksum(text) == Checksum(algorithm=algorithm, digest=digest)


@pytest.mark.parametrize("text", ["", "sha256", "md5 YQ==", "sha256 YQ==", "sha1 !!!!", "SHA256 " + "A" * 44])
def test_what_is_no_checksum_is_refused(text: str) -> None:
    with pytest.raises(HeaderError):
        parse_checksum(text)


def test_a_partial_upload_is_read() -> None:
    assert parse_concat("partial", folder=FOLDER) == Concat(UploadKind.PARTIAL)


def test_the_parts_of_a_final_upload_are_read_in_order() -> None:
    found = parse_concat(f"final;{FOLDER}/bbbbbbbb https://other.example{FOLDER}/aaaaaaaa", folder=FOLDER)
    assert found == Concat(UploadKind.FINAL, ("bbbbbbbb", "aaaaaaaa"))


@pytest.mark.parametrize(
    "text",
    [
        "final",
        "final;",
        "whole",
        "final;/etc/passwd",
        f"final;{FOLDER}/../secrets1",
        f"final;{FOLDER}/a",
        f"final;{FOLDER}/aaaaaaaa/state",
        f"final;{FOLDER}/aaaaaaaa {FOLDER}/aaaaaaaa",
        "final;http://[",
        "final;" + " ".join(f"{FOLDER}/{number:08d}" for number in range(1001)),
    ],
)
def test_parts_that_are_no_uploads_are_refused(text: str) -> None:
    with pytest.raises(HeaderError):
        parse_concat(text, folder=FOLDER)
