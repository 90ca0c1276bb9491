from __future__ import annotations

import io
import json
import stat
import sys

import pytest

from app.commands import main
from tests.peers.whole_commands import no_key_store

__all__ = ["no_key_store"]

CALLER = "+4930901820417"
LINE = f"call from {CALLER} CustomerName='Anna Kovacs'\n"


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "logs" / "a.log"
    path.parent.mkdir()
    path.write_text("10:15:02.118 nothing here\n" + LINE)
    return path


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words"
    path.write_text("copper lamp under nine bridges\n")
    return str(path)


def mask(tmp_path, log, *options) -> int:
    places = ["--out", str(tmp_path / "out"), "--report", str(tmp_path / "r.json")]
    return main(["mask", str(log), *places, *map(str, options)])


def test_a_page_for_people_is_written(tmp_path, log):
    assert mask(tmp_path, log, "--page", tmp_path / "r.html") == 0
    page = (tmp_path / "r.html").read_text()
    assert "a.log" in page
    assert CALLER not in page
    assert "Anna" not in page


def test_a_profile_is_chosen_and_reported(tmp_path, log, capsys):
    assert mask(tmp_path, log, "--profile", "voice-strict") == 0
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["profile"] == "voice-strict"
    (tmp_path / "out" / "a.log").unlink()
    assert mask(tmp_path, log, "--profile", "nonsense") == 2


def test_report_and_page_may_not_be_one_file(tmp_path, log, capsys):
    assert mask(tmp_path, log, "--page", tmp_path / "r.json") == 2
    assert "CF-1145" in capsys.readouterr().err
    assert not (tmp_path / "r.json").exists()


def test_the_report_says_how_much_of_each_copy_was_checked(tmp_path, log, capsys):
    mask(tmp_path, log)
    file = json.loads((tmp_path / "r.json").read_text())["files"][0]
    assert file["residual"]["read"] == file["masked_size"]
    assert "100 %" in capsys.readouterr().out


def test_a_known_value_that_is_left_keeps_the_file_here(tmp_path, log, capsys):
    log.write_text(log.read_text() + "10:16 talk about Projekt Zugspitze\n")
    (tmp_path / "known").write_text("Projekt Zugspitze\n")
    assert mask(tmp_path, log, "--known", tmp_path / "known") == 9
    assert not (tmp_path / "out" / "a.log").exists()
    refused = json.loads((tmp_path / "r.json").read_text())["refused"]
    assert [each["code"] for each in refused] == ["CF-1921"]
    assert "line 3" in refused[0]["reason"]
    said = capsys.readouterr()
    assert "Zugspitze" not in said.err + said.out


def test_a_list_of_known_values_that_is_wrong_is_refused_before_anything_is_written(tmp_path, log, capsys):
    (tmp_path / "known").write_text("ab\n")
    assert mask(tmp_path, log, "--known", tmp_path / "known") == 2
    assert "CF-1924" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_the_engine_missed_is_caught_by_the_check(tmp_path, log, monkeypatch):
    from app.commands import masking_run
    from app.masking import mask_file

    def blind(engine, source, *, target, name, deflate):
        assert deflate is None
        made = mask_file(engine, source, target=target, name=name)
        content = target.read_bytes() + LINE.encode()
        target.write_bytes(content)
        from dataclasses import replace

        return replace(made, report=replace(made.report, masked_size=len(content)))

    monkeypatch.setattr(masking_run, "mask_file", blind)
    assert mask(tmp_path, log) == 9
    assert json.loads((tmp_path / "r.json").read_text())["refused"][0]["code"] == "CF-1920"
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_an_answer_is_turned_back_by_the_lens(tmp_path, log, capsys):
    lens = tmp_path / "keep" / "site.lens"
    assert mask(tmp_path, log, "--lens", lens) == 0
    capsys.readouterr()
    assert main(["unmask", str(tmp_path / "out" / "a.log"), "--lens", str(lens)]) == 0
    said = capsys.readouterr()
    assert said.out == log.read_text()
    assert "2 tokens turned back" in said.err


