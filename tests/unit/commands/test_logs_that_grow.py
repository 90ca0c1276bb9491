"""A log that is written to while it is read: its beginning is sealed, and the person is told how much."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.bundle import Sealer, verify_bundle
from app.commands import main, masking_run
from app.masking import Engine, MaskedFile
from tests.peers.whole_commands import no_key_store

__all__ = ["no_key_store"]

LINE = b"10:15:01.118 ok\n"
CASE = "0003256109"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log of ten lines that has one more whenever a masked copy is packed."""
    path = tmp_path / "logs" / "urs.log"
    path.parent.mkdir()
    path.write_bytes(10 * LINE)
    usual = Sealer.add

    def add(sealer: Sealer, file: MaskedFile) -> None:
        usual(sealer, file)
        with path.open("ab") as stream:
            stream.write(LINE)

    monkeypatch.setattr(Sealer, "add", add)
    return path


def seal(tmp_path: Path, path: Path) -> None:
    assert main(["bundle", "seal", CASE, str(path), "--out", str(tmp_path / "x.zip"), "--json"]) == 0


def test_mask_names_what_grew_with_the_bytes_that_it_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("grows.log", "quiet.log"):
        (tmp_path / name).write_bytes(10 * LINE)
    usual = masking_run.mask_file

    def mask_file(engine: Engine, source: Path, **how: Any) -> MaskedFile:
        masked = usual(engine, source, **how)
        with (tmp_path / "grows.log").open("ab") as stream:
            stream.write(LINE)
        return masked

    monkeypatch.setattr(masking_run, "mask_file", mask_file)
    words = [str(tmp_path / "grows.log"), str(tmp_path / "quiet.log")]
    assert (
        main(["mask", *words, "--out", str(tmp_path / "out"), "--report", str(tmp_path / "report.json")]) == 0
    )
    said = capsys.readouterr().err
    size = 10 * len(LINE)
    told = f"Grew while it was read: grows.log; its first {size} bytes are masked, not what came since."
    assert [line for line in said.splitlines() if line.startswith("Grew")] == [told]


@pytest.mark.parametrize("others", [0, 1], ids=["alone", "with another one"])
def test_what_grew_is_named_with_the_bytes_that_are_in_the_bundle(
    tmp_path: Path, log: Path, capsys: pytest.CaptureFixture[str], others: int
) -> None:
    for number in range(others):
        (log.parent / f"z{number}.log").write_bytes(LINE)
    seal(tmp_path, log.parent)
    said = capsys.readouterr()
    size = 10 * len(LINE)
    assert json.loads(said.out)["grown"] == {"urs.log": size}
    assert f"Grew while it was read: urs.log; its first {size} bytes are in the bundle" in said.err
    assert verify_bundle(tmp_path / "x.zip").manifest.members[0].raw_size == size


def test_what_did_not_grow_is_not_named(
    tmp_path: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = tmp_path / "quiet.log"
    quiet.write_bytes(LINE)
    seal(tmp_path, quiet)
    said = capsys.readouterr()
    assert (json.loads(said.out)["grown"], "Grew" in said.err) == ({}, False)


def test_what_is_gone_meanwhile_did_not_grow(
    tmp_path: Path, log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Sealer.add

    def add(sealer: Sealer, file: MaskedFile) -> None:
        usual(sealer, file)
        log.unlink()

    monkeypatch.setattr(Sealer, "add", add)
    seal(tmp_path, log)
    assert json.loads(capsys.readouterr().out)["grown"] == {}
