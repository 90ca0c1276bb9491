"""The core's detectors called alone: rules go in by its setters, all places it finds come out."""

from __future__ import annotations

import ctypes
import ipaddress
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from app.masking import Kind
from app.masking.people import FIELDS, notations
from app.masking.rules import PLACES, Extent, Needs, RuleSet, fold_name
from build_core import LIBRARIES, SOURCES, compile_core, this_machine
from tests.peers.core_shapes import DETECTORS

RULE_KEYS = 256
_KINDS = tuple(Kind)
_LEARN, _TOUCHING = 1, 2


class Found(NamedTuple):
    """A place as a detector of the core finds it, before overlaps are settled."""

    start: int
    end: int
    detector: str
    kind: Kind
    rule: str
    learn: bool
    touching: bool


class Settled(NamedTuple):
    """What is left of a place when overlaps are settled."""

    start: int
    end: int
    kind: Kind
    rule: str


class CSpan(ctypes.Structure):
    """`cf_span` of core.h."""

    _fields_ = (
        ("start", ctypes.c_uint32),
        ("end", ctypes.c_uint32),
        ("order", ctypes.c_uint16),
        ("rule", ctypes.c_uint16),
        ("kind", ctypes.c_uint8),
        ("flags", ctypes.c_uint8),
        ("spare", ctypes.c_uint16),
        ("learned", ctypes.c_int32),
    )


class CFound(ctypes.Structure):
    """`cf_found_there` of face.c."""

    _fields_ = (
        ("places", ctypes.c_void_p),
        ("place_count", ctypes.c_uint64),
        ("teachers", ctypes.c_void_p),
        ("teacher_count", ctypes.c_uint64),
    )


class Core:
    """The core's library, with the functions that take rules and find places."""

    def __init__(self, library: Path) -> None:
        core = ctypes.CDLL(str(library))
        text, u32, i32 = ctypes.c_char_p, ctypes.c_uint32, ctypes.c_int32
        takes = {
            "shape": (i32, i32),
            "key": (text, u32, i32, i32, i32, i32, i32, i32),
            "end": (text, u32, i32, i32, i32, i32, i32),
            "needs": (i32,),
            "keep": (text, u32),
            "qualifier": (text, u32),
            "word": (text, u32, i32),
            "allow": (i32, text, u32),
            "network": (i32, text, u32),
            "site": (i32, text, u32),
            "internal": (u32, u32),
            "people": (text, u32, u32),
            "ready": (),
        }
        for name, words in takes.items():
            setter = core[f"cf_rules_{name}"]
            setter.argtypes, setter.restype = (ctypes.c_void_p, *words), i32
            setattr(core, f"cf_rules_{name}", setter)
        core.cf_rules_new.restype = ctypes.c_void_p
        core.cf_rules_free.argtypes = (ctypes.c_void_p,)
        core.cf_rule_name.restype = text
        core.cf_detect.argtypes = (
            ctypes.c_void_p, text, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64,
        )  # fmt: skip
        core.cf_detect.restype = ctypes.c_int64
        pointer, u64 = ctypes.c_void_p, ctypes.c_uint64
        core.cf_settings_new.argtypes, core.cf_settings_new.restype = (pointer, text, u64), pointer
        core.cf_work_new.argtypes, core.cf_work_new.restype = (pointer,), pointer
        core.cf_settings_free.argtypes = core.cf_work_free.argtypes = (pointer,)
        core.cf_find.argtypes = (pointer, text, u64, u64, u64, pointer, u64, pointer)
        core.cf_settle.argtypes = (pointer, pointer, text, u64, u64, u64, u64, pointer, u64)
        core.cf_settle.restype = ctypes.c_int64
        core.cf_settled.argtypes, core.cf_settled.restype = (pointer, pointer), ctypes.POINTER(CSpan)
        self._core = core

    def rules(self, rules: RuleSet, *, only: Iterable[str] = DETECTORS) -> Rules:
        """The rules in the core, with those of the detectors `only` that the rules switch on."""
        core = self._core
        made = core.cf_rules_new()
        assert made

        def put(name: str, *words: object) -> None:
            assert getattr(core, f"cf_rules_{name}")(made, *words) == 0, (name, words)

        for name in set(only) & rules.shapes.keys() - {"learned"}:
            put("shape", DETECTORS.index(name), _KINDS.index(rules.shapes[name]))
        names = sorted({rule.rule for rule in rules.keys})
        for rule in rules.keys:
            number, kind = RULE_KEYS + names.index(rule.rule), _KINDS.index(rule.kind)
            put("needs", list(Needs).index(rule.needs))
            words = rule.learn, rule.exact, rule.quoted, rule.extent is Extent.LINE
            keys, ends = ("\n".join(map(fold_name, names)).encode() for names in (rule.names, rule.ends))
            put("key", keys, len(keys), number, kind, *map(int, words))
            words_of_end = rule.learn, rule.quoted, rule.extent is Extent.LINE
            if ends:
                put("end", ends, len(ends), number, kind, *map(int, words_of_end))
        for key in rules.keep_keys:
            put("keep", key.encode(), len(key.encode()))
        _words(put, rules)
        allow = rules.allow
        lists = (allow.values, allow.users, allow.hosts, allow.offices, allow.answers)
        for number, values in enumerate(lists):
            for value in values:
                put("allow", number, value.encode(), len(value.encode()))
        for setter, networks in (("network", rules.allow.addresses), ("site", rules.subnets)):
            for network in map(ipaddress.ip_network, networks):
                address = network.network_address
                put(setter, address.version, address.packed.ljust(16, b"\0"), network.prefixlen)
        put("internal", *rules.internal)
        put("ready")
        return Rules(core, made, names)


