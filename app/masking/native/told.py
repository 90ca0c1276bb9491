"""What an engine tells the core before the first byte: the key, what is done with each kind, what stays."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Iterable

from app.masking.face import Kind
from app.masking.keys import PseudonymKey
from app.masking.learned import Learned
from app.masking.native.library import SPAN_SIZE, CSpan, checked
from app.masking.native.ruletable import KINDS, NUMBERS, RuleTable
from app.masking.pseudonyms import Pseudonyms
from app.masking.rules import Policy, RuleSet

_HERE, _CONSTANT, _ASK = 0, 1, 2
_MOST_BYTES = 24 * 1024 * 1024
"""Of what is remembered of one file or bundle: the values and all their notations."""


class Told:
    """Rules, key and treatment of kinds in the core's memory. Several threads may use one.

    Attributes:
        handle: of the ``cf_settings``.
        learning: whether values that a key tells are looked for wherever they recur.
    """

    def __init__(
        self,
        core: ctypes.CDLL,
        *,
        rules: RuleSet,
        table: RuleTable,
        key: PseudonymKey,
        pseudonyms: Pseudonyms,
    ) -> None:
        self._core, self._rules, self._table = core, rules, table
        self.handle = core.cf_settings_new(table.handle, key.secret, len(key.secret))
        if not self.handle:
            raise MemoryError
        weakref.finalize(self, core.cf_settings_free, self.handle)
        self.learning = "learned" in rules.shapes
        self._country()
        for kind in KINDS:
            self._treat(kind, pseudonyms)
        self._stays()

    def lesson(self) -> Lesson:
        """What a file or a bundle teaches; it knows the site's values already."""
        return Lesson(self._core, told=self, rules=self._rules)

    def _country(self) -> None:
        digits = self._rules.country.encode()
        checked(self._core.cf_settings_country(self.handle, digits, len(digits)))

    def _treat(self, kind: Kind, pseudonyms: Pseudonyms) -> None:
        policy = self._rules.policy_of(kind)
        if policy is Policy.KEEP:
            checked(self._core.cf_settings_kept(self.handle, NUMBERS[kind]))
        constant = pseudonyms.token(kind, b"") if policy in (Policy.FIXED, Policy.DROP) else b""
        listened = pseudonyms.on_token is not None
        treatment = _CONSTANT if constant else _ASK if listened or not pseudonyms.plain(kind) else _HERE
        answer = self._core.cf_settings_treatment(
            self.handle, NUMBERS[kind], treatment, constant, len(constant)
        )
        checked(answer)

    def _stays(self) -> None:
        core, rules = self._core, self._rules
        for each in rules.numbers.ranges:
            low, high = each.low.encode(), each.high.encode()
            checked(core.cf_settings_range(self.handle, low, high, len(low), int(each.open)))
        allow = rules.allow
        for word in allow.values | allow.users | allow.hosts:
            data = word.encode()
            checked(core.cf_settings_stop(self.handle, data, len(data)))
        limits = rules.learning
        answer = core.cf_settings_learning(
            self.handle,
            int(self.learning),
            limits.max_values,
            limits.min_length,
            limits.min_digits,
            _MOST_BYTES,
        )
        checked(answer)


class Lesson:
    """Values of one file or bundle that are masked wherever they recur.

    One thread at a time may teach it; several may use it when nobody does.

    Attributes:
        handle: of the ``cf_learned``.
        empty: it knows nothing, so that nothing has to be looked for.
        heard: values that were told, as far as there is room, when somebody listens; else None.
    """

    def __init__(self, core: ctypes.CDLL, *, told: Told, rules: RuleSet) -> None:
        self._core, self._told = core, told
        self._forms = Learned(rules.learning, country=rules.country).forms
        self.handle = core.cf_learned_new(told.handle)
        if not self.handle:
            raise MemoryError
        weakref.finalize(self, core.cf_learned_free, self.handle)
        self.empty = not rules.known
        self.heard: dict[tuple[Kind, bytes], None] | None = None
        self._most = rules.learning.max_values
        for kind, value in rules.known:
            data = value.encode("utf-8")
            checked(core.cf_learned_know(self.handle, NUMBERS[kind], data, len(data)))
        self._answer_pending()

    def take(self, buffer: bytes, teachers: bytes, count: int) -> None:
        """Learn the values that the find phase named; a value past the bound is counted, not kept."""
        if not count:
            return
        self.empty = False
        checked(self._core.cf_learned_take(self.handle, buffer, len(buffer), teachers, count))
        self._answer_pending()
        if self.heard is not None:
            for span in (CSpan * count).from_buffer_copy(teachers):
                if len(self.heard) < self._most:
                    self.heard[KINDS[span.kind], buffer[span.start : span.end]] = None

    def teach(self, values: Iterable[tuple[Kind, bytes]]) -> None:
        """Learn values as if they were found."""
        buffer, spans = bytearray(), bytearray()
        for kind, value in values:
            span = CSpan(start=len(buffer), end=len(buffer) + len(value), kind=NUMBERS[kind], learned=-1)
            buffer += value
            spans += bytes(span)
        self.take(bytes(buffer), bytes(spans), len(spans) // SPAN_SIZE)

    def next_file(self) -> None:
        """What follows comes from another file: a value past the bound counts anew."""
        self._core.cf_learned_next(self.handle)

    def share(self, other: Lesson) -> None:
        """Remember what others told, too, as far as there is room."""
        self.empty = self.empty and other.empty
        checked(self._core.cf_learned_share(self.handle, other.handle))
        self._answer_pending()

    @property
    def learned(self) -> int:
        """How many values it remembers."""
        return int(self._core.cf_learned_count(self.handle))

    @property
    def dropped(self) -> int:
        """How many it could not remember."""
        return int(self._core.cf_learned_dropped(self.handle))

    def _answer_pending(self) -> None:
        kind, text, size = ctypes.c_uint8(), ctypes.c_void_p(), ctypes.c_uint32()
        while True:
            index = self._core.cf_learned_pending(
                self.handle, ctypes.byref(kind), ctypes.byref(text), ctypes.byref(size)
            )
            if index < 0:
                return
            value = ctypes.string_at(text.value or 0, size.value)
            for form in sorted(self._forms(KINDS[kind.value], value)):
                checked(self._core.cf_learned_form(self.handle, index, form, len(form)))
