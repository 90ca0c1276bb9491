"""What a masking engine found and what it spoiled, place by place."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.masking import Engine, MaskedLine
from tests.bench.quality.page import About, Group, Line, LogFile, Place

PERSONAL = (Group.STRUCTURED, Group.KEYED, Group.LEARNED)


class Differs(Exception):
    """The engine's account of a file does not fit the file: nothing can be scored."""


@dataclass(frozen=True, slots=True)
class Example:
    """A place that went wrong, with its line before and after."""

    about: About
    value: str
    before: str
    after: str


@dataclass(slots=True)
class Tally:
    """Places of one set, and those that went wrong: personal and not masked, or staying and changed."""

    places: Counter[About] = field(default_factory=Counter)
    wrong: Counter[About] = field(default_factory=Counter)
    examples: dict[About, Example] = field(default_factory=dict)
    spoiled: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Words around the values that were changed, by format."""
    size: int = 0

    def of(self, *groups: Group, kind: str = "") -> tuple[int, int]:
        """How many places there are of these groups, and how many of them went wrong."""

        def total(counter: Counter[About]) -> int:
            return sum(n for a, n in counter.items() if a.group in groups and kind in ("", a.kind))

        return total(self.places), total(self.wrong)

    def kinds(self, *groups: Group) -> list[str]:
        """Kinds of these groups by name."""
        return sorted({about.kind for about in self.places if about.group in groups})


def score(engine: Engine, files: Iterable[LogFile]) -> Tally:
    """Mask every file and judge every place.

    A personal value counts as found when each of its letters and digits was replaced: what leaks in part is
    missed. A staying value counts as changed when any of its characters was.

    Raises:
        Differs: lines are missing, were read otherwise than they were written, or `mask_stream` writes
            something else than `preview` shows.
    """
    tally = Tally()
    for file in files:
        data = file.data()
        tally.size += len(data)
        masked = list(engine.preview(io.BytesIO(data)))
        _fits(engine, file, data, masked)
        for line, seen in zip(file.lines, masked, strict=True):
            for place, right in judged(line, seen):
                tally.places[place.about] += 1
                if not right:
                    tally.wrong[place.about] += 1
                    value = line.text[place.start : place.end]
                    if place.about.group is Group.WORDING:
                        tally.spoiled[place.about.format, value] += 1
                    tally.examples.setdefault(
                        place.about, Example(place.about, value, line.text, _bare(seen.after))
                    )
    return tally


def judged(line: Line, seen: MaskedLine) -> Iterator[tuple[Place, bool]]:
    """Every place of a line and whether it came out as it should."""
    changed = bytearray(len(line.text))
    for one in seen.replacements:
        if one.before != one.after:
            end = one.before_column + len(one.before)
            changed[one.before_column : end] = b"\1" * (min(end, len(changed)) - one.before_column)
    for place in line.places:
        here = changed[place.start : place.end]
        if place.about.group in PERSONAL:
            value = line.text[place.start : place.end]
            signs = [at for at, sign in enumerate(value) if sign.isalnum()] or range(len(value))
            yield place, all(here[at] for at in signs)
        elif place.about.group is not Group.EITHER:
            yield place, not any(here)


def _fits(engine: Engine, file: LogFile, data: bytes, masked: list[MaskedLine]) -> None:
    if len(masked) != len(file.lines):
        raise Differs(f"{file.name}: {len(file.lines)} lines went in, {len(masked)} came out")
    for line, seen in zip(file.lines, masked, strict=True):
        if _bare(seen.before) != line.text:
            raise Differs(
                f"{file.name} ({file.encoding}): line {seen.number} was read otherwise than written"
            )
        if _applied(seen) != seen.after:
            raise Differs(f"{file.name}: line {seen.number} is not what its replacements make of it")
    sink = io.BytesIO()
    engine.mask_stream(io.BytesIO(data), sink)
    shown = "".join(_bare(seen.after) + file.newline for seen in masked)
    if sink.getvalue()[len(file.bom) :].decode(file.encoding) != shown:
        raise Differs(f"{file.name}: the masked file is not what its preview shows")


def _applied(seen: MaskedLine) -> str:
    pieces: list[str] = []
    at = 0
    for one in sorted(seen.replacements, key=lambda r: r.before_column):
        pieces += (seen.before[at : one.before_column], one.after)
        at = one.before_column + len(one.before)
    return "".join(pieces) + seen.before[at:]


def _bare(text: str) -> str:
    return text.removesuffix("\r")
