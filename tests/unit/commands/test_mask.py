from __future__ import annotations

import io
import json
import stat
import sys
from pathlib import Path

import pytest

from app.commands import main
from tests.peers.whole_commands import no_key_store

__all__ = ["no_key_store"]

CALLER = "+4930901820417"
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes and links")


@pytest.fixture
def logs(tmp_path):
    folder = tmp_path / "logs"
    (folder / "sip").mkdir(parents=True)
    (folder / "a.log").write_text(f"10:15:02.118 call from {CALLER} tel:{CALLER}\n")
    (folder / "sip" / "b.log").write_text(f"10:15:02.118 AttributeANI\t'{CALLER}'\n")
    return folder


def mask(tmp_path, *paths, options=()) -> int:
    arguments = [str(path) for path in paths]
    return main(
        ["mask", *arguments, "--out", str(tmp_path / "out"), "--report", str(tmp_path / "r.json"), *options]
    )


def everything_in(folder) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def report(tmp_path) -> dict:
    return json.loads((tmp_path / "r.json").read_text())


def test_every_file_keeps_its_relative_name_and_no_value_is_left(tmp_path, logs):
    assert mask(tmp_path, logs) == 0
    out = tmp_path / "out"
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()) == [
        "a.log",
        "sip/b.log",
    ]
    assert CALLER.encode() not in everything_in(out)
    assert b"<TEL:" in (out / "a.log").read_bytes()


def test_the_report_names_every_file_and_counts_by_kind(tmp_path, logs):
    mask(tmp_path, logs)
    found = report(tmp_path)
    assert [file["name"] for file in found["files"]] == ["a.log", "sip/b.log"]
    assert found["counts"]["TEL"] == 3
    assert found["refused"] == []
    assert CALLER not in json.dumps(found)


def test_the_originals_are_untouched(tmp_path, logs):
    before = everything_in(logs)
    mask(tmp_path, logs)
    assert everything_in(logs) == before


@posix
def test_masked_files_are_for_their_owner_only(tmp_path, logs):
    mask(tmp_path, logs)
    assert stat.S_IMODE((tmp_path / "out" / "a.log").stat().st_mode) == 0o600


def test_the_same_caller_has_the_same_token_in_every_run(tmp_path, logs):
    mask(tmp_path, logs)
    first = (tmp_path / "out" / "a.log").read_bytes()
    main(["mask", str(logs), "--out", str(tmp_path / "again"), "--report", str(tmp_path / "r2.json")])
    assert (tmp_path / "again" / "a.log").read_bytes() == first


def test_a_key_file_is_made_once_and_used_again(tmp_path, logs):
    key = tmp_path / "key"
    assert mask(tmp_path, logs, options=["--key-file", str(key)]) == 0
    first = report(tmp_path)["key_id"]
    places = ["--out", str(tmp_path / "b"), "--report", str(tmp_path / "r.json")]
    main(["mask", str(logs), *places, "--key-file", str(key)])
    assert report(tmp_path)["key_id"] == first


def test_utf16_stays_utf16_and_is_masked(tmp_path, logs):
    (logs / "wide.log").write_bytes(f"call from {CALLER} ANI={CALLER}\r\n".encode("utf-16"))
    assert mask(tmp_path, logs) == 0
    text = (tmp_path / "out" / "wide.log").read_bytes().decode("utf-16")
    assert CALLER not in text
    assert text.endswith("\r\n")


def test_an_empty_file_stays_empty(tmp_path, logs):
    (logs / "empty.log").touch()
    assert mask(tmp_path, logs) == 0
    assert (tmp_path / "out" / "empty.log").read_bytes() == b""


def test_a_line_of_megabytes_is_masked(tmp_path, logs):
    (logs / "huge.log").write_text("x" * 2_000_000 + f" tel:{CALLER} " + "y" * 100)
    assert mask(tmp_path, logs) == 0
    masked = (tmp_path / "out" / "huge.log").read_bytes()
    assert CALLER.encode() not in masked
    assert b"<TEL:" in masked


def test_a_binary_file_stays_here_and_is_named(tmp_path, logs, capsys):
    (logs / "core.bin").write_bytes(b"\x7fELF\x00\x01\x02\x00\x00\x00" * 500)
    assert mask(tmp_path, logs) == 9
    assert not (tmp_path / "out" / "core.bin").exists()
    assert [(each["name"], each["code"]) for each in report(tmp_path)["refused"]] == [("core.bin", "CF-1902")]
    assert "core.bin" in capsys.readouterr().err


def test_an_unreadable_file_stays_here_and_is_named(tmp_path, logs, monkeypatch):
    (logs / "secret.log").write_text("x")
    real = Path.open

    def refusing(path, *args, **kwargs):
        if path.name == "secret.log":
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refusing)
    assert mask(tmp_path, logs) == 9
    assert [each["code"] for each in report(tmp_path)["refused"]] == ["CF-1908"]


