"""``caseferry mask`` on several files: what one tells is masked in all, unless they are kept apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.commands import main
from app.masking import MaskingError
from tests.peers.whole_commands import no_key_store

__all__ = ["no_key_store"]

SPOKEN = "10:15:01.118 then Quorra Musterfrau called\n"
TELLING = "10:15:02.118 ok\n\t'CustomerName'\t'Quorra Musterfrau'\n"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.log").write_text(SPOKEN)
    (folder / "b.log").write_text(TELLING)
    return folder


def mask(tmp_path: Path, *arguments: str | Path) -> dict[str, object]:
    out, report = tmp_path / "out", tmp_path / "r.json"
    told = [str(each) for each in arguments]
    assert main(["mask", *told, "--out", str(out), "--report", str(report)]) == 0
    made: dict[str, object] = json.loads(report.read_text())
    return made


def test_what_one_file_tells_is_masked_in_all(
    tmp_path: Path, logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = mask(tmp_path, logs)
    assert "Musterfrau" not in (tmp_path / "out" / "a.log").read_text()
    assert report["learned"] == {"together": True, "files": 2, "values": 1, "past_bound": 0}
    assert "1 values that 2 files told are masked in all of them" in capsys.readouterr().err


def test_files_that_are_kept_apart_tell_each_other_nothing(
    tmp_path: Path, logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = mask(tmp_path, logs, "--apart")
    assert "Musterfrau" in (tmp_path / "out" / "a.log").read_text()
    assert report["learned"] == {"together": False, "files": 2, "values": 1, "past_bound": 0}
    assert "told" not in capsys.readouterr().err


def test_a_bound_that_was_reached_is_said(
    tmp_path: Path, logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rules.toml").write_text('version = 1\nextends = "default"\n[learning]\nmax_values = 1\n')
    (logs / "c.log").write_text("CallerName=Jo Doe-Smith\n")
    mask(tmp_path, logs, "--rules", tmp_path / "rules.toml")
    assert "The bound of what is remembered was reached: 1 values" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_teaches_nothing_and_is_named(tmp_path: Path, logs: Path) -> None:
    (logs / "c.bin").write_bytes(b"\x7fELF" + bytes(range(32)) * 9)
    report = tmp_path / "r.json"
    assert main(["mask", str(logs), "--out", str(tmp_path / "out"), "--report", str(report)]) == 9
    assert [each["code"] for each in json.loads(report.read_text())["refused"]] == ["CF-1902"]
    assert "Musterfrau" not in (tmp_path / "out" / "a.log").read_text()


def test_of_a_log_that_grows_meanwhile_the_part_that_was_read_is_masked(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.commands import masking_run

    real = masking_run._mask_one

    def growing(engine, source, **how):  # type: ignore[no-untyped-def]
        with source.path.open("a") as log:
            log.write("10:15:03.118 more\n")
        return real(engine, source, **how)

    monkeypatch.setattr(masking_run, "_mask_one", growing)
    mask(tmp_path, logs)
    assert (tmp_path / "out" / "a.log").read_text().count("\n") == 1


def test_the_preview_shows_what_masking_would_do(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mask", "--preview", str(logs)]) == 0
    assert "1 of 1 lines change, 1 values are replaced." in capsys.readouterr().out


def test_the_preview_of_a_file_that_stays_here_ends_with_its_words(
    logs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stays(*_given: object, **_named: object) -> None:
        raise MaskingError("It stays", happened="Nobody knows why.", todo="", code="CF-1901")

    monkeypatch.setattr("app.commands.preview._show", stays)
    assert main(["mask", str(logs / "a.log"), "--preview"]) == 9
    assert "Left here: a.log (CF-1901) It stays: Nobody knows why.\n" in capsys.readouterr().err


def test_a_bundle_tells_how_much_was_learned(tmp_path: Path, logs: Path) -> None:
    from app.bundle import read_manifest

    bundle = tmp_path / "b.zip"
    assert main(["bundle", "seal", "0003256109", str(logs), "--out", str(bundle)]) == 0
    manifest = read_manifest(bundle)
    assert (manifest.learned, manifest.not_learned) == (1, 0)
    assert [sum(member.counts.values()) for member in manifest.members] == [1, 1]


def test_why_a_file_stays_here_is_told_in_words_where_a_bundle_is_sealed(
    tmp_path: Path, logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (logs / "c.log").write_text("10:15:03.118 first\n10:15:04.118 Sonderkunde7 waits\n")
    known = tmp_path / "known.txt"
    known.write_text("Sonderkunde7\n")
    order = [
        "bundle",
        "seal",
        "0003256109",
        str(logs),
        "--out",
        str(tmp_path / "b.zip"),
        "--known",
        str(known),
    ]
    assert main(order) == 9
    said = capsys.readouterr().err
    assert "Left here: c.log (quarantined, CF-1921) A known value is left:" in said
    assert "in line 2" in said
    assert "Add a rule that masks it" in said
    assert "Sonderkunde7" not in said