@pytest.mark.parametrize(("answer", "code", "said"), [("out", 8, "CF-1929"), ("out/no.log", 2, "CF-1939")])
def test_a_folder_or_a_file_that_is_not_there_is_no_text(
    tmp_path, log, capsys, monkeypatch, answer, code, said
):
    lens = tmp_path / "keep" / "site.lens"
    mask(tmp_path, log, "--lens", lens)
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert main(["unmask", answer, "--lens", str(lens)]) == code
    spoken = capsys.readouterr()
    assert (spoken.out, said in spoken.err) == ("", True)


@pytest.mark.parametrize("answer", ["Please restart sip/proxy.", "thanks", ""])
def test_a_text_without_tokens_is_printed_as_it_is(tmp_path, log, capsys, answer):
    lens = tmp_path / "keep" / "site.lens"
    mask(tmp_path, log, "--lens", lens)
    capsys.readouterr()
    assert main(["unmask", answer, "--lens", str(lens)]) == 0
    assert capsys.readouterr().out == f"{answer}\n"


def test_an_answer_is_read_from_standard_input_or_given_as_text(tmp_path, log, capsys, monkeypatch):
    lens = tmp_path / "site.lens"
    mask(tmp_path, log, "--lens", lens)
    text = (tmp_path / "out" / "a.log").read_text().splitlines()[1]
    capsys.readouterr()
    main(["unmask", text, "--lens", str(lens)])
    assert capsys.readouterr().out == LINE
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    main(["unmask", "-", "--lens", str(lens)])
    assert capsys.readouterr().out == LINE


def test_an_answer_may_go_to_a_new_file_for_its_owner_only(tmp_path, log):
    lens = tmp_path / "site.lens"
    mask(tmp_path, log, "--lens", lens)
    command = [
        "unmask",
        str(tmp_path / "out" / "a.log"),
        "--lens",
        str(lens),
        "--out",
        str(tmp_path / "back"),
    ]
    assert main(command) == 0
    assert (tmp_path / "back").read_text() == log.read_text()
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "back").stat().st_mode) == 0o600
    assert main(command) == 2


def test_a_lens_that_is_missing_is_said(tmp_path, capsys):
    assert main(["unmask", "x", "--lens", str(tmp_path / "none")]) == 2
    assert "CF-1939" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["out/site.lens", "logs/a.log"])
def test_a_lens_lies_neither_among_logs_nor_among_copies(tmp_path, log, place, capsys):
    assert mask(tmp_path, log, "--lens", tmp_path / place) == 2
    assert "CF-1927" in capsys.readouterr().err


def test_a_lens_that_lies_among_the_logs_is_refused(tmp_path, log, capsys):
    mask(tmp_path, log, "--lens", tmp_path / "site.lens")
    (log.parent / "b.log").write_bytes((tmp_path / "site.lens").read_bytes())
    places = ["--out", str(tmp_path / "2"), "--report", str(tmp_path / "r")]
    assert main(["mask", str(log.parent), *places]) == 2
    assert "CF-1927" in capsys.readouterr().err


@pytest.mark.parametrize("days", ["0", "-1", "1e9"])
def test_days_that_are_none_are_refused(tmp_path, log, days, capsys):
    assert mask(tmp_path, log, "--lens", tmp_path / "l", "--keep-days", days) == 2
    assert "CF-1926" in capsys.readouterr().err


def test_days_without_a_lens_are_refused(tmp_path, log, capsys):
    assert mask(tmp_path, log, "--keep-days", "3") == 2
    assert "CF-1926" in capsys.readouterr().err


def test_a_person_is_erased_by_a_value_on_standard_input(tmp_path, log, capsys, monkeypatch):
    lens = tmp_path / "site.lens"
    mask(tmp_path, log, "--lens", lens)
    monkeypatch.setattr(sys, "stdin", io.StringIO("0049 30 901820417\n"))
    assert main(["lens", "erase", str(lens), "-"]) == 0
    capsys.readouterr()
    main(["unmask", str(tmp_path / "out" / "a.log"), "--lens", str(lens)])
    said = capsys.readouterr().out
    assert "901820417" not in said
    assert "Anna Kovacs" in said


