"""A rule set as the core holds it, and the names of its rules."""

from __future__ import annotations

import ctypes
import ipaddress
import weakref
from collections.abc import Iterable

from app.masking.face import Kind
from app.masking.native.library import RULE_KEYS, RULE_OWN, RULES, CoreMissing, checked
from app.masking.people import FIELDS, written_lines
from app.masking.rules import PLACES, Extent, Needs, RuleSet, fold_names
from app.masking.shapes import DETECTORS

KINDS = tuple(Kind)
"""In the order of ``cf_kind``."""

NUMBERS = {kind: number for number, kind in enumerate(KINDS)}


_NEEDS = tuple(Needs)
_SCRIPTS = (
    (0x00, 0x24F), (0x370, 0x52F), (0x5D0, 0x6FF), (0x1E00, 0x1EFF), (0xE01, 0xE5B), (0x3041, 0x3096),
    (0x30A1, 0x30FE), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3),
)  # fmt: skip
"""Latin, Greek, Cyrillic, Hebrew, Arabic, Thai, kana, Hangul, and Chinese characters."""


def _lines(folded: Iterable[str]) -> bytes:
    """Folded names, one a line."""
    return "\n".join(filter(None, folded)).encode()


class RuleTable:
    """The rules in the core's memory. Several threads may use one.

    Attributes:
        handle: of the ``cf_rules``.

    Raises:
        CoreFailed: the core refuses a rule.
        CoreMissing: a key name is in a script that the core cannot compare as the reference does.
    """

    def __init__(self, core: ctypes.CDLL, rules: RuleSet) -> None:
        self._core = core
        self._rules = rules
        self.handle = core.cf_rules_new()
        if not self.handle:
            raise MemoryError
        weakref.finalize(self, core.cf_rules_free, self.handle)
        self._key_names = sorted({rule.rule for rule in rules.keys})  # ties are decided by name
        self._refuse_scripts()
        self._shapes()
        self._keys()
        self._allowed()
        checked(core.cf_rules_ready(self.handle))
        self._names = {number: name for number in range(RULES) if (name := self._name(number))}

    def name_of(self, number: int) -> str:
        """The id of a rule, as it stands in reports."""
        return self._names[number]

    def _refuse_scripts(self) -> None:
        """Keys are compared without accents and case, which the core knows of some scripts only."""
        groups = (group for rule in self._rules.keys for group in (rule.names, rule.ends))
        for names in (*groups, *self._rules.words.values(), self._rules.keep_keys):
            for letter in map(ord, set("".join(names))):
                if not any(first <= letter <= last for first, last in _SCRIPTS):
                    raise CoreMissing("the rules have a key name in a script that the core does not compare")

    def _shapes(self) -> None:
        shapes = self._rules.shapes
        for number, name in enumerate(DETECTORS):
            if name in shapes:
                checked(self._core.cf_rules_shape(self.handle, number, NUMBERS[shapes[name]]))

    def _keys(self) -> None:
        core, handle = self._core, self.handle
        for rule in self._rules.keys:
            number, kind = RULE_KEYS + self._key_names.index(rule.rule), NUMBERS[rule.kind]
            learn, quoted, line = int(rule.learn), int(rule.quoted), int(rule.extent is Extent.LINE)
            checked(core.cf_rules_needs(handle, _NEEDS.index(rule.needs)))
            names, ends, exact = _lines(rule.folded), _lines(fold_names(rule.ends)), int(rule.exact)
            checked(core.cf_rules_key(handle, names, len(names), number, kind, learn, exact, quoted, line))
            if ends:
                checked(core.cf_rules_end(handle, ends, len(ends), number, kind, learn, quoted, line))
        for word in self._rules.qualifiers:
            checked(core.cf_rules_qualifier(handle, word.encode(), len(word.encode())))
        for use, said in ((0, self._rules.prefixes), (len(PLACES) + 1, self._rules.sorts)):
            for folded in map(str.encode, said):
                checked(core.cf_rules_word(handle, folded, len(folded), use))
        for place, words in self._rules.words.items():
            for folded in map(str.encode, words):
                checked(core.cf_rules_word(handle, folded, len(folded), ord(PLACES[place])))
        for key in self._rules.keep_keys:
            checked(self._core.cf_rules_keep(self.handle, key.encode(), len(key.encode())))

    def _allowed(self) -> None:
        core, allow = self._core, self._rules.allow
        for name, use in FIELDS.items():
            words = written_lines(self._rules.people.get(name, ()))
            if words:
                checked(core.cf_rules_people(self.handle, words, len(words), use))
        lists = (allow.values, allow.users, allow.hosts, allow.offices, allow.answers)
        for number, texts in enumerate(lists):
            for text in texts:
                checked(core.cf_rules_allow(self.handle, number, text.encode(), len(text.encode())))
        for put, networks in (
            (core.cf_rules_network, allow.addresses),
            (core.cf_rules_site, self._rules.subnets),
        ):
            for network in map(ipaddress.ip_network, networks):
                address = network.network_address
                packed = address.packed.ljust(16, b"\0")
                checked(put(self.handle, address.version, packed, network.prefixlen))
        checked(core.cf_rules_internal(self.handle, *self._rules.internal))

    def _name(self, number: int) -> str:
        if number >= RULE_OWN:
            own = self._rules.patterns
            return own[number - RULE_OWN].rule if number - RULE_OWN < len(own) else ""
        if number >= RULE_KEYS:
            keys = self._key_names
            return keys[number - RULE_KEYS] if number - RULE_KEYS < len(keys) else ""
        name = self._core.cf_rule_name(number)
        return name.decode("ascii") if name else ""
