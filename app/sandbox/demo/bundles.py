"""The demo's bundles: real ones, packed from texts that hold tokens instead of personal values."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.bundle import BundleFacts, seal
from app.domain.files import SealedBundle
from app.masking import (
    Engine,
    MaskedFile,
    load_rules,
    mask_file,
    new_key,
    open_engine,
    reopen_masked,
)

_TOKEN = re.compile(rb"<([A-Z]+):[0-9a-f]{16}>")
_HOST = "<HOST:41c7e0a95d2b7f16>"


def pack(members: Sequence[Path], *, case: str, target: Path) -> SealedBundle:
    """Mask these texts and pack them into a bundle for this case.

    Nearly all in them was masked before they came into the product: the counts are those of the tokens in
    them.
    """
    facts = BundleFacts(case=case, host=_HOST, created_by="caseferry-agent 0.1")
    engine = open_engine(load_rules(), new_key())
    with tempfile.TemporaryDirectory() as folder:
        files = [
            _masked(member, engine=engine, target=Path(folder, str(number)))
            for number, member in enumerate(members)
        ]
        return seal(files, engine=engine, facts=facts, target=target)


def _masked(source: Path, *, engine: Engine, target: Path) -> MaskedFile:
    masked = mask_file(engine, source, target=target, name=source.name)
    counts = Counter(match.group(1).decode() for match in _TOKEN.finditer(target.read_bytes()))
    return reopen_masked(target, name=masked.name, report=replace(masked.report, counts=dict(counts)))
