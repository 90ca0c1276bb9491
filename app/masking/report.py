"""The report of a masking run as JSON, without a personal value in it; `app.masking.page` is for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.masking.face import Engine, FileReport, MaskedFile, Study

FORMAT = 2
_FIRST_ENGINE = "native"


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not masked, or whose masked copy was thrown away.

    Attributes:
        name: already free of personal values (`mask_name`).
        code: of the error, such as ``CF-1902``.
        reason: for people, without personal values.
        todo: what they can do; empty when the reason says it.
    """

    name: str
    code: str
    reason: str
    todo: str = ""

    @property
    def words(self) -> str:
        """The reason, and what to do."""
        return f"{self.reason} {self.todo}".rstrip()


@dataclass(frozen=True, slots=True)
class Together:
    """What the files of one run told together.

    Attributes:
        files: that were read for it, and members of archives.
        learned: values that were looked for in all of them.
        not_learned: values past the bound of what is remembered.
    """

    files: int
    learned: int
    not_learned: int


@dataclass(frozen=True, slots=True)
class Report:
    """What one run of masking did.

    Attributes:
        files: in the order they were masked.
        refused: files that stay here.
        profile: of the rules; empty when they have none.
        lens: values that were written to the lens; None when there was none.
        lens_full: values the lens had no room for.
        together: what was learned; None when every file was masked by itself.
    """

    engine: str
    rule_set: str
    rule_set_sha256: str
    key_id: str
    files: tuple[MaskedFile, ...]
    refused: tuple[Refused, ...] = ()
    profile: str = ""
    lens: int | None = None
    lens_full: int = 0
    together: Together | None = None

    @property
    def fall_back(self) -> bool:
        """Whether the slow engine did the work, since the fast one does not run on this machine."""
        return not self.engine.startswith(_FIRST_ENGINE)

    @property
    def counts(self) -> dict[str, int]:
        """Values replaced, by kind, over all files."""
        return _sum(file.report.counts for file in self.files)

    @property
    def kept(self) -> dict[str, int]:
        """Values found that stay by policy, by kind, over all files."""
        return _sum(file.report.kept for file in self.files)

    @property
    def rules(self) -> dict[str, int]:
        """Values replaced, by rule, over all files."""
        return _sum(file.report.rules for file in self.files)

    @property
    def left_here(self) -> tuple[Refused, ...]:
        """Everything that stays here: files, and members of archives that were masked."""
        members = (left for file in self.files for left in file.report.left_out)
        return (*self.refused, *(Refused(left.name, left.code, left.reason) for left in members))

    @property
    def residual_read(self) -> int:
        """Bytes of all masked copies that the check after masking read."""
        return sum(file.report.residual_read or 0 for file in self.files)

    @property
    def masked_size(self) -> int:
        """Bytes of all masked text, that of archives unpacked."""
        return sum(file.report.text_size for file in self.files)


def report_of(
    engine: Engine,
    files: Sequence[MaskedFile],
    *,
    refused: Sequence[Refused] = (),
    profile: str = "",
    lens: int | None = None,
    lens_full: int = 0,
    study: Study | None = None,
) -> Report:
    """The report of files that this engine masked, by a study when they went together."""
    return Report(
        engine.name,
        engine.rule_set,
        engine.rule_set_sha256,
        engine.key_id,
        tuple(files),
        tuple(refused),
        profile=profile,
        lens=lens,
        lens_full=lens_full,
        together=None if study is None else Together(study.files, study.learned, study.not_learned),
    )


def report_json(report: Report) -> str:
    """The report as JSON text, ending in a line feed. The same input gives the same text."""
    document = {
        "format": FORMAT,
        "engine": report.engine,
        "fall_back": report.fall_back,
        "rule_set": report.rule_set,
        "rule_set_sha256": report.rule_set_sha256,
        "profile": report.profile,
        "key_id": report.key_id,
        "lens": None if report.lens is None else {"values": report.lens, "no_room": report.lens_full},
        "learned": _learned(report),
        "counts": report.counts,
        "kept": report.kept,
        "rules": report.rules,
        "residual": {"read": report.residual_read, "size": report.masked_size},
        "files": [_file(file) for file in report.files],
        "refused": [
            {"name": r.name, "code": r.code, "reason": r.reason, "todo": r.todo} for r in report.refused
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def found(report: FileReport) -> dict[str, int]:
    """Values found, by kind: those that were replaced and those that stay by policy."""
    return _sum((report.counts, report.kept))


def _learned(report: Report) -> dict[str, object]:
    """Values that were masked wherever they recur: in all files, or each file's own in itself."""
    told = report.together
    if told is None:
        values = sum(file.report.learned for file in report.files)
        past = sum(file.report.not_learned for file in report.files)
        return {"together": False, "files": len(report.files), "values": values, "past_bound": past}
    return {
        "together": True,
        "files": told.files,
        "values": told.learned,
        "past_bound": told.not_learned,
    }


def _file(file: MaskedFile) -> dict[str, object]:
    told = _told(file.name, file.report)
    if file.report.packing:
        told["packing"] = file.report.packing
        told["members"] = [_told(member.name, member.report) for member in file.report.members]
        told["left_out"] = [
            {"name": left.name, "code": left.code, "reason": left.reason} for left in file.report.left_out
        ]
    return told


def _told(name: str, report: FileReport) -> dict[str, object]:
    return {
        "name": name,
        "encoding": report.encoding,
        "lines": report.lines,
        "raw_size": report.raw_size,
        "masked_size": report.masked_size,
        "masked_sha256": report.masked_sha256,
        "undecodable": report.undecodable,
        "learned": report.learned,
        "not_learned": report.not_learned,
        "found": found(report),
        "counts": dict(report.counts),
        "kept": dict(report.kept),
        "rules": dict(report.rules),
        "residual": None
        if report.residual_read is None
        else {"read": report.residual_read, "found": 0, "canaries": report.canaries},
    }


def _sum(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update({str(name): count for name, count in part.items()})
    return dict(sorted(total.items()))
