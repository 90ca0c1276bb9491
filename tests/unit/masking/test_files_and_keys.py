"""Whole files, names, typed text, keys and rule files."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from app.domain.errors import InputError, LocalError
from app.masking import (
    Kind,
    MaskingError,
    NotText,
    PseudonymKey,
    ReferenceEngine,
    Refused,
    load_rules,
    mask_file,
    mask_name,
    mask_text,
    new_key,
    read_key_file,
    reference_engine,
    reopen_masked,
    report_json,
    report_of,
    write_key_file,
)
from app.masking.pseudonyms import normalise_phone


def test_a_masked_file_is_private_and_its_report_fits(engine: ReferenceEngine, tmp_path: Path) -> None:
    source, target = tmp_path / "a.log", tmp_path / "out.log"
    source.write_bytes(b"ANI=4155550143\n")
    masked = mask_file(engine, source, target=target, name="x/a.log")
    assert masked.name == "x/a.log"
    assert masked.report.masked_size == target.stat().st_size
    if os.name == "posix":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_failure_leaves_no_target(engine: ReferenceEngine, tmp_path: Path) -> None:
    source, target = tmp_path / "a.bin", tmp_path / "out.log"
    source.write_bytes(b"\x7fELF\x02\x01")
    with pytest.raises(NotText):
        mask_file(engine, source, target=target, name="a.bin")
    assert not target.exists()


def test_an_existing_target_is_not_touched(engine: ReferenceEngine, tmp_path: Path) -> None:
    source, target = tmp_path / "a.log", tmp_path / "out.log"
    source.write_bytes(b"x\n")
    target.write_bytes(b"mine")
    with pytest.raises(MaskingError):
        mask_file(engine, source, target=target, name="a.log")
    assert target.read_bytes() == b"mine"


def test_a_missing_source_is_a_masking_error(engine: ReferenceEngine, tmp_path: Path) -> None:
    with pytest.raises(MaskingError) as caught:
        mask_file(engine, tmp_path / "no.log", target=tmp_path / "out", name="no.log")
    assert caught.value.code == "CF-1908"


def test_a_masked_copy_is_opened_again_wherever_it_lies(engine: ReferenceEngine, tmp_path: Path) -> None:
    source = tmp_path / "a.log"
    source.write_bytes(b"ANI=4155550143\n")
    masked = mask_file(engine, source, target=tmp_path / "out.log", name="a.log")
    moved = masked.path.rename(tmp_path / "moved.log")
    again = reopen_masked(moved, name=masked.name, report=masked.report)
    assert (again.path, again.report) == (moved, masked.report)


@pytest.mark.parametrize("change", ["other bytes", "longer", "original", "missing", "open to others", "link"])
def test_what_masking_did_not_write_is_never_a_masked_file(
    engine: ReferenceEngine, tmp_path: Path, change: str
) -> None:
    source = tmp_path / "a.log"
    source.write_bytes(b"ANI=4155550143\n")
    masked = mask_file(engine, source, target=tmp_path / "out.log", name="a.log")
    path = masked.path
    if change == "other bytes":
        path.write_bytes(path.read_bytes().replace(b"A", b"B"))
    elif change == "longer":
        path.write_bytes(path.read_bytes() + b"4155550143\n")
    elif change == "original":
        path.write_bytes(source.read_bytes())
    elif change == "missing":
        path.unlink()
    elif os.name != "posix":
        pytest.skip("modes and links are those of POSIX")
    elif change == "open to others":
        path.chmod(0o644)
    else:
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MaskingError) as caught:
        reopen_masked(path, name=masked.name, report=masked.report)
    assert caught.value.code == "CF-1910"


def test_usual_names_stay_and_personal_ones_do_not(engine: ReferenceEngine) -> None:
    for name in ("sips_a-001.20230609_101502_118.log", "gvp/mcp.log.3", "gms.log.2023-06-09"):
        assert mask_name(engine, name) == name
    masked = mask_name(engine, "x/erika@example.com +4930901820417.log")
    assert "erika" not in masked
    assert "901820417" not in masked
    assert not set(masked) & set('<>:"|?*')
    assert mask_name(engine, masked) == masked


@pytest.mark.parametrize(
    ("name", "user", "kept"),
    [
        ("home/jmueller/logs/a.log", "jmueller", ("home/", "/logs/a.log")),
        ("C:\\Users\\Erika Muster\\sip\\b.log", "Muster", ("C:/Users/", "/sip/b.log")),
        ("all.zip/home/hweber/x.log", "hweber", ("all.zip/home/", "/x.log")),
    ],
)
def test_a_folder_that_is_called_after_a_user_is_masked_in_a_name(
    engine: ReferenceEngine, name: str, user: str, kept: tuple[str, str]
) -> None:
    masked = mask_name(engine, name)
    assert user not in masked
    assert masked.startswith(kept[0] + "USER-")
    assert masked.endswith(kept[1])
    assert mask_name(engine, masked) == masked


@pytest.mark.parametrize("name", ["home/a.log", "Users/Public/x.log", "logs/users/sip/a.log"])
def test_what_is_no_users_folder_stays(engine: ReferenceEngine, name: str) -> None:
    assert mask_name(engine, name) == name


def test_typed_text_is_masked(engine: ReferenceEngine) -> None:
    masked = mask_text(engine, "Please call +49 30 901820417\nor write to e@example.com\n")
    assert masked.found == 2
    assert masked.text.count("\n") == 2
    assert "9018" not in masked.text


@pytest.mark.parametrize(
    "text",
    ["+14155550123", "14155550123", "(415) 555-0123", "415-555-0123", "tel:+1-415-555-0123", "0014155550123"],
)
def test_one_number_has_one_form(text: str) -> None:
    assert normalise_phone(text) == "14155550123"


@pytest.mark.parametrize(
    "text", ["+49 (0)30 901820417", "+49(0)30901820417", "0049 (0) 30 901820417", "tel:+49-(0)-30-901820417"]
)
def test_a_trunk_digit_in_brackets_does_not_make_another_number(text: str) -> None:
    assert normalise_phone(text) == "4930901820417"


def test_national_numbers_need_their_country() -> None:
    assert (
        normalise_phone("030901820417", country="49") == normalise_phone("+4930901820417") == "4930901820417"
    )


def test_a_key_survives_its_file_and_is_never_shown(tmp_path: Path) -> None:
    key, path = new_key(), tmp_path / "key"
    write_key_file(path, key)
    assert read_key_file(path) == key
    assert repr(key.secret) not in repr(key)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(LocalError):
        write_key_file(path, new_key())
    assert read_key_file(path) == key


def test_something_else_is_not_a_key_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("hello")
    with pytest.raises(InputError) as caught:
        read_key_file(path)
    assert "key, line 1" in str(caught.value)


def test_tokens_depend_on_kind_and_key() -> None:
    rules = load_rules()
    one, other = (
        reference_engine(rules, PseudonymKey(b"a" * 32)),
        reference_engine(rules, PseudonymKey(b"b" * 32)),
    )
    tokens = {one.pseudonym(Kind.HOST, "a"), one.pseudonym(Kind.USER, "a"), other.pseudonym(Kind.HOST, "a")}
    assert len(tokens) == 3
    assert one.pseudonym(Kind.HOST, "SIP-A01") == one.pseudonym(Kind.HOST, "sip-a01")
    assert one.key_id != other.key_id


def test_the_report_holds_no_personal_value(engine: ReferenceEngine, tmp_path: Path) -> None:
    source = tmp_path / "a.log"
    source.write_bytes(b"ANI=4155550143\n")
    file = mask_file(engine, source, target=tmp_path / "o", name="4155550143@example.com.log")
    text = report_json(
        report_of(engine, [file], refused=[Refused("b.gz", "CF-1902", "binary", "Leave it out.")])
    )
    assert "4155550143" not in text
    document = json.loads(text)
    assert document["counts"] == {"TEL": 1}
    assert document["refused"] == [
        {"name": "b.gz", "code": "CF-1902", "reason": "binary", "todo": "Leave it out."}
    ]


GOOD = 'format = 1\nname = "mine"\nversion = 3\n[shapes]\nkeyed = "KEYED"\n'


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("format = 1\nname = 7\nversion = 1\n", "line 2, field name"),
        ("format = 2\n", "line 1, field format"),
        (GOOD + 'nonsense = "TEL"\n', "line 6, field shapes.nonsense"),
        (GOOD + '[policy]\nTEL = "hide"\n', "line 7, field policy.TEL"),
        (
            GOOD + '[[keys]]\nrule = "a"\nkind = "TEL"\nnames = ["x"]\n[[keys]]\nrule = "b"\nkind = "TELL"\n',
            "field keys",
        ),
        (
            GOOD + '[[patterns]]\nrule = "p"\nkind = "ID"\npattern = "(a+)+$"\n',
            "line 9, field patterns.pattern",
        ),
        (
            GOOD + '[[patterns]]\nrule = "p"\nkind = "ID"\npattern = "a{0,900}b{0,900}c"\n',
            "line 9, field patterns.pattern",
        ),
        (GOOD + '[allow]\naddresses = ["x"]\n', "line 7, field allow.addresses"),
    ],
)
def test_a_wrong_rule_file_says_where(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_rules(path)
    assert place in caught.value.happened
    assert "mine.toml" in caught.value.happened


def test_broken_toml_and_a_missing_file_are_input_errors(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("a = = 1")
    with pytest.raises(InputError, match="CF-1121"):
        load_rules(path)
    with pytest.raises(InputError, match="CF-1120"):
        load_rules(tmp_path / "none.toml")


def test_own_patterns_and_policies_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        GOOD
        + '[policy]\nTEL = "keep"\nID = "fixed"\n[[keys]]\nrule = "n"\nkind = "TEL"\nnames = ["ANI"]\n'
        + '[[patterns]]\nrule = "order"\nkind = "ID"\npattern = \'\\bPO-(\\d{4,8})\'\n'
    )
    engine = reference_engine(load_rules(path), new_key())
    assert engine.rule_set == "mine 3"
    assert mask_text(engine, "ANI=4155550143 PO-12345").text == "ANI=4155550143 PO-<ID:0000000000000000>"


def test_comments_do_not_change_the_digest(tmp_path: Path) -> None:
    one, other = tmp_path / "a.toml", tmp_path / "b.toml"
    one.write_text(GOOD)
    other.write_text("# hello\n" + GOOD)
    assert load_rules(one).sha256 == load_rules(other).sha256 != load_rules().sha256
