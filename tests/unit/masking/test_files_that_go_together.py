"""Files that go to one case: what one tells by a key is masked in all, also in those that came before."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from app.masking import (
    Engine,
    FileReport,
    MaskingError,
    NativeEngine,
    NotText,
    PseudonymKey,
    ReferenceEngine,
    RuleSet,
    Study,
    load_rules,
    mask_file,
    open_beginning,
    preview_file,
    report_json,
    report_of,
    report_page,
    study_file,
)
from app.masking.native import places

RULES, KEY = load_rules(), PseudonymKey(b"k" * 32)
SPOKEN = b"10:15:01.118 then Quorra Musterfrau is on the line, 4930901820417 it is\n"
TELLING = b"10:15:02.118 ok\n\t'CustomerName'\t'Quorra Musterfrau'\n\tAttributeANI\t'+4930901820417'\n"


def study_of(engine: Engine, files: Sequence[bytes]) -> Study:
    study = engine.study()
    for data in files:
        study_file(engine, io.BytesIO(data), study)
    return study


def masked(engine: Engine, data: bytes, study: Study | None) -> tuple[bytes, FileReport]:
    sink = io.BytesIO()
    report = engine.mask_stream(io.BytesIO(data), sink, study=study)
    return sink.getvalue(), report


def few(engine: Engine, bound: int) -> Engine:
    rules: RuleSet = replace(RULES, learning=replace(RULES.learning, max_values=bound))
    return type(engine)(rules, KEY)  # type: ignore[call-arg]


def packed(*members: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for number, data in enumerate(members):
            archive.writestr(f"{number}.log", data)
    return sink.getvalue()


def test_a_value_that_the_last_file_tells_is_masked_in_the_first(engine: Engine) -> None:
    assert b"Quorra Musterfrau" in masked(engine, SPOKEN, None)[0]
    first, _ = masked(engine, SPOKEN, study_of(engine, [SPOKEN, TELLING]))
    assert b"Musterfrau" not in first
    assert b"4930901820417" not in first
    assert first.count(b"<NAME:") == first.count(b"<TEL:") == 1


def test_what_the_files_tell_is_masked_in_their_names(engine: Engine, tmp_path: Path) -> None:
    study = study_of(engine, [TELLING])
    source = io.BytesIO(TELLING)
    file = mask_file(engine, source, target=tmp_path / "a", name="x/Quorra Musterfrau.log", study=study)
    assert "Musterfrau" not in file.name
    assert file.name.startswith("x/NAME-")
    assert file.name.endswith(".log")


def test_what_members_tell_is_masked_in_the_names_of_members(engine: Engine, tmp_path: Path) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("musterfrau, quorra.log", SPOKEN)
        archive.writestr("told.log", TELLING)
        archive.writestr("Quorra Musterfrau.png", b"\x89PNG\r\n\x1a\n\0\0")
    file = mask_file(engine, sink, target=tmp_path / "a", name="logs of Quorra Musterfrau.zip")
    report = report_json(report_of(engine, [file]))
    assert "usterfrau" not in report
    with zipfile.ZipFile(tmp_path / "a") as done:
        assert [name.startswith("NAME-") for name in done.namelist()] == [True, False]


def test_the_same_value_has_one_token_in_all_files(engine: Engine) -> None:
    study = study_of(engine, [SPOKEN, TELLING])
    told, spoken = masked(engine, TELLING, study)[0], masked(engine, SPOKEN, study)[0]
    token = told[told.index(b"<NAME:") : told.index(b">") + 1]
    assert token in spoken


def test_the_order_of_the_files_makes_no_difference(engine: Engine) -> None:
    files = [SPOKEN, TELLING, b"CallerName=Jo Doe-Smith\n", b"then doe-smith, jo called\n"]
    forth, back = study_of(engine, files), study_of(engine, files[::-1])
    assert [masked(engine, each, forth)[0] for each in files] == [
        masked(engine, each, back)[0] for each in files
    ]


def test_a_report_counts_what_its_file_told_first(engine: Engine) -> None:
    study = study_of(engine, [TELLING, TELLING + b"CallerName=Jo Doe-Smith\n"])
    assert [study.files, study.learned, study.not_learned] == [2, 3, 0]
    assert masked(engine, TELLING, study)[1].learned == 2
    assert masked(engine, TELLING + b"CallerName=Jo Doe-Smith\n", study)[1].learned == 1


def test_both_engines_mask_files_that_go_together_alike() -> None:
    small = {"block": 700, "context": 600}
    both = [ReferenceEngine(RULES, KEY, **small), NativeEngine(RULES, KEY, **small)]
    files = [SPOKEN * 30, b"x" * 3000 + b" quorra.musterfrau\n", TELLING * 20, b"Musterfrau, Quorra\n"]
    results = []
    for each in both:
        study = study_of(each, files)
        results.append([masked(each, data, study) for data in files])
    assert results[0] == results[1]


def test_a_file_that_told_more_than_has_room_masks_its_own_values_first(engine: Engine) -> None:
    tight = few(engine, 2)
    late = b"CallerName=Jo Doe-Smith\nso Jo Doe-Smith called, as did Quorra Musterfrau\n"
    study = study_of(tight, [TELLING, late])
    assert (study.learned, study.not_learned) == (2, 1)
    text, report = masked(tight, late, study)
    assert b"Doe-Smith" not in text
    assert b"Musterfrau" not in text
    assert report.not_learned == 1


def test_past_the_bound_each_file_is_as_well_masked_as_by_itself(engine: Engine) -> None:
    tight = few(engine, 1)
    late = b"CallerName=Jo Doe-Smith\nso Jo Doe-Smith called\n"
    study = study_of(tight, [TELLING, late, late + b"again\n"])
    for each in (late, late + b"again\n"):
        assert masked(tight, each, study)[0] == masked(tight, each, None)[0]
    assert masked(tight, late + b"again\n", study)[1].not_learned == 1


def test_a_file_that_changed_since_it_was_studied_is_refused(engine: Engine) -> None:
    study = study_of(engine, [SPOKEN * 2000, TELLING])
    for changed in (SPOKEN * 2001, SPOKEN * 1999 + SPOKEN.replace(b"Quorra", b"Maria")):
        with pytest.raises(MaskingError) as caught:
            masked(engine, changed, study)
        assert caught.value.code == "CF-1906"


def test_what_is_not_text_is_told_as_that(engine: Engine) -> None:
    binary = b"\x7fELF" + bytes(range(32)) * 9
    with pytest.raises(NotText):
        masked(engine, binary, study_of(engine, [TELLING, binary]))


def test_a_study_that_is_used_learns_nothing_more(engine: Engine) -> None:
    study = study_of(engine, [SPOKEN])
    masked(engine, SPOKEN, study)
    assert not study_file(engine, io.BytesIO(TELLING), study)
    assert (study.files, study.learned) == (1, 0)


def test_a_study_is_for_the_rules_and_the_key_it_was_made_with(engine: Engine) -> None:
    other = type(engine)(RULES, PseudonymKey(b"o" * 32))  # type: ignore[call-arg]
    with pytest.raises(MaskingError):
        masked(other, SPOKEN, study_of(engine, [SPOKEN]))
    equal = type(engine)(RULES, KEY)  # type: ignore[call-arg]
    assert b"Musterfrau" not in masked(equal, SPOKEN, study_of(engine, [SPOKEN, TELLING]))[0]


def test_the_preview_shows_what_masking_writes(engine: Engine) -> None:
    study = study_of(engine, [SPOKEN, TELLING])
    shown = "".join(line.after + "\n" for line in engine.preview(io.BytesIO(SPOKEN), study=study))
    assert shown.encode() == masked(engine, SPOKEN, study)[0]


def test_members_of_an_archive_go_together(engine: Engine, tmp_path: Path) -> None:
    made = mask_file(engine, io.BytesIO(packed(SPOKEN, TELLING)), target=tmp_path / "out", name="x.zip")
    with zipfile.ZipFile(made.path) as archive:
        assert b"Musterfrau" not in archive.read("0.log")
    assert made.report.learned == 2
    shown = "".join(line.after for line in preview_file(engine, io.BytesIO(packed(SPOKEN, TELLING))))
    assert "Musterfrau" not in shown


def test_archives_and_files_go_together(engine: Engine, tmp_path: Path) -> None:
    sources = [gzip.compress(SPOKEN), packed(b"nothing\n", TELLING)]
    study = study_of(engine, sources)
    made = mask_file(engine, io.BytesIO(sources[0]), target=tmp_path / "gz", name="a.gz", study=study)
    assert b"Musterfrau" not in gzip.decompress(made.path.read_bytes())


def test_of_a_file_that_grows_the_studied_part_is_masked(engine: Engine, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(SPOKEN)
    study = engine.study()
    with open_beginning(log, len(SPOKEN)) as stream:
        assert study_file(engine, stream, study)
    log.write_bytes(SPOKEN + TELLING)
    with open_beginning(log, len(SPOKEN)) as stream:
        made = mask_file(engine, stream, target=tmp_path / "out", name="a.log", study=study)
    assert made.report.lines == 1


def test_a_file_without_room_for_its_places_is_searched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    native = NativeEngine(RULES, KEY, block=700, context=600, threads=2)
    files = [SPOKEN * 30, TELLING * 30, SPOKEN * 30 + b"end\n"]
    kept = study_of(native, files)
    monkeypatch.setattr(places.Shelf.__init__, "__kwdefaults__", {"room": 1000})
    again = study_of(native, files)
    assert [masked(native, each, kept) for each in files] == [masked(native, each, again) for each in files]


def test_nothing_is_learned_where_the_rules_learn_nothing(engine: Engine) -> None:
    shapes = {name: kind for name, kind in RULES.shapes.items() if name != "learned"}
    plain = type(engine)(replace(RULES, shapes=shapes), KEY)  # type: ignore[call-arg]
    study = study_of(plain, [SPOKEN, TELLING])
    assert study.learned == 0
    assert masked(plain, SPOKEN, study) == masked(plain, SPOKEN, None)


def test_the_report_says_how_much_was_learned_and_that_the_bound_was_reached(engine: Engine) -> None:
    tight = few(engine, 1)
    report = report_of(tight, [], study=study_of(tight, [SPOKEN, TELLING]))
    assert '"learned": {\n    "together": true,\n    "files": 2,\n    "values": 1,\n    "past_bound": 1' in (
        report_json(report)
    )
    assert "1, looked for in all of 2 files; 1 past the bound, looked for in their own file at most" in (
        report_page(report)
    )
    assert "of each file by itself" in report_page(report_of(tight, []))
