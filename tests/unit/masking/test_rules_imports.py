"""Imports, comparison and earlier versions of rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.errors import InputError
from app.masking import PseudonymKey, load_rules, mask_text, reference_engine
from app.masking.imports import Imported, import_log_filter, import_patterns
from app.masking.rules import RuleSet
from app.masking.ruleversions import RuleStore, compare

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
FILTER = """; exported
[log]
verbose=all
[log-filter]
default-filter-type=copy
[log-filter-data]
CustomerRef=hide
SegmentCode=copy
CustomerName=copy
"VoucherNo"=hide-last,4
Greeting=tag(<,>)
"""


def loaded(tmp_path: Path, made: Imported) -> Path:
    path = tmp_path / "imported.toml"
    path.write_text(made.toml, encoding="utf-8")
    return path


def refusal_of(importer: Callable[..., Imported], text: str) -> str:
    with pytest.raises(InputError, match="CF-1152") as caught:
        importer(text, source="given", name="x")
    return caught.value.happened


def test_a_log_filter_becomes_rules_that_are_never_weaker(tmp_path: Path) -> None:
    made = import_log_filter(FILTER, source="opts.cfg", name="site")
    rules = load_rules(loaded(tmp_path, made))
    text = mask_text(
        reference_engine(rules, PseudonymKey(b"k" * 32)),
        "CustomerRef='AB1234' SegmentCode='gold' CustomerName='Mary Jones' VoucherNo='9876543'"
        " Greeting='Hello M'",
    ).text
    assert "SegmentCode='gold'" in text
    assert not [word for word in ("AB1234", "Mary", "9876543", "Hello") if word in text]
    assert made.taken == 4
    assert len(made.remarks) == 3


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[log-filter-data]\nA=hide-first\n", "line 2, key A"),
        ("[log-filter-data]\nA=show\n", "line 2, key A"),
        ("[log-filter-data]\nA\n", "line 2"),
        ("[log]\nA=hide\n", "no section"),
    ],
)
def test_a_wrong_filter_says_where(text: str, place: str) -> None:
    assert place in refusal_of(import_log_filter, text)


def test_a_list_of_patterns_keeps_its_priorities_and_names_what_re2_refuses(tmp_path: Path) -> None:
    source = json.dumps(
        [
            {"name": "Order No.", "regex": r"PO-(\d{5})", "priority": 20, "kind": "id"},
            {"regex": "(?<=x)y", "priority": 1},
            {"name": "Order No.", "regex": 'say "\\w+"', "priority": 5, "caseInsensitive": True},
        ]
    )
    made = import_patterns(source, source="p.json", name="site")
    rules = load_rules(loaded(tmp_path, made))
    assert [(p.rule, p.priority) for p in rules.patterns] == [("order-no-3", 5), ("order-no", 20)]
    assert made.left_out[0].startswith("[1].regex uses look-behind")
    assert len(made.left_out) == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[", "line 1"),
        ('{"a": 1}', "list of objects"),
        ('[{"priority": 1}]', "[0].regex"),
        ('[{"regex": "aa"}, "bb"]', "[1]: must be an object"),
        ('[{"regex": "a", "priority": "1"}]', "[0].priority"),
        ('[{"regex": "a", "kind": "WHO"}]', "[0].kind"),
    ],
)
def test_a_wrong_list_of_patterns_says_where(text: str, place: str) -> None:
    assert place in refusal_of(import_patterns, text)


def test_what_differs_is_told_by_part(tmp_path: Path) -> None:
    path = loaded(tmp_path, import_log_filter(FILTER, source="o", name="default"))
    changes = compare(load_rules(), load_rules(path))
    assert {(c.part, c.name) for c in changes} == {
        ("setting", "title"),
        ("key", "CustomerRef"),
        ("key", "VoucherNo"),
        ("key", "Greeting"),
        ("keep", "segmentcode"),
    }
    assert compare(load_rules(), load_rules()) == ()
    strict = compare(load_rules(), load_rules(profile="voice-strict"))
    assert ("policy", "NAME", "token", "drop") in {(c.part, c.name, c.before, c.after) for c in strict}


def test_a_version_that_was_used_comes_back(tmp_path: Path) -> None:
    store = RuleStore(tmp_path / "kept")
    path = loaded(tmp_path, import_log_filter(FILTER, source="o", name="site"))
    first = load_rules(path)
    assert store.keep(path, first, now=NOW)
    assert not store.keep(path, first, now=NOW)
    path.write_text(path.read_text().replace("VoucherNo", "TicketRef"))
    second = load_rules(path)
    back = store.roll_back(first.sha256[:8], path, now=NOW)
    assert back == first
    assert {v.sha256 for v in store.versions()} == {first.sha256, second.sha256}
    for digest in ("", "zz", "00000000", first.sha256[:4]):
        with pytest.raises(InputError, match="CF-1153"):
            store.path_of(digest)


SITE = 'format = 1\nname = "s"\nversion = 1\nextends = "default"\n[site]\n'


def kept(folder: Path, text: str) -> tuple[RuleStore, Path, RuleSet]:
    """A store with these rules, and the file that they stand in."""
    store, path = RuleStore(folder / "kept"), folder / "rules.toml"
    path.write_text(text)
    rules = load_rules(path)
    store.keep(path, rules, now=NOW)
    return store, path, rules


def test_a_kept_version_reads_the_list_of_site_values_that_lay_beside_it(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('names = ["Ada Lovelace"]\n')
    store, _path, first = kept(tmp_path, SITE + 'file = "site.toml"\n')
    assert store.load(first.sha256[:8]) == first


def test_a_version_that_cannot_be_read_at_its_new_place_leaves_what_stands_there(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('names = ["Ada Lovelace"]\n')
    store, _path, first = kept(tmp_path, SITE + 'file = "site.toml"\n')
    elsewhere = tmp_path / "elsewhere" / "rules.toml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(SITE.replace("version = 1", "version = 2"))
    with pytest.raises(InputError):
        store.roll_back(first.sha256, elsewhere, now=NOW)
    assert "version = 2" in elsewhere.read_text()


def test_values_of_the_site_that_changed_within_a_version_come_back_as_they_were_last(tmp_path: Path) -> None:
    store, path, first = kept(tmp_path, SITE + 'names = ["Ada Lovelace"]\n')
    path.write_text(SITE.replace("version = 1", "version = 2"))
    store.keep(path, load_rules(path), now=NOW)
    path.write_text(SITE + 'names = ["Ada Lovelace", "Alan Turing"]\n')
    last = path.read_text()
    store.roll_back(store.versions()[1].sha256, path, now=NOW)
    store.roll_back(first.sha256, path, now=NOW)
    assert path.read_text() == last
