from __future__ import annotations

import json
import logging
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.masking import (
    MaskedFile,
    PseudonymKey,
    ReferenceEngine,
    Refused,
    load_rules,
    mask_file,
    report_json,
    report_of,
    report_page,
)
from app.masking.face import FileReport
from app.masking.records import UNMASKABLE, MaskedRecords

ENGINE = ReferenceEngine(load_rules(), PseudonymKey(b"k" * 32))
HOSTILE = "<script>alert(1)</script>\"'&\x1b[31m"


def made(**facts) -> MaskedFile:
    values = {
        "encoding": "utf-8",
        "lines": 12,
        "raw_size": 100,
        "masked_size": 4000,
        "masked_sha256": "ab" * 32,
        "counts": {"TEL": 3},
        "rules": {"phone": 3},
        "kept": {"HOST": 2},
        "undecodable": 7,
        "learned": 1,
        "residual_read": 1000,
    }
    return MaskedFile(
        path=Path("/x"), name=facts.pop("name", "a.log"), report=FileReport(**{**values, **facts})
    )


def report(*files: MaskedFile, refused=()):
    return report_of(ENGINE, files or (made(),), refused=refused, lens=5)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [
            f"{name}={value}" for name, value in attrs if name in ("src", "href", "action", "style")
        ]
        self.links += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.text += data


def read(page: str) -> _Page:
    parser = _Page()
    parser.feed(page)
    return parser


def test_the_page_runs_nothing_and_fetches_nothing():
    text = report_page(report(made(name=HOSTILE), refused=(Refused(HOSTILE, HOSTILE, HOSTILE),)))
    page = read(text)
    assert "script" not in page.tags
    assert page.links == []
    assert "http" not in re.sub(r"http-equiv", "", text)
    assert "url(" not in text
    assert "\x1b" not in text


def test_names_are_shown_to_the_letter():
    assert "<script>alert(1)</script>" in read(report_page(report(made(name=HOSTILE)))).text


def test_the_page_says_what_was_done():
    refused = Refused("core.bin", "CF-1902", "Cannot look inside", "Leave it")
    page = read(report_page(report(refused=(refused,)))).text
    for said in (
        "a.log",
        "TEL",
        "phone",
        "Bytes not understood",
        "Values learned",
        "25.0 %",
        ENGINE.rule_set,
        ENGINE.rule_set_sha256,
        ENGINE.key_id,
        "core.bin",
        "CF-1902",
        "Cannot look inside Leave it",
        "Kept by policy",
    ):
        assert said in page


def test_the_page_warns_that_the_slow_engine_stood_in():
    assert "reference engine masked" in read(report_page(report())).text


def test_the_page_warns_of_copies_that_were_not_checked():
    assert "were not checked" in read(report_page(report(made(residual_read=None)))).text


def test_the_page_follows_light_and_dark():
    assert "prefers-color-scheme: dark" in report_page(report())


def test_the_page_of_nothing_is_whole():
    assert report_page(report_of(ENGINE, ())).endswith("</body></html>\n")


def test_equal_reports_give_equal_pages():
    assert report_page(report()) == report_page(report())


def test_the_json_has_found_replaced_and_kept_and_what_was_checked():
    document = json.loads(report_json(report()))
    file = document["files"][0]
    assert file["found"] == {"HOST": 2, "TEL": 3}
    assert (file["counts"], file["kept"]) == ({"TEL": 3}, {"HOST": 2})
    assert file["residual"] == {"read": 1000, "found": 0, "canaries": 0}
    assert document["residual"] == {"read": 1000, "size": 4000}
    assert document["lens"] == {"values": 5, "no_room": 0}
    assert document["fall_back"] is True


def record(message: str, *arguments: object, exc_info=None) -> logging.LogRecord:
    return logging.LogRecord("agent.jobs", logging.INFO, "x.py", 1, message, arguments, exc_info)


def formatter(engine=None) -> MaskedRecords:
    return MaskedRecords(logging.Formatter("%(levelname)s %(name)s: %(message)s"), engine=engine)


def test_a_record_of_ours_passes_masking():
    text = formatter().format(record("sent for %s", "nadia.ferrow@abc.example"))
    assert text.startswith("INFO agent.jobs: sent for <MAIL:")
    assert "nadia" not in text


def test_a_traceback_passes_masking():
    fault = ValueError("call from +4930901820417")
    text = formatter().format(record("defect", exc_info=(ValueError, fault, None)))
    assert "ValueError" in text
    assert "901820417" not in text


def test_what_our_records_name_stays():
    message = "job 3f2a9c1b: file 3 is in quarantine (CF-1902), case 0003256109"
    assert formatter().format(record(message)) == f"INFO agent.jobs: {message}"


class _Broken:
    def preview(self, source, **_options):
        raise RuntimeError("call from +4930901820417")


def test_a_record_that_cannot_be_masked_says_only_that():
    assert formatter(_Broken()).format(record("to %s", "secret")) == f"INFO agent.jobs: {UNMASKABLE}"


def test_a_record_whose_arguments_do_not_fit_says_only_that():
    assert formatter().format(record("%s %s", "one")) == f"INFO agent.jobs: {UNMASKABLE}"


@pytest.mark.parametrize("text", ["a\nb", "x" * 200_000, ""])
def test_odd_records_are_written(text):
    assert formatter().format(record("%s", text)).startswith("INFO agent.jobs: ")


def test_what_stays_by_policy_is_found_and_counted(tmp_path):
    engine = ReferenceEngine(load_rules(profile="infrastructure-only"), PseudonymKey(b"k" * 32))
    (tmp_path / "raw").write_bytes(b"CustomerName='Anna Kovacs' from 192.0.2.17\n")
    facts = mask_file(engine, tmp_path / "raw", target=tmp_path / "copy", name="a.log").report
    assert facts.kept == {"NAME": 1}
    assert facts.counts == {"IP": 1}
