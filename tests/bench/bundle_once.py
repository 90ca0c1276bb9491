"""What the bench runs as a process: mask files, seal their masked copies, or both at the same time.

``python -m tests.bench.bundle_once VERB FOLDER TARGET [LEVEL]`` with ``mask``, ``seal``, ``chain`` or
``checked`` (``chain`` with the check behind masking, as the command line does it) prints as JSON what the
work took, without the start of Python and of the engine: seconds, CPU seconds, bytes out. The name of TARGET
says the format.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from app.bundle import BundleFacts, Sealer, deflate_for
from app.commands.inputs import gather
from app.commands.masking_run import mask_all
from app.masking import (
    Engine,
    FileReport,
    MaskedFile,
    PseudonymKey,
    load_rules,
    mask_file,
    open_engine,
    reopen_masked,
    residual_check,
)

KEY = PseudonymKey(bytes(range(32)))
FACTS = BundleFacts(case="0003256109", host="", created_by="bench")


def main(words: list[str]) -> int:
    """Do it; the exit code."""
    verb, folder, target, *level = words
    work = {"mask": _mask, "seal": _seal, "chain": _chain, "checked": _checked}[verb]
    engine = _engine()
    began, cpu = time.perf_counter(), time.process_time()
    packed = work(engine, Path(folder), Path(target), int(level[0]) if level else None)
    took = time.perf_counter() - began, time.process_time() - cpu
    print(json.dumps([*took, packed]))
    return 0


def keep_masked(source: Path, target: Path) -> None:
    """Mask a folder's files into another, with reports beside them, for `seal`."""
    engine = _engine()
    for file in sorted(source.iterdir()):
        report = mask_file(engine, file, target=target / file.name, name=file.name).report
        facts = [report.encoding, report.lines, report.raw_size, report.masked_size, report.masked_sha256]
        (target / f"{file.name}.report").write_text(json.dumps(facts), encoding="ascii")


def _engine() -> Engine:
    return open_engine(load_rules(), KEY)


def _mask(engine: Engine, folder: Path, target: Path, _level: int | None) -> int:
    return sum(file.report.masked_size for file in _masked(engine, folder, target.parent))


def _chain(engine: Engine, folder: Path, target: Path, level: int | None) -> int:
    with Sealer(target, level=level) as sealer:
        for file in _masked(engine, folder, target.parent):
            sealer.add(file)
        return sealer.seal(engine=engine, facts=FACTS).size


def _masked(engine: Engine, folder: Path, out: Path) -> Iterator[MaskedFile]:
    for file in sorted(folder.iterdir()):
        yield mask_file(engine, file, target=out / f"{file.name}.masked", name=file.name)


def _checked(engine: Engine, folder: Path, target: Path, level: int | None) -> int:
    inputs = gather([folder])
    with Sealer(target, level=level) as sealer:
        done = mask_all(
            engine,
            inputs,
            check=residual_check(load_rules(), KEY),
            target=lambda file: target.parent / file.name,
            workshop=target.parent / "workshop",
            on_masked=sealer.add,
            deflate=deflate_for(target.name, level),
        )
        if done.refused:
            raise SystemExit(f"{len(done.refused)} files stay here. {done.refused[0].reason}")
        return sealer.seal(engine=engine, facts=FACTS).size


def _seal(engine: Engine, folder: Path, target: Path, level: int | None) -> int:
    with Sealer(target, level=level) as sealer:
        for kept in sorted(folder.glob("*.report")):
            encoding, lines, raw, masked, sha256 = json.loads(kept.read_text(encoding="ascii"))
            report = FileReport(encoding, lines, raw, masked, sha256)
            sealer.add(reopen_masked(kept.with_suffix(""), name=kept.stem, report=report))
        return sealer.seal(engine=engine, facts=FACTS).size


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
