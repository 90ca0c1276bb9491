"""A rule set as the core holds it, and the names of its rules."""

from __future__ import annotations

import ctypes
import ipaddress
import weakref

from app.masking.face import Kind
from app.masking.native.library import RULE_KEYS, RULE_OWN, RULES, checked
from app.masking.rules import Extent, RuleSet, fold_key
from app.masking.shapes import DETECTORS

KINDS = tuple(Kind)
"""In the order of ``cf_kind``."""

NUMBERS = {kind: number for number, kind in enumerate(KINDS)}


class RuleTable:
    """The rules in the core's memory. Several threads may use one.

    Attributes:
        handle: of the ``cf_rules``.

    Raises:
        CoreFailed: the core refuses a rule.
    """

    def __init__(self, core: ctypes.CDLL, rules: RuleSet) -> None:
        self._core = core
        self._rules = rules
        self.handle = core.cf_rules_new()
        if not self.handle:
            raise MemoryError
        weakref.finalize(self, core.cf_rules_free, self.handle)
        self._shapes()
        self._keys()
        self._allowed()
        checked(core.cf_rules_ready(self.handle))
        self._names = {number: name for number in range(RULES) if (name := self._name(number))}

    def name_of(self, number: int) -> str:
        """The id of a rule, as it stands in reports."""
        return self._names[number]

    def _shapes(self) -> None:
        shapes = self._rules.shapes
        for number, name in enumerate(DETECTORS):
            if name in shapes:
                checked(self._core.cf_rules_shape(self.handle, number, NUMBERS[shapes[name]]))

    def _keys(self) -> None:
        for place, rule in enumerate(self._rules.keys):
            number, kind = RULE_KEYS + place, NUMBERS[rule.kind]
            words = (rule.learn, rule.exact, rule.quoted, rule.extent is Extent.LINE)
            for folded in dict.fromkeys(fold_key(name).encode() for name in rule.names):
                answer = self._core.cf_rules_key(
                    self.handle, folded, len(folded), number, kind, *map(int, words)
                )
                checked(answer)
        for key in self._rules.keep_keys:
            checked(self._core.cf_rules_keep(self.handle, key.encode(), len(key.encode())))

    def _allowed(self) -> None:
        core, allow = self._core, self._rules.allow
        for number, texts in enumerate((allow.values, allow.users, allow.hosts)):
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
            keys = self._rules.keys
            return keys[number - RULE_KEYS].rule if number - RULE_KEYS < len(keys) else ""
        name = self._core.cf_rule_name(number)
        return name.decode("ascii") if name else ""
