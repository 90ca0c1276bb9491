"""Where an unquoted phone number ends: it takes its own groups, and nothing that follows."""

from __future__ import annotations

import pytest

from app.masking import load_rules, mask_text, new_key, reference_engine


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("phone=+4930901820417 8.1.103.95 loaded", "8.1.103.95 loaded"),
        ("phone=4155550123 5060 ms", "5060 ms"),
        ("phone=415 555 0123 8.5.112.21", "8.5.112.21"),
        ("phone=+49 30 901820417 1686305703", "1686305703"),
    ],
)
def test_what_follows_a_number_stays(line: str, stays: str) -> None:
    masked = mask_text(reference_engine(load_rules(), new_key()), line).text
    assert masked.endswith(f"> {stays}")


@pytest.mark.parametrize("number", ["+34 600 123 456", "(415) 555-0123", "030 / 901820-417"])
def test_a_number_in_groups_goes_as_a_whole(number: str) -> None:
    masked = mask_text(reference_engine(load_rules(), new_key()), f"phone={number}, next").text
    assert masked.startswith("phone=<TEL:")
    assert masked.endswith(">, next")
