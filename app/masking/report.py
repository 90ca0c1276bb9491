"""The report of a masking run as JSON, without a personal value in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.masking.face import Engine, MaskedFile

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not masked.

    Attributes:
        name: already free of personal values (`mask_name`).
        code: of the error, such as ``CF-1902``.
        reason: for people, without personal values.
    """

    name: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What one run of masking did.

    Attributes:
        files: in the order they were masked.
        refused: files that stay here.
    """

    engine: str
    rule_set: str
    rule_set_sha256: str
    key_id: str
    files: tuple[MaskedFile, ...]
    refused: tuple[Refused, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Values replaced, by kind, over all files."""
        total: Counter[str] = Counter()
        for file in self.files:
            total.update(file.report.counts)
        return dict(sorted(total.items()))


def report_of(engine: Engine, files: Sequence[MaskedFile], *, refused: Sequence[Refused] = ()) -> Report:
    """The report of files that this engine masked."""
    return Report(
        engine.name, engine.rule_set, engine.rule_set_sha256, engine.key_id, tuple(files), tuple(refused)
    )


def report_json(report: Report) -> str:
    """The report as JSON text, ending in a line feed. The same input gives the same text."""
    document = {
        "format": FORMAT,
        "engine": report.engine,
        "rule_set": report.rule_set,
        "rule_set_sha256": report.rule_set_sha256,
        "key_id": report.key_id,
        "counts": report.counts,
        "files": [
            {
                "name": file.name,
                "encoding": file.report.encoding,
                "lines": file.report.lines,
                "raw_size": file.report.raw_size,
                "masked_size": file.report.masked_size,
                "masked_sha256": file.report.masked_sha256,
                "undecodable": file.report.undecodable,
                "learned": file.report.learned,
                "not_learned": file.report.not_learned,
                "counts": dict(file.report.counts),
                "rules": dict(file.report.rules),
            }
            for file in report.files
        ],
        "refused": [{"name": r.name, "code": r.code, "reason": r.reason} for r in report.refused],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