def test_a_file_that_vanishes_meanwhile_is_named_and_the_others_go_on(tmp_path, logs, monkeypatch):
    from app.commands import masking_run

    real = masking_run._mask_one

    def vanishing(engine, source, **how):
        (logs / "a.log").unlink(missing_ok=True)
        return real(engine, source, **how)

    monkeypatch.setattr(masking_run, "_mask_one", vanishing)
    assert mask(tmp_path, logs) == 9
    assert [each["name"] for each in report(tmp_path)["refused"]] == ["a.log"]
    assert (tmp_path / "out" / "sip" / "b.log").exists()


def test_a_run_that_is_killed_between_files_leaves_only_whole_masked_files(tmp_path, logs, monkeypatch):
    from app.commands import masking_run

    calls = []
    real = masking_run.mask_file

    def interrupted(engine, source, *, target, name, study, deflate):
        calls.append(name)
        if len(calls) == 2:
            target.write_bytes(b"half a copy")
            raise KeyboardInterrupt
        return real(engine, source, target=target, name=name, study=study, deflate=deflate)

    monkeypatch.setattr(masking_run, "mask_file", interrupted)
    assert mask(tmp_path, logs) == 130
    assert [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()] == ["a.log"]


def test_a_copy_that_is_in_the_way_is_refused_before_anything_is_written(tmp_path, logs):
    (tmp_path / "out" / "sip").mkdir(parents=True)
    (tmp_path / "out" / "sip" / "b.log").write_text("older")
    assert mask(tmp_path, logs) == 2
    assert everything_in(tmp_path / "out") == b"older"
    assert not (tmp_path / "r.json").exists()


def test_two_inputs_of_one_name_are_refused_before_anything_is_written(tmp_path, logs, capsys):
    (logs / "b.log").write_text("x")
    assert mask(tmp_path, logs / "b.log", logs / "sip" / "b.log") == 2
    assert not (tmp_path / "out").exists()
    assert "CF-1142" in capsys.readouterr().err


@pytest.mark.parametrize("out", ["logs", ".", "logs/sip"])
def test_originals_and_masked_copies_are_never_mixed(tmp_path, logs, monkeypatch, out, capsys):
    monkeypatch.chdir(tmp_path)
    before = everything_in(logs)
    code = main(["mask", "logs/sip/b.log", "--out", out, "--report", "r.json"])
    assert code == 2
    assert "CF-1143" in capsys.readouterr().err
    assert everything_in(logs) == before


def test_an_output_folder_inside_the_input_is_passed_over(tmp_path, logs):
    out = logs / "masked"
    assert main(["mask", str(logs), "--out", str(out), "--report", str(tmp_path / "r.json")]) == 0
    assert main(["mask", str(logs), "--out", str(logs / "2"), "--report", str(tmp_path / "r.json")]) == 0
    assert (logs / "2" / "masked" / "a.log").exists()


def test_the_report_never_falls_on_a_log(tmp_path, logs):
    code = main(["mask", str(logs), "--out", str(tmp_path / "out"), "--report", str(logs / "a.log")])
    assert code == 2
    assert CALLER in (logs / "a.log").read_text()


def test_a_wrong_rule_file_is_refused_before_anything_is_written(tmp_path, logs, capsys):
    rules = tmp_path / "rules.toml"
    rules.write_text("format = 1\nname = \n")
    assert mask(tmp_path, logs, options=["--rules", str(rules)]) == 2
    assert "rules.toml" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_wrong_key_file_is_refused_before_anything_is_masked(tmp_path, logs):
    key = tmp_path / "key"
    key.write_text("not a key")
    assert mask(tmp_path, logs, options=["--key-file", str(key)]) == 2
    assert not (tmp_path / "r.json").exists()


def test_a_missing_option_is_a_usage_error(capsys):
    assert main(["mask", "x"]) == 2
    assert "--out" in capsys.readouterr().err


def test_no_path_is_nothing_to_mask(tmp_path, capsys):
    assert mask(tmp_path) == 2
    assert "CF-1140" in capsys.readouterr().err


def test_a_defect_shows_a_reference_and_its_traceback_is_only_in_the_log(
    tmp_path, logs, monkeypatch, capsys, expected_logs
):
    from app.commands import masking_run
    from app.settings import log_folder

    expected_logs("app.commands")

    def broken(*args, **kwargs):
        raise RuntimeError("Bearer abc.def.secret")

    monkeypatch.setattr(masking_run, "load_rules", broken)
    assert mask(tmp_path, logs) == 1
    said = capsys.readouterr()
    assert "Traceback" not in said.err + said.out
    reference = said.err.split("reference ")[1][:8]
    log = (log_folder() / "caseferry.log").read_text()
    assert f"defect {reference}" in log
    assert "Traceback" in log
    assert "abc.def.secret" not in log
    if sys.platform != "win32":
        assert stat.S_IMODE((log_folder() / "caseferry.log").stat().st_mode) == 0o600


def test_output_names_cannot_steer_the_terminal(tmp_path, logs, capsys):
    (logs / "\x1b]0;owned\x07.bin").write_bytes(b"\x7fELF\x00\x01\x02\x00\x00\x00" * 500)
    mask(tmp_path, logs)
    said = capsys.readouterr()
    assert "\x1b" not in said.err + said.out
    assert isinstance(said.err, str)
    assert io.StringIO(said.err).readline()
