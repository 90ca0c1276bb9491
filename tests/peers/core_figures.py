"""The core's numbers, addresses and host names beside the reference's detectors, each of them alone."""

from __future__ import annotations

import ctypes
from pathlib import Path

from app.masking import load_rules, numbers
from app.masking.network import Network
from tests.peers.core_shapes import DETECTORS, Shapes

NUMBERS = ("iban", "card", "national-id", "phone")
NETWORK = ("mac", "ip", "host")


class Figures(Shapes):
    """Both finders of numbers, addresses and host names, with the default rules."""

    def __init__(self, library: Path) -> None:
        super().__init__(library)
        network = Network(load_rules().allow)
        self._finders = {
            "iban": numbers.ibans,
            "card": numbers.cards,
            "national-id": numbers.national_ids,
            "phone": numbers.phones,
            "mac": network.macs,
            "ip": network.addresses,
            "host": network.hosts,
        }
        for place, name in enumerate(DETECTORS):
            for filled in (self._rules, self._quiet):
                filled.on[place] = name in self._finders

    def count(self, buffer: bytes) -> int:
        """How many places the core finds with rules that allow nothing; none of them is copied."""
        found = self._detect(ctypes.byref(self._quiet), buffer, len(buffer), None, 1 << 32)
        assert found >= 0
        return int(found)
