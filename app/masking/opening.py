"""Which engine masks on this machine."""

from __future__ import annotations

import logging

from app.masking.face import Engine
from app.masking.keys import PseudonymKey
from app.masking.native import CoreMissing, NativeEngine
from app.masking.rules import RuleSet

_log = logging.getLogger(__name__)


def open_engine(rules: RuleSet, key: PseudonymKey, *, threads: int = 1) -> Engine:
    """The core's engine, or where the core cannot be used the reference engine, which finds the same.

    The report of what it masked names the engine and says when it is the slow one.

    Args:
        rules: what is personal and what replaces it.
        key: of the tokens.
        threads: that mask one file together, where the core does it.
    """
    try:
        return NativeEngine(rules, key, threads=threads)
    except CoreMissing as missing:
        from app.masking.engine import reference_engine  # its patterns take long to compile

        _log.info("the reference engine masks: %s", missing)
        return reference_engine(rules, key)
