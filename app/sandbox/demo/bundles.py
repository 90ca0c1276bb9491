"""The demo's bundles: real ones, packed from texts that hold tokens instead of personal values."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from app.bundle import BundleFacts, seal
from app.domain.files import SealedBundle
from app.masking import FileReport, MaskedFile, load_rules, new_key, reference_engine

_TOKEN = re.compile(rb"<([A-Z]+):[0-9a-f]{16}>")
_HOST = "<HOST:41c7e0a95d2b7f16>"


def pack(members: Sequence[Path], *, case: str, target: Path) -> SealedBundle:
    """Pack these texts into a bundle for this case.

    They were masked before they came into the product: the counts are those of the tokens in them.
    """
    facts = BundleFacts(case=case, host=_HOST, created_by="caseferry-agent 0.1")
    engine = reference_engine(load_rules(), new_key())
    return seal([_masked(member) for member in members], engine=engine, facts=facts, target=target)


def _masked(path: Path) -> MaskedFile:
    content = path.read_bytes()
    counts = Counter(match.group(1).decode() for match in _TOKEN.finditer(content))
    report = FileReport(
        encoding="utf-8",
        lines=content.count(b"\n"),
        raw_size=len(content),
        masked_size=len(content),
        masked_sha256=hashlib.sha256(content).hexdigest(),
        counts=dict(counts),
    )
    return MaskedFile(path=path, name=path.name, report=report)