def _words(put: Callable[..., None], rules: RuleSet) -> None:
    """The words that say nothing or stand in places of names."""
    places = [(word, 0) for word in rules.prefixes]
    places += [(word, len(PLACES) + 1) for word in rules.sorts]
    places += [(word, ord(PLACES[place])) for place, words in rules.words.items() for word in words]
    for word, place in places:
        put("word", word.encode(), len(word.encode()), place)
    for name, use in FIELDS.items():
        listed = b"\n".join(notations(rules.people.get(name, ())))
        if listed:
            put("people", listed, len(listed), use)
    for word in rules.qualifiers:
        put("qualifier", word.encode(), len(word.encode()))


class Rules:
    """Rules that the core took."""

    def __init__(self, core: ctypes.CDLL, rules: int, keys: list[str]) -> None:
        self._core, self._rules, self._keys = core, rules, keys
        self._settings = core.cf_settings_new(rules, b"k" * 32, 32)
        self._work = core.cf_work_new(self._settings)
        assert self._settings
        assert self._work

    def __del__(self) -> None:
        self._core.cf_work_free(self._work)
        self._core.cf_settings_free(self._settings)
        self._core.cf_rules_free(self._rules)

    def detect(self, text: bytes) -> list[Found]:
        """All places the detectors find, in the order they are found."""
        room = 1024 + len(text)
        while True:
            spans = (CSpan * room)()
            count = self._core.cf_detect(self._rules, text, len(text), spans, room)
            if count != -1:
                break
            room *= 4
        assert count >= 0, count
        return [self._found(span) for span in spans[:count]]

    def count(self, text: bytes, *, room: int = 1 << 20) -> int:
        """How many places there are, without making anything of them; at most `room` are counted."""
        spans = ctypes.create_string_buffer(room * ctypes.sizeof(CSpan))
        found = int(self._core.cf_detect(self._rules, text, len(text), spans, room))
        assert found >= -1, found
        return room if found == -1 else found

    def settled(self, text: bytes, start: int, end: int) -> list[Settled]:
        """The places in ``text[start:end]`` without overlaps, line ends and what says nothing."""
        found, count, size = CFound(), ctypes.c_uint64(), len(text)
        assert self._core.cf_find(self._work, text, size, start, end, None, 0, ctypes.byref(found)) == 0
        places = found.places, found.place_count
        assert self._core.cf_settle(self._work, None, text, size, start, end, start, *places) >= end
        spans = self._core.cf_settled(self._work, ctypes.byref(count))
        return [Settled(s.start, s.end, _KINDS[s.kind], self._rule(s.rule)) for s in spans[: count.value]]

    def _rule(self, number: int) -> str:
        if number >= RULE_KEYS:
            return self._keys[number - RULE_KEYS]
        return str(self._core.cf_rule_name(number).decode())

    def _found(self, span: CSpan) -> Found:
        return Found(
            span.start,
            span.end,
            DETECTORS[(span.order - 10) // 10],
            _KINDS[span.kind],
            self._rule(span.rule),
            bool(span.flags & _LEARN),
            bool(span.flags & _TOUCHING),
        )


def open_core(folder: Path) -> Core:
    """The core of this machine: as `./dev build-native` made it when that is newer than every source, else
    compiled into `folder`.
    """
    target = this_machine()
    assert target is not None, "the core is not offered for this machine"
    sources = (*SOURCES.glob("*.c"), *SOURCES.glob("*.h"))
    made = LIBRARIES / target.library
    if made.exists() and made.stat().st_mtime > max(each.stat().st_mtime for each in sources):
        return Core(made)
    return Core(compile_core(target, folder))
