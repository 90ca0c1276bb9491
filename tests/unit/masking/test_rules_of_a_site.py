"""Rule files of customers: what they may say, what is refused and where, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.errors import InputError
from app.masking import (
    Engine,
    Kind,
    PseudonymKey,
    RuleSet,
    load_rules,
    mask_text,
    open_engine,
    reference_engine,
)
from app.masking.custom import CustomRules
from app.masking.phones import NumberPlan, NumberRange
from app.masking.ruleversions import RuleStore, compare
from app.masking.sitevalues import (
    read_site_values,
    site_values_of_logs,
    site_values_toml,
)
from app.settings import resource

HEAD = 'format = 1\nname = "mine"\nversion = 1\nextends = "default"\n'
KEY = PseudonymKey(b"k" * 32)


def masked(tmp_path: Path, rules: str, text: str) -> str:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + rules, encoding="utf-8")
    return mask_text(reference_engine(load_rules(path), KEY), text).text


PATTERN = '[[patterns]]\nrule = "p"\n'


@pytest.mark.parametrize(
    ("rules", "place", "why"),
    [
        (PATTERN + "pattern = '(?<=x)a'\n", "line 7, field patterns.pattern", "look-behind"),
        (PATTERN + "pattern = 'a(?!b)'\n", "line 7, field patterns.pattern", "look-ahead"),
        (PATTERN + "pattern = '(a)\\1'\n", "line 7, field patterns.pattern", "back-reference"),
        (PATTERN + "pattern = '(?:a+)+b'\n", "line 7, field patterns.pattern", "repeated"),
        (PATTERN + "pattern = '(a{1,900}){2}'\n", "line 7, field patterns.pattern", "repeated"),
        (PATTERN + "pattern = 'a*'\n", "line 7, field patterns.pattern", "nothing"),
        (PATTERN + "pattern = '(a)(b)'\n", "line 7, field patterns.pattern", "one group"),
        (PATTERN + "pattern = '[a'\n", "line 7, field patterns.pattern", "RE2"),
        (PATTERN + "pattern = 'a{1,2000}'\n", "line 7, field patterns.pattern", "RE2"),
        (PATTERN + "pattern = 'a'\nliteral = 'b'\n", "line 6, field patterns.rule", "one of"),
        (PATTERN + "pattern = 'a'\npriority = 0\n", "line 8, field patterns.priority", "1 to 1000"),
        (PATTERN + "pattern = 'ab'\nmust_match = ['x']\n", "line 8, field patterns.must_match", "text 1"),
        (PATTERN + "pattern = 'ab'\nmust_not_match = ['z', 'ab']\n", "line 8", "text 2"),
        (PATTERN + "key = 'Ref'\nmust_match = ['Other=12']\n", "line 8", "not matched"),
        ("[tokens]\ndigits = 8\n", "line 6, field tokens.digits", "16 to 32"),
        ('[tokens]\nstyle = "x"\n', "line 6, field tokens.style", "angle or word"),
        ('[policy]\nSECRET = "partial"\n', "line 6, field policy.SECRET", "cannot be partial"),
        ("[partial]\nTEL = 5\n", "line 6, field partial.TEL", "1 to 4"),
        ('[phones]\nown = ["+49-+48"]\n', "line 6, field phones.own", "value 1"),
        ('[site]\nhosts = ["ab"]\n', "line 6, field site.hosts", "value 1"),
        ('[site]\nsubnets = ["10.0.0.0/8", "x"]\n', "line 6, field site.subnets", "value 2"),
        ('profile = "x"\n', "mine.toml", "balanced"),
        (
            'profile = "mine"\n[profiles.mine.policy]\nTEL = "gone"\n',
            "line 7, field profiles.mine.policy.TEL",
            "one of",
        ),
        ('profile = "mine"\n[profiles.mine]\nonly = ["NOBODY"]\n', "field profiles.mine.only", "one of"),
        ('[allow]\nnobody = ["x"]\n', "line 6, field allow.nobody", "not known"),
        (
            '[[keys]]\nrule = "x"\nkind = "ID"\nnames = ["Old{person}Ref"]\n',
            "field keys.names",
            "at their ends only",
        ),
    ],
)
def test_a_wrong_field_is_named_with_its_line_and_what_helps(
    tmp_path: Path, rules: str, place: str, why: str
) -> None:
    with pytest.raises(InputError) as caught:
        masked(tmp_path, rules, "")
    assert place in caught.value.happened
    assert why in caught.value.happened


TWINS = HEAD + PATTERN + "pattern = 'ab'\n" + PATTERN.replace('"p"', '"p-2"') + "pattern = 'cd'\n"
TWINS += PATTERN + "literal = 'ef'\n"


def test_who_looks_after_rules_is_told_of_two_patterns_with_one_id_at_their_place(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TWINS, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_rules(path, strict=True)
    assert "mine.toml, line 12, field patterns.rule" in caught.value.happened


def test_of_two_patterns_with_one_id_in_use_each_counts_by_one_of_its_own(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, expected_logs: Callable[[str], None]
) -> None:
    expected_logs("app.masking.doubled")
    path = tmp_path / "mine.toml"
    path.write_text(TWINS, encoding="utf-8")
    assert [each.rule for each in load_rules(path).patterns] == ["p", "p-2", "p-3"]
    assert "mine.toml, line 12, field patterns.rule" in caplog.text


def test_rules_know_which_patterns_had_the_id_of_another_and_where(
    tmp_path: Path, expected_logs: Callable[[str], None]
) -> None:
    expected_logs("app.masking.doubled")
    path = tmp_path / "mine.toml"
    path.write_text(TWINS, encoding="utf-8")
    (doubled,) = load_rules(path).doubled
    assert doubled.rule == "p"
    assert doubled.said.startswith("mine.toml, line 12, field patterns.rule")
    assert doubled.said.endswith("It counts as p-3.")


def test_the_second_of_two_long_ids_is_no_longer_than_any(
    tmp_path: Path, expected_logs: Callable[[str], None]
) -> None:
    expected_logs("app.masking.doubled")
    path = tmp_path / "mine.toml"
    path.write_text(
        HEAD + 2 * (PATTERN.replace('"p"', f'"{"p" * 64}"') + "pattern = 'ab'\n"), encoding="utf-8"
    )
    assert [each.rule for each in load_rules(path).patterns] == ["p" * 64, "p" * 62 + "-2"]


def test_the_lower_priority_wins_and_a_group_is_the_value(tmp_path: Path) -> None:
    rules = (
        "[[patterns]]\nrule = 'wide'\nkind = 'ID'\npattern = 'PO-\\d+'\npriority = 200\n"
        "[[patterns]]\nrule = 'tight'\nkind = 'USER'\npattern = 'PO-(\\d{4,})'\npriority = 10\nlearn = true\n"
        "[[patterns]]\nrule = 'word'\nliteral = 'Blue.Bird'\nany_case = true\n"
    )
    text = masked(tmp_path, rules, "PO-12345 PO-7 blue.bird bluexbird")
    assert text.startswith("PO-<USER:")
    assert " <ID:" in text
    assert " <CUSTOM:" in text
    assert text.endswith(" bluexbird")


def test_a_key_of_ones_own_goes_before_the_products(tmp_path: Path) -> None:
    text = masked(
        tmp_path, "[[patterns]]\nrule = 'k'\nkind = 'ID'\nkey = 'Customer Name'\n", "CustomerName=Mary7"
    )
    assert text.startswith("CustomerName=<ID:")


def test_patterns_find_nothing_over_line_ends_and_everything_on_long_lines(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + "[[patterns]]\nrule = 'p'\npattern = 'Q[^x]+Q\\d'\n")
    custom = CustomRules(load_rules(path).patterns)
    assert not list(custom.find(b"Qa\nQ1"))
    line = b"y" * 70_000 + b"QaQ1" + b"y" * 2_000_000 + b"QbQ2"
    assert [line[s.start : s.end] for s in custom.find(line)] == [b"QaQ1", b"QbQ2"]


@pytest.mark.parametrize(
    ("number", "stays"),
    [
        (b"+49 30 1234-55", True),
        (b"004930123455", True),
        (b"+4930123", False),
        (b"+49301235", False),
        (b"(500) 555-0006", True),
        (b"5005550007", False),
        (b"+442079460050", True),
        (b"+442079460100", False),
        (b"%2B442079460050", True),
        (b"+" + b"4" * 60, False),
    ],
)
def test_own_ranges_and_test_numbers(number: bytes, stays: bool) -> None:
    plan = NumberPlan.of(["+49 30 1234*", "+15005550006", "+442079460000-+442079460099"])
    assert plan.stays(number) is stays


@pytest.mark.parametrize("text", ["", "12", "+49*30", "+491-+49", "+492-+491", "x123"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is"):
        NumberRange.of(text)


def test_own_numbers_stay_whatever_finds_them(tmp_path: Path) -> None:
    line = "ANI=+4930123499 To: <sip:+4930123401@10.0.0.1> call +49 30 1234 77, caller +4930999999"
    text = masked(tmp_path, '[phones]\nown = ["+4930123400-+4930123499"]\n', line)
    assert "ANI=+4930123499 To: <sip:+4930123401@<IP:" in text
    assert "+49 30 1234 77," in text
    assert "30999999" not in text


def test_site_values_are_masked_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "site.csv").write_text("field,value\nagents,mjones\nhosts,SRV7\n", encoding="utf-8")
    rules = '[site]\nfile = "site.csv"\nsubnets = ["8.5.1.0/24"]\n'
    text = masked(tmp_path, rules, "start of srv7 (release 8.5.1.7) by mjones; release 8.5.2.7")
    assert "srv7" not in text
    assert "mjones" not in text
    assert "8.5.1.7" not in text
    assert "release 8.5.2.7" in text


def test_site_values_are_no_part_of_the_digest(tmp_path: Path) -> None:
    one, other = tmp_path / "a.toml", tmp_path / "b.toml"
    one.write_text(HEAD + '[site]\nhosts = ["srv7"]\n')
    other.write_text(HEAD + '[site]\nhosts = ["srv8"]\n')
    assert load_rules(one).sha256 == load_rules(other).sha256


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("s.csv", "field,value\nhosts,srv7\nhost,srv8\n", "s.csv, line 3, column field"),
        ("s.csv", "hosts,srv7,x\n", "s.csv, line 1"),
        ("s.csv", "subnets,300.1.1.1/8\n", "s.csv, line 1, column value"),
        ("s.toml", 'hosts = "srv7"\n', "s.toml, line 1, field hosts"),
        (
            "s.toml",
            'hosts = ["srv7"]\naddresses = ["srv8"]\n',
            "s.toml, line 2, field addresses: its value 1",
        ),
        ("s.toml", "hosts = [\n", "s.toml, it is not TOML"),
    ],
)
def test_a_wrong_list_of_site_values_says_where_and_quotes_nothing(
    tmp_path: Path, name: str, text: str, place: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_site_values(path)
    assert place in caught.value.happened
    assert "srv" not in caught.value.happened


def test_hosts_are_gathered_from_headers_and_written_as_a_list(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("Application name: SIP_A\nHost name: srv-voice-7\nLocal time: 2026-11-24T08:00:00.000\n")
    values = site_values_of_logs([log, tmp_path / "none.log"])
    assert values.known == ((Kind.HOST, "srv-voice-7"),)
    listed = tmp_path / "site.toml"
    listed.write_text(site_values_toml(values), encoding="utf-8")
    assert read_site_values(listed) == values


def test_a_profile_of_ones_own_changes_what_it_names(tmp_path: Path) -> None:
    rules = (
        'profile = "mine"\n[profiles.mine]\nonly = ["TEL", "SECRET"]\n'
        '[profiles.mine.tokens]\nstyle = "word"\n'
        '[profiles.mine.shapes]\nphone = "off"\n'
    )
    text = masked(tmp_path, rules, "ANI=4155550143 call +4930123456 host 10.1.2.3:5060")
    assert text.startswith("ANI=cf-TEL-")
    assert text.endswith("call +4930123456 host 10.1.2.3:5060")


def test_words_of_a_site_are_composed_with_the_products_names(tmp_path: Path) -> None:
    rules = '[words]\npersons = ["Ratepayer"]\nsorts = ["grade"]\nprefixes = ["zz"]\nqualifiers = ["depot"]\n'
    text = (
        '"RatepayerName": "Mary Ross"\n"nrRatepayer": "47-A"\n"zz_cap": "00184"\n"phonedepot": "+49301234"\n'
        '"grade_ratepayer_name": "Silver"\n'
    )
    assert re.sub(r":[0-9a-f]{16}>", ">", masked(tmp_path, rules, text)) == (
        '"RatepayerName": "<NAME>"\n"nrRatepayer": "<ID>"\n"zz_cap": "<ADDRESS>"\n"phonedepot": "<TEL>"\n'
        '"grade_ratepayer_name": "Silver"\n'
    )


@pytest.mark.parametrize("open_one", [reference_engine, open_engine])
@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("owner=Frontoffice", True),
        ("customer_id=frontoffice", True),
        ("password=frontoffice", False),
        ("username=FRONTOFFICE", False),
        ("lastName=Jep", False),
        ("customer_id=JEPP", True),
        ("password=jepp", True),
        ("lastName=jepp", False),
    ],
)
def test_what_stays_as_a_value_may_be_a_password_a_login_or_a_name_all_the_same(
    tmp_path: Path, open_one: Callable[[RuleSet, PseudonymKey], Engine], line: str, stays: bool
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'{HEAD}[allow]\noffices = ["Frontoffice"]\nanswers = ["jepp"]\n', encoding="utf-8")
    text = mask_text(open_one(load_rules(path), KEY), f"{line}\n").text
    assert (text == f"{line}\n") is stays


def test_what_a_kind_takes_in_spite_of_the_rules_is_told_from_what_always_stays(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'{HEAD}[allow]\noffices = ["frontoffice"]\n', encoding="utf-8")
    changes = compare(load_rules(), load_rules(path))
    assert [each.name for each in changes if each.part == "allow"] == ["office frontoffice"]


COPIED = 'format = 1\nname = "mine"\nversion = 1\n'


def copied_before_there_were_offices(fields: str) -> str:
    """The shipped rules as they were copied when the words stood among the values only."""
    shipped = resource("masking", "default.toml").read_text(encoding="utf-8")
    for name in ("offices", "answers"):
        shipped = re.sub(rf"^{name} = \[[^]]*\]\n", "", shipped, count=1, flags=re.MULTILINE)
    words = ", ".join(f'"{word}"' for word in sorted(load_rules().allow.offices | load_rules().allow.answers))
    return shipped.replace("[allow]\nvalues = [", f"[allow]\n{fields}values = [{words}, ", 1)


@pytest.mark.parametrize("open_one", [reference_engine, open_engine])
@pytest.mark.parametrize(
    ("fields", "line", "stays"),
    [
        ("", "password=support", False),
        ("", "username=sales", False),
        ("", "login=local", False),
        ("", "lastName=Tak", False),
        ("", "customer_id=support", True),
        ("offices = []\n", "password=support", True),
        ("offices = []\n", "lastName=Tak", False),
        ("answers = []\n", "lastName=Tak", True),
        ("answers = []\n", "username=sales", False),
    ],
)
def test_words_among_the_values_of_copied_rules_are_passwords_and_names_unless_a_field_says_no(
    tmp_path: Path,
    open_one: Callable[[RuleSet, PseudonymKey], Engine],
    fields: str,
    line: str,
    stays: bool,
) -> None:
    path = tmp_path / "copied.toml"
    path.write_text(copied_before_there_were_offices(fields), encoding="utf-8")
    text = mask_text(open_one(load_rules(path), KEY), f"{line}\n").text
    assert (text == f"{line}\n") is stays


def test_words_that_copied_rules_do_not_let_stay_are_not_let_stay_by_the_shipped_ones(tmp_path: Path) -> None:
    path = tmp_path / "copied.toml"
    path.write_text(f'{COPIED}[allow]\nvalues = ["tak"]\n', encoding="utf-8")
    assert load_rules(path).allow.values == {"tak"}


def test_a_kept_version_of_copied_rules_takes_words_among_the_values_for_passwords(tmp_path: Path) -> None:
    path = tmp_path / "copied.toml"
    path.write_text(f'{COPIED}[allow]\nvalues = ["support"]\n', encoding="utf-8")
    kept = RuleStore(tmp_path / "kept")
    rules = load_rules(path)
    kept.keep(path, rules, now=datetime(2026, 1, 1, tzinfo=UTC))
    path.unlink()
    assert kept.load(rules.sha256).allow.offices == {"support"}


def test_copied_rules_that_are_rolled_back_to_take_words_among_the_values_for_passwords(
    tmp_path: Path,
) -> None:
    path = tmp_path / "copied.toml"
    path.write_text(f'{COPIED}[allow]\nvalues = ["support"]\n', encoding="utf-8")
    kept = RuleStore(tmp_path / "kept")
    rules = load_rules(path)
    kept.keep(path, rules, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert kept.roll_back(rules.sha256, path, now=datetime(2026, 1, 2, tzinfo=UTC)).allow.offices == {
        "support"
    }
