"""Masked text is not masked further: otherwise the check after masking would refuse whole files."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from app.masking import Engine, NativeEngine, PseudonymKey, ReferenceEngine, load_rules
from tests.peers.masking_texts import example_texts, generated_text
from tests.unit.masking.conftest import Mask

NATIVE = NativeEngine(load_rules(), PseudonymKey(b"k" * 32))


def masked(engine: Engine, text: bytes) -> bytes:
    sink = io.BytesIO()
    engine.mask_stream(io.BytesIO(text), sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    "line",
    [
        r'{"path":"C:\\Users\\mohara\\AppData\\Local\\x.log"}',
        r"C:\Users\mohara\\AppData\\Local\x.log",
        r"path \\srv01\home$\mohara\\data\x",
        "read /home/mohara//logs/today",
        "CustomerName=Erika Mustermann//web/x",
        "Caller: «+49 30 901820417»",
        "<line>AttributeAgentID [str] = &quot;j.doe&quot;</line>",
        "phone:30 917curl -uo:x",
        "phone:30 917 curl -uo:x",
    ],
)
def test_what_stands_beside_a_token_is_no_value(mask: Mask, line: str) -> None:
    once = mask(line)
    assert once != line
    assert mask(once) == once


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize("value", ["«»", "“ ”", "&quot;", "–"])
def test_marks_are_no_value(mask: Mask, value: str, encoding: str) -> None:
    text = f"CustomerName={value} and more".encode(encoding)
    assert mask(text) == text.decode("utf-8", "surrogateescape")


@pytest.mark.parametrize("value", ["Ëva", "ë", "王小明", "«Ëva»", "M&uuml;ller"])
def test_letters_beyond_ascii_are_a_value(mask: Mask, value: str) -> None:
    assert "<NAME:" in mask(f"CustomerName={value}")


def _cell(text: str) -> str:
    sink = io.StringIO()
    csv.writer(sink).writerow(["4711", text, "x"])
    return sink.getvalue().rstrip("\r\n")


def _in_json(text: str) -> str:
    return json.dumps({"ts": "2026-03-04T09:34:39.657Z", "msg": text}, ensure_ascii=False)


NOTATIONS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "JSON": _in_json,
    "JSON in JSON": lambda text: json.dumps({"a": _in_json(text)}),
    "XML": lambda text: f"<log><line>{html.escape(text)}</line></log>",
    "URL": lambda text: f"GET /log?line={quote(text)} HTTP/1.1",
    "a cell": _cell,
    "Python": lambda text: f"got {text!r}",
}


@pytest.mark.parametrize("notation", NOTATIONS)
def test_lines_of_the_examples_are_masked_at_once(notation: str) -> None:
    texts = (*example_texts().values(), generated_text(seed=8, entries=120))
    lines = dict.fromkeys(line.decode("utf-8", "replace") for text in texts for line in text.splitlines())
    again = []
    for line in lines:
        raw = NOTATIONS[notation](line).encode()
        once = masked(NATIVE, raw)
        if once != raw and masked(NATIVE, once) != once:
            again.append(once)
    assert again == []


def test_a_log_with_paths_of_users_in_json_passes_the_check(tmp_path: Path) -> None:
    from app.masking import mask_file, residual_check

    line = json.dumps({"path": "C:\\Users\\mohara\\AppData\\Local\\Genesys\\x.log"})
    (tmp_path / "raw").write_text(f"{line}\n" * 20)
    file = mask_file(NATIVE, tmp_path / "raw", target=tmp_path / "copy", name="x.log")
    check = residual_check(load_rules(), PseudonymKey(b"k" * 32))
    assert check.examine(file).report.residual_read == file.report.masked_size


@pytest.mark.parametrize("profile", ["voice-strict", "balanced", "infrastructure-only"])
@pytest.mark.parametrize("engine", [NativeEngine, ReferenceEngine])
def test_the_user_of_a_url_that_a_profile_leaves_is_no_host_afterwards(
    engine: type[NativeEngine | ReferenceEngine], profile: str
) -> None:
    masking = engine(load_rules(profile=profile), PseudonymKey(b"k" * 32))
    once = masked(masking, b"GET http://mohara:Secret1@web7/x and ftp://u:@web7/x\n")
    assert masked(masking, once) == once
