"""Runs the masking core's fuzz targets under libFuzzer with sanitizers: ``python -m tests.fuzz.run SECONDS``.

Every target in app/masking/native/fuzz is compiled with clang into a temporary folder and runs for its share
of the seconds, from the texts in tests/fuzz/corpus behind the first bytes that the target takes. New inputs
stay in the temporary folder. Exits with 1 and the path of the input that broke the core when there is one,
with 2 when a target cannot be built or run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from app.masking import PseudonymKey, load_rules
from tests.peers.core_told import told_of

HERE = Path(__file__).resolve().parent
CORE = HERE.parents[1] / "app" / "masking" / "native"
# Nothing is inlined and a place is told by its line: so it compiles in half the time and runs as fast.
FLAGS = (
    "-std=gnu99", "-gline-tables-only", "-O1", "-fno-inline", "-Wall", "-Wextra", "-Werror",
    "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined",
)  # fmt: skip
_KEY = PseudonymKey(bytes(range(32)))


class Target(NamedTuple):
    """A program of libFuzzer.

    Attributes:
        sources: what it is made of.
        heads: first bytes that stand before a text of the corpus.
        share: of the seconds, in parts.
    """

    sources: tuple[Path, ...]
    heads: tuple[bytes, ...]
    share: int

    @property
    def name(self) -> str:
        """Of its own source."""
        return self.sources[0].stem


TARGETS = (
    # See the bits in masking.c: plainly, a site's rules, small windows, own places and a known value.
    Target(
        (CORE / "fuzz" / "masking.c", CORE / "core.c"),
        (bytes(8), b"\1" + bytes(7), b"\x23\x05\x40\0\x20\x60\xa0\x11", b"\x3f\x09\xff\1\x30\x70\xb0\x35"),
        4,
    ),
    Target((CORE / "fuzz" / "shapes.c",), (b"a",), 1),
    Target((CORE / "fuzz" / "times.c",), (b"\xc3\x88\0",), 1),
)


class NotRun(Exception):
    """A target cannot be built or run; the text says why."""


def told_header() -> str:
    """What engines with the default rules and with those of a site tell the core, as arrays of C."""
    rules = {"default": load_rules(), "site": load_rules(HERE / "rules.toml")}
    return "".join(
        f"static const unsigned char told_{name}[] = {{{','.join(map(str, told_of(each, _KEY)))}}};\n"
        for name, each in rules.items()
    )


def _twice() -> tuple[str, ...]:
    """Whether masking twice must be masking once, which the detectors do not keep for every text yet."""
    return ("-DMASKING_TWICE",) if os.environ.get("CASEFERRY_FUZZ_TWICE") else ()


def build(target: Target, folder: Path) -> Path:
    """Compile a target; `folder` holds told.h.

    Raises:
        NotRun: there is no clang, or it does not compile; clang says why.
    """
    clang = shutil.which("clang")
    if clang is None:
        raise NotRun("clang is not installed; on Debian: apt-get install clang")
    program = folder / target.name
    include = ("-I", str(folder), "-I", str(HERE.parent / "peers"))
    done = subprocess.run([clang, *FLAGS, *_twice(), *include, "-o", program, *target.sources], check=False)
    if done.returncode != 0:
        raise NotRun(f"{target.name} does not compile")
    return program


def seed(texts: Iterable[Path], target: Target, folder: Path) -> None:
    """Write the inputs that a target begins with."""
    folder.mkdir()
    for text in texts:
        for number, head in enumerate(target.heads):
            (folder / f"{text.name}-{number}").write_bytes(head + text.read_bytes())


def fuzz(program: Path, *, inputs: Path, seconds: int, broken: Path) -> list[Path]:
    """Run a program of libFuzzer; the inputs that broke it.

    Raises:
        NotRun: it ended with an error and named no input.
    """
    broken.mkdir()
    done = subprocess.run(
        [
            program,
            f"-max_total_time={seconds}",
            "-max_len=4096",
            "-timeout=10",
            "-rss_limit_mb=1024",
            "-print_final_stats=1",
            "-verbosity=0",
            f"-dict={HERE / 'words.dict'}",
            f"-artifact_prefix={broken}{os.sep}",
            inputs,
        ],
        check=False,
    )
    found = sorted(broken.iterdir())
    if done.returncode != 0 and not found:
        raise NotRun(f"{program.name} ended with {done.returncode}")
    return found


def main(words: list[str]) -> int:
    """Build and run every target in turn."""
    if len(words) != 1 or not words[0].isdigit() or int(words[0]) < 1:
        print("say how many seconds: python -m tests.fuzz.run 60", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="caseferry-fuzz-"))
    shares = sum(target.share for target in TARGETS)
    found: list[Path] = []
    try:
        (folder / "told.h").write_text(told_header(), encoding="ascii")
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            programs = [*pool.map(lambda target: build(target, folder), TARGETS)]
        for target, program in zip(TARGETS, programs, strict=True):
            inputs = folder / f"{target.name}-inputs"
            seed(sorted((HERE / "corpus").iterdir()), target, inputs)
            seconds = max(1, int(words[0]) * target.share // shares)
            found += fuzz(program, inputs=inputs, seconds=seconds, broken=folder / f"{target.name}-broken")
    except NotRun as fault:
        shutil.rmtree(folder)
        print(f"the core is not fuzzed: {fault}", file=sys.stderr)
        return 2
    for path in found:
        print(f"an input breaks the core: {path}", file=sys.stderr)
    if found:
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
