"""The core's engine: the reference takes over where it does not load, and it fails closed."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.masking import (
    Engine,
    Kind,
    MaskingError,
    NativeEngine,
    PseudonymKey,
    ReferenceEngine,
    load_rules,
    open_engine,
    report_of,
)
from app.masking.native import CoreMissing, library, load_core
from app.masking.native.library import CoreFailed
from app.masking.native.room import Room
from app.masking.pseudonyms import Pseudonyms
from build_core import run_compiler, seal_library, this_machine
from tests.peers.masking_texts import example_texts, generated_text

RULES, KEY = load_rules(), PseudonymKey(b"e" * 32)
LINE = b"\tAttributeANI\t'+4930901820417'\n"


def masked(engine: Engine, data: bytes) -> bytes:
    sink = io.BytesIO()
    engine.mask_stream(io.BytesIO(data), sink)
    return sink.getvalue()


def test_the_core_masks_where_it_loads() -> None:
    assert open_engine(RULES, KEY).name == "native 1"


@pytest.fixture
def other_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes | str], None]:
    """Puts another file, or a library of this C text, in the core's place."""

    def put(content: bytes | str) -> None:
        path = tmp_path / library.library_path().name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            target = this_machine()
            assert target is not None
            source = tmp_path / "other.c"
            source.write_text(content)
            run_compiler(target, "-shared", "-o", path, source)
        seal_library(path)
        monkeypatch.setattr(library, "library_path", lambda: path)

    return put


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no library at all", "the core does not load on this machine"),
        ("int something(void) { return 1; }", "the core is of another version"),
    ],
    ids=["not a library", "another library"],
)
def test_a_file_that_is_not_the_core_is_not_used(
    other_library: Callable[[bytes | str], None], content: bytes | str, why: str
) -> None:
    other_library(content)
    with pytest.raises(CoreMissing, match=why):
        load_core()


@pytest.mark.parametrize("harm", ["cut off", "another byte", "no seal"])
def test_a_core_that_is_not_as_it_was_built_is_not_loaded(
    other_library: Callable[[bytes | str], None], harm: str
) -> None:
    whole = library.library_path().read_bytes()
    other_library(whole)
    harmed = library.library_path()
    if harm == "no seal":
        harmed.with_name(harmed.name + library.SEAL).unlink()
    else:
        half = len(whole) // 2
        harmed.write_bytes(whole[:half] if harm == "cut off" else whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(CoreMissing, match="the core is damaged"):
        load_core()


def test_the_reference_engine_takes_over_and_the_report_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(library, "library_path", lambda: tmp_path / "nothing.so")
    with caplog.at_level(logging.INFO):
        engine = open_engine(RULES, KEY)
    assert isinstance(engine, ReferenceEngine)
    assert report_of(engine, []).fall_back
    assert "holds no core for this platform" in caplog.text


def test_a_core_that_makes_other_tokens_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def another(self: Pseudonyms, kind: Kind, raw: bytes) -> bytes:
        return b"<NAME:0000000000000001>"

    monkeypatch.setattr(Pseudonyms, "token", another)
    with pytest.raises(CoreMissing, match="other tokens"):
        NativeEngine(RULES, KEY)


@pytest.mark.parametrize("fault", [CoreFailed("the core answers -3"), MemoryError()])
@pytest.mark.parametrize("phase", ["find", "settle", "write"])
@pytest.mark.parametrize("threads", [1, 2])
def test_whatever_the_core_refuses_ends_the_masking(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, phase: str, threads: int
) -> None:
    engine = NativeEngine(RULES, KEY, threads=threads)

    def refuse(*_words: object, **_more: object) -> None:
        raise fault

    monkeypatch.setattr(Room, phase, refuse)
    with pytest.raises(MaskingError) as caught:
        masked(engine, LINE)
    assert caught.value.code == "CF-1901"
    assert "4930" not in str(caught.value)


def test_an_output_with_other_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = NativeEngine(RULES, KEY)
    monkeypatch.setattr(engine._pseudonyms, "token", lambda _kind, _raw: b"one\ntwo")
    with pytest.raises(MaskingError) as caught:
        masked(engine, "\t'CustomerName'\t'漢字 漢字'\n".encode())
    assert caught.value.code == "CF-1904"


def test_a_file_that_changes_between_the_passes_is_refused() -> None:
    class Changing(io.BytesIO):
        rewinds = 0

        def seek(self, offset: int, whence: int = 0) -> int:
            if (offset, whence) == (0, 0):
                self.rewinds += 1
                if self.rewinds == 3:  # each pass rewinds for the head and for the text
                    self.getbuffer()[5:6] = b"#"
            return super().seek(offset, whence)

    with pytest.raises(MaskingError) as caught:
        NativeEngine(RULES, KEY).mask_stream(Changing(LINE * 20), io.BytesIO())
    assert caught.value.code == "CF-1906"


def test_engines_of_many_threads_mask_alike() -> None:
    text = generated_text(seed=3, entries=300) + b"".join(example_texts().values())
    expected = masked(NativeEngine(RULES, KEY), text)
    results: list[bytes] = []

    def work() -> None:
        engine = NativeEngine(RULES, KEY, threads=2, block=64 * 1024)
        results.extend(masked(engine, text) for _ in range(3))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 12
    assert set(results) == {expected}


@pytest.mark.parametrize("cut", range(0, len(LINE) * 3, 5))
def test_the_border_of_a_block_may_stand_anywhere_in_a_line(cut: int) -> None:
    text = b"10:15:02.118 Std 05060 Application started\n" * 40 + LINE * 3 + b"x" * 300
    start = 40 * 43
    engine = NativeEngine(RULES, KEY, block=start + cut, context=512)
    assert masked(engine, text) == masked(NativeEngine(RULES, KEY), text)


@pytest.mark.parametrize("kinds", [(Kind.USER, Kind.NAME), (Kind.NAME, Kind.USER)])
def test_a_word_of_two_kinds_has_one_token_whichever_was_told_first(kinds: tuple[Kind, ...]) -> None:
    rules = replace(RULES, known=tuple((kind, "field") for kind in kinds))
    text = b"Mr Field wrote <field>1</field>\n"
    told = masked(NativeEngine(rules, KEY), text)
    assert told == masked(ReferenceEngine(rules, KEY), text)
    assert told.startswith(b"Mr <NAME:")
    assert told.count(b"<USER:") == 2  # an element's name is no name of a person