def test_a_value_is_no_argument_of_erase(tmp_path, log, capsys):
    lens = tmp_path / "site.lens"
    mask(tmp_path, log, "--lens", lens)
    assert main(["lens", "erase", str(lens), "Anna Kovacs"]) == 2
    said = capsys.readouterr()
    assert "CF-1938" in said.err
    assert "Anna" not in said.err


def test_a_lens_shows_how_much_it_holds_and_no_value(tmp_path, log, capsys):
    lens = tmp_path / "site.lens"
    mask(tmp_path, log, "--lens", lens)
    capsys.readouterr()
    assert main(["lens", "show", str(lens)]) == 0
    said = capsys.readouterr().out
    assert "2 values can be turned back" in said
    assert "Anna" not in said


@pytest.mark.parametrize("place", [[], ["--key-file", "KEY"]])
def test_keys_are_made_rotated_and_shown(tmp_path, place, capsys):
    where = [each.replace("KEY", str(tmp_path / "key")) for each in place]
    assert main(["keys", "show", *where]) == 2
    assert main(["keys", "new", *where]) == 0
    assert main(["keys", "new", *where]) == 2
    assert "CF-1956" in capsys.readouterr().err
    main(["keys", "show", *where])
    first = capsys.readouterr().out.split()[0]
    assert main(["keys", "rotate", *where]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert not lines[0].startswith(first)
    assert lines[1].startswith(first)


def test_after_a_rotation_the_lens_opens_tokens_of_both_keys(tmp_path, log, capsys):
    key, lens = ["--key-file", str(tmp_path / "key")], str(tmp_path / "site.lens")
    mask(tmp_path, log, "--lens", lens, *key)
    first = (tmp_path / "out" / "a.log").read_text()
    main(["keys", "rotate", *key])
    (tmp_path / "out" / "a.log").unlink()
    mask(tmp_path, log, "--lens", lens, *key)
    second = (tmp_path / "out" / "a.log").read_text()
    assert first != second
    (tmp_path / "answer").write_text(first + second)
    capsys.readouterr()
    main(["unmask", str(tmp_path / "answer"), "--lens", lens, *key])
    assert capsys.readouterr().out == 2 * log.read_text()


def test_keys_reach_the_next_server_and_give_the_same_tokens(tmp_path, log, words, capsys):
    here, there = ["--key-file", str(tmp_path / "here")], ["--key-file", str(tmp_path / "there")]
    mask(tmp_path, log, *here)
    first = (tmp_path / "out" / "a.log").read_text()
    moved = str(tmp_path / "moved")
    assert main(["keys", "export", moved, *here, "--passphrase-file", words]) == 0
    assert main(["keys", "export", moved, *here, "--passphrase-file", words]) == 2
    assert main(["keys", "import", moved, *there, "--passphrase-file", words]) == 0
    (tmp_path / "out" / "a.log").unlink()
    mask(tmp_path, log, *there)
    assert (tmp_path / "out" / "a.log").read_text() == first


def test_another_passphrase_is_a_matter_of_credentials(tmp_path, words, capsys):
    main(["keys", "new"])
    main(["keys", "export", str(tmp_path / "moved"), "--passphrase-file", words])
    (tmp_path / "other").write_text("another passphrase it is\n")
    command = ["keys", "import", str(tmp_path / "moved"), "--passphrase-file", str(tmp_path / "other")]
    assert main(command) == 4
    assert "CF-1933" in capsys.readouterr().err


def test_an_import_steps_over_no_other_key_unasked(tmp_path, words, capsys):
    here, there = ["--key-file", str(tmp_path / "here")], ["--key-file", str(tmp_path / "there")]
    main(["keys", "new", *here])
    main(["keys", "new", *there])
    main(["keys", "export", str(tmp_path / "moved"), *here, "--passphrase-file", words])
    before = (tmp_path / "there").read_bytes()
    command = ["keys", "import", str(tmp_path / "moved"), *there, "--passphrase-file", words]
    assert main(command) == 2
    assert "CF-1957" in capsys.readouterr().err
    assert (tmp_path / "there").read_bytes() == before
    assert main([*command, "--replace"]) == 0
    assert capsys.readouterr().out.count("older") == 1


def test_a_passphrase_needs_a_person_or_a_file(tmp_path, capsys, monkeypatch):
    main(["keys", "new"])
    monkeypatch.setattr(sys, "stdin", io.StringIO("no terminal"))
    assert main(["keys", "export", str(tmp_path / "moved")]) == 2
    assert "CF-1953" in capsys.readouterr().err


def preview(log, *options, width="120", monkeypatch) -> int:
    monkeypatch.setenv("COLUMNS", width)
    return main(["mask", "--preview", str(log), *options])


def test_a_preview_shows_before_after_and_rule_of_changed_lines(log, capsys, monkeypatch):
    assert preview(log, monkeypatch=monkeypatch) == 0
    said = capsys.readouterr().out
    assert CALLER in said
    assert "<TEL:" in said
    assert "TEL " in said
    assert "nothing here" not in said
    assert "1 of 2 lines change" in said


def test_a_preview_shows_all_lines_when_asked(log, capsys, monkeypatch):
    preview(log, "--all", monkeypatch=monkeypatch)
    assert "nothing here" in capsys.readouterr().out


@pytest.mark.parametrize("width", ["60", "80", "200"])
def test_a_preview_is_as_wide_as_it_may_be(log, capsys, monkeypatch, width):
    preview(log, width=width, monkeypatch=monkeypatch)
    assert max(len(line) for line in capsys.readouterr().out.splitlines()) <= int(width)


def test_a_preview_writes_nothing(tmp_path, log, capsys, monkeypatch):
    preview(log, monkeypatch=monkeypatch)
    assert [path.name for path in log.parent.iterdir()] == ["a.log"]


@pytest.mark.parametrize(
    "sign", ["\x1b[2J", "\x9b2J", "\u202e", "\u061c", "\u2067", "\ufeff", "\u00ad", "\U000e0041", "\u2060"]
)
def test_a_preview_shows_no_sign_that_steers_a_terminal_or_is_not_seen(log, capsys, monkeypatch, sign):
    log.write_text(f"tel:{CALLER} {sign} end\n", encoding="utf-8")
    preview(log, monkeypatch=monkeypatch)
    said = capsys.readouterr().out
    assert sign[0] not in said
    assert "end" in said


def test_a_line_of_megabytes_full_of_values_is_one_line_in_pieces(log, capsys, monkeypatch):
    log.write_text("first\n" + f" AttributeANI='{CALLER}' and more text" * 30_000 + "\nlast\n")
    preview(log, monkeypatch=monkeypatch)
    said = capsys.readouterr().out
    assert "1 of 3 lines change, 30000 values are replaced." in said
    rows = [line.split()[0] for line in said.splitlines() if line[:6].strip().isdigit()]
    assert len(rows) > 1
    assert set(rows) == {"2"}


def test_a_preview_of_a_line_of_megabytes_shows_the_pieces_around_its_values(log, capsys, monkeypatch):
    log.write_text("x" * 500_000 + f" tel:{CALLER} " + "y" * 500_000)
    preview(log, monkeypatch=monkeypatch)
    said = capsys.readouterr().out
    assert "901820417" in said.replace("\n", "")
    assert len(said) < 5000


def test_a_preview_does_not_steer_the_terminal(log, capsys, monkeypatch):
    log.write_bytes(b"\x1b]0;owned\x07 call from " + CALLER.encode() + b" \xc2\x9b31m\n")
    preview(log, monkeypatch=monkeypatch)
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\x9b" not in said


def test_a_preview_of_a_binary_file_says_so(tmp_path, capsys, monkeypatch):
    (tmp_path / "core.bin").write_bytes(b"\x7fELF\x00\x01\x02\x00\x00\x00" * 500)
    assert preview(tmp_path / "core.bin", monkeypatch=monkeypatch) == 9
    assert "CF-1902" in capsys.readouterr().err


def test_masking_into_nowhere_names_the_missing_options(log, capsys):
    assert main(["mask", str(log)]) == 2
    said = capsys.readouterr().err
    assert "--out and --report" in said
    assert "CF-1928" in said
