"""Bundles for tests of what sends and stores them: really sealed, as large as wanted, quickly made."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

from app.bundle import BundleFacts, seal
from app.domain.files import SealedBundle
from app.masking import load_rules, new_key, reference_engine
from app.masking.face import FileReport, MaskedFile


def masked_file(path: Path, *, name: str, data: bytes, counts: dict[str, int] | None = None) -> MaskedFile:
    """A masked copy of this content."""
    path.write_bytes(data)
    lines = data.count(b"\n")
    return MaskedFile(
        path=path,
        name=name,
        report=FileReport(
            encoding="utf-8",
            lines=lines,
            raw_size=len(data),
            masked_size=len(data),
            masked_sha256=hashlib.sha256(data).hexdigest(),
            counts=counts or {},
        ),
    )


def sealed_bundle(folder: Path, *, size: int, name: str = "logs.zip", seed: int = 1) -> SealedBundle:
    """A bundle of log lines, by its name's format; a ZIP stores them and has about `size` bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    line = random.Random(seed).randbytes(60 * 1024).hex().encode()
    block = b"".join(
        b"04:20:00.000 Trc 04120 " + line[at : at + 100] + b"\n" for at in range(0, len(line), 100)
    )
    data = (block * (size // len(block) + 1))[:size]
    file = masked_file(folder / f"{name}.masked", name="sip/sips_a.log", data=data)
    bundle = seal(
        [file],
        engine=reference_engine(load_rules(), new_key()),
        facts=BundleFacts(case="0003256109", host="", created_by="test"),
        target=folder / name,
        level=0 if name.endswith(".zip") else None,
    )
    file.path.unlink()
    return bundle
