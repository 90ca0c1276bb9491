"""The core gives the same bytes and counts on every platform that runs on this machine."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest

from app.masking.native.ruletable import KINDS
from build_core import target_named
from tests.peers.core_platforms import (
    Machine,
    Ran,
    arm64,
    linked_driver,
    loading_driver,
    native,
    run_driver,
    with_musl,
)
from tests.platforms.conftest import Expected

pytestmark = [pytest.mark.timeout(600), pytest.mark.real_peer]


@pytest.fixture(scope="module")
def here(libraries: dict[str, Path], expected: Expected, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return _run(native(), "linux-x64", libraries["linux-x64"], expected, tmp_path_factory.mktemp("here"))


def _run(machine: Machine, name: str, library: Path, expected: Expected, folder: Path) -> Ran:
    driver = loading_driver(target_named(name), folder)
    return run_driver(
        machine,
        driver,
        library=library,
        told=expected.told,
        text=expected.text,
        masked=folder / "masked",
    )


def _counts(line: str) -> dict[int, int]:
    pairs = (pair.split(":") for pair in line.split()[1:])
    return {int(number): int(count) for number, count in pairs}


def test_the_text_has_values_of_every_kind_and_asks_python(expected: Expected) -> None:
    found = expected.report.counts.keys() | expected.report.kept.keys()
    assert found >= {kind.value for kind in KINDS} - {"CUSTOM"}
    told = expected.told.read_bytes()
    assert all(name in told for name in (b"cf_tell", b"cf_learned_know", b"cf_learned_form"))


def test_the_driver_masks_as_the_engine(here: Ran, expected: Expected) -> None:
    assert hashlib.sha256(here.masked).hexdigest() == expected.report.masked_sha256
    assert here.masked == expected.masked


def test_the_driver_counts_as_the_engine(here: Ran, expected: Expected) -> None:
    said = {line.split()[0]: line for line in here.said if not line.startswith("hmac")}
    report = expected.report
    assert {KINDS[n].value: count for n, count in _counts(said["kinds"]).items()} == report.counts
    assert {KINDS[n].value: count for n, count in _counts(said["stayed"]).items()} == report.kept
    assert said["learned"] == f"learned {report.learned} {report.not_learned}"


def test_digests_are_those_of_python(here: Ran) -> None:
    message = bytes((i * 7 + 1) & 0xFF for i in range(200))
    lines = [line.split() for line in here.said if line.startswith("hmac")]
    assert len(lines) == 201
    for _, key, size, digest in lines:
        assert hmac.digest(message[: int(key)], message[: int(size)], "sha256").hex() == digest


def test_the_processors_own_instructions_are_used_where_it_has_them(here: Ran) -> None:
    assert here.own_instructions == (" sha_ni" in Path("/proc/cpuinfo").read_text("ascii"))


def test_musl_gives_the_same(
    here: Ran, libraries: dict[str, Path], expected: Expected, tmp_path: Path
) -> None:
    assert _run(with_musl(), "musl-x64", libraries["musl-x64"], expected, tmp_path) == here


def test_arm64_gives_the_same(
    here: Ran, libraries: dict[str, Path], expected: Expected, tmp_path: Path
) -> None:
    ran = _run(arm64(), "linux-arm64", libraries["linux-arm64"], expected, tmp_path)
    assert ran.own_instructions
    assert (ran.masked, ran.said) == (here.masked, here.said)


def test_arm64_with_musl_gives_the_same(here: Ran, expected: Expected, tmp_path: Path) -> None:
    driver = linked_driver(target_named("musl-arm64"), tmp_path)
    masked = tmp_path / "masked"
    ran = run_driver(arm64(), driver, library=None, told=expected.told, text=expected.text, masked=masked)
    assert ran.own_instructions
    assert (ran.masked, ran.said) == (here.masked, here.said)


def test_windows_gives_the_same(
    here: Ran, libraries: dict[str, Path], expected: Expected, wine: Machine, tmp_path: Path
) -> None:
    assert _run(wine, "windows-x64", libraries["windows-x64"], expected, tmp_path) == here


@pytest.mark.parametrize("name", ["linux-x64", "linux-arm64"])
def test_without_any_instructions_of_the_processor_it_gives_the_same(
    here: Ran, portable: dict[str, Path], expected: Expected, name: str, tmp_path: Path
) -> None:
    machine = arm64() if name == "linux-arm64" else native()
    ran = _run(machine, name, portable[name], expected, tmp_path)
    assert not ran.own_instructions
    assert (ran.masked, ran.said) == (here.masked, here.said)
