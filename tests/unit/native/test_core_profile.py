"""What the compiler is told of the core's hot path still fits the core."""

from __future__ import annotations

import re
from pathlib import Path

from build_core import PROFILE, SOURCES, run_compiler, target_named

# So many functions may have changed since the last record; of those the compiler knows nothing.
_STRANGE_AT_MOST = 0.06
_SAID = re.compile(r"of (\d+) functions, (\d+) have mismatched data")


def strangers(core: Path, *, scratch: Path) -> float:
    """The share of functions whose counts do not fit them any more."""
    words = ("-std=c99", "-O0", "-DNDEBUG", f"-fprofile-instr-use={PROFILE}", "-c", core)
    said = ""
    try:
        run_compiler(
            target_named("linux-x64"), *words, "-Werror=profile-instr-out-of-date", "-o", scratch / "core.o"
        )
    except RuntimeError as error:
        said = str(error)
    numbers = _SAID.search(said)
    assert numbers is not None or not said, said
    return int(numbers[2]) / int(numbers[1]) if numbers else 0.0


def test_the_counts_fit_nearly_every_function(tmp_path: Path) -> None:
    strange = strangers(SOURCES / "core.c", scratch=tmp_path)
    assert strange <= _STRANGE_AT_MOST, (
        f"{strange:.0%} of the core's functions are no longer those that were counted:"
        " ./dev build-native --profile, and commit core.profdata"
    )


def test_a_core_that_is_another_one_is_told(tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    changed.mkdir()
    for source in (*SOURCES.glob("*.c"), *SOURCES.glob("*.h")):
        text = source.read_text(encoding="utf-8")
        (changed / source.name).write_text(text.replace("    if (", "    if (1) if ("), encoding="utf-8")
    assert strangers(changed / "core.c", scratch=tmp_path) > _STRANGE_AT_MOST
