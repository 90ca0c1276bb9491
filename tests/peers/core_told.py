"""What an engine tells the core, written down call by call, for programs in C that tell it the same.

A call is its name, its numbers and its texts, without the thing it is made on; core_told.h reads it. What
Python answered while a file was masked stands there, too: tokens, and forms of learned values.
"""

from __future__ import annotations

import ctypes
import io
import struct
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from app.masking import FileReport, NativeEngine, PseudonymKey, RuleSet
from app.masking.native.library import load_core

_WRITTEN = ("cf_rules_", "cf_settings_", "cf_tell", "cf_learned_know", "cf_learned_form")
_ON_NOTHING = ("cf_rules_new", "cf_rules_free", "cf_settings_free")


class WritingCore:
    """The core of this machine, which writes down what it is told."""

    def __init__(self, core: ctypes.CDLL) -> None:
        self._core = core
        self.told = bytearray()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(self._core, name)
        if not name.startswith(_WRITTEN) or name in _ON_NOTHING:
            return function

        def written(*words: Any) -> Any:
            self.told += _call(name, words[1:])
            return function(*words)

        return written


def _call(name: str, words: tuple[Any, ...]) -> bytes:
    numbers = [word for word in words if isinstance(word, int)]
    texts = [word for word in words if isinstance(word, bytes)]
    assert len(numbers) + len(texts) == len(words), (name, words)
    head = bytes([len(name)]) + name.encode() + struct.pack(f"<B{len(numbers)}q", len(numbers), *numbers)
    return head + bytes([len(texts)]) + b"".join(struct.pack("<I", len(text)) + text for text in texts)


def told_of(rules: RuleSet, key: PseudonymKey) -> bytes:
    """What an engine tells the core before the first byte."""
    return _open(rules, key, {})[1].told


def told_and_masked(
    rules: RuleSet, key: PseudonymKey, text: bytes, *, block: int
) -> tuple[bytes, bytes, FileReport]:
    """What it tells while it masks a text, too; and the masked text with its report."""
    engine, core = _open(rules, key, {"block": block})
    sink = io.BytesIO()
    report = engine.mask_stream(io.BytesIO(text), sink)
    return bytes(core.told), sink.getvalue(), report


def _open(rules: RuleSet, key: PseudonymKey, options: dict[str, int]) -> tuple[NativeEngine, WritingCore]:
    core = WritingCore(load_core())
    with patch("app.masking.native.engine.load_core", lambda: core):
        return NativeEngine(rules, key, **options), core
