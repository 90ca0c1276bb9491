"""What commands say when there is nothing, when it is the wrong thing, and when they have ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.commands import carrying_options, options, portal_options
from app.commands.console import Screen, counted, of_a_look
from app.commands.demo import run_demo
from app.commands.program import main
from app.domain.errors import LocalError, UnreachableError

OPTIONS = [
    options.MaskingOptions,
    portal_options.PortalOptions,
    portal_options.ServerOptions,
    carrying_options.PackingOptions,
    carrying_options.FetchingOptions,
]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEFERRY_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(("name", "code", "said"), [("a.log", 2, "CF-1129"), ("a.zip", 7, "CF-1711")])
def test_a_log_is_no_damaged_bundle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, code: int, said: str
) -> None:
    (tmp_path / name).write_text("10:15 no bundle at all, whatever its name is")
    assert main(["bundle", "verify", str(tmp_path / name)]) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("limit", ["0", "501"])
def test_a_number_of_cases_that_is_none_is_refused_in_our_words(
    limit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cases", "--limit", limit, "--portal", "https://portal.invalid"]) == 2
    assert f"{limit} is not between 1 and 500" in capsys.readouterr().err


def test_a_demo_folder_that_cannot_be_made_is_an_error_of_the_world(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LocalError) as caught:
        run_demo(headless=True, keep=tmp_path / "file" / "demo")
    assert caught.value.code == "CF-1853"


@pytest.mark.parametrize(("count", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files")])
def test_a_number_has_its_word(count: int, said: str) -> None:
    assert counted(count, "file", "files") == said


def test_lists_have_no_option_for_an_empty_one(capsys: pytest.CaptureFixture[str]) -> None:
    main(["cases", "--help"])
    assert "--empty" not in capsys.readouterr().out


@pytest.mark.parametrize("kind", OPTIONS)
def test_no_description_of_an_option_is_broken_where_the_source_is(kind: type) -> None:
    described = (kind.__doc__ or "").partition("Attributes:\n")[2]
    assert described
    assert [line for line in described.splitlines() if line.startswith(" " * 5)] == []


AGAIN = "he same command tries again, and goes on from what is complete"


@pytest.mark.parametrize(
    ("todo", "expected"),
    [
        ("It is tried again by itself; check the address.", f"T{AGAIN}; check the address."),
        ("It goes on by itself from what the server has.", f"T{AGAIN}."),
        ("It is sent again by itself from the start.", f"T{AGAIN}."),
        ("Tell the operator; it is tried again by itself.", f"Tell the operator; t{AGAIN}."),
    ],
)
def test_a_command_that_has_ended_promises_no_further_try(
    capsys: pytest.CaptureFixture[str], todo: str, expected: str
) -> None:
    error = UnreachableError("Away", happened="Nobody answers.", todo=todo, code="CF-1510")
    Screen().error(error)
    assert expected in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("todo", "expected"),
    [
        ("It is tried again by itself; check the address.", "Check the address."),
        ("Tell the operator; it is tried again by itself.", "Tell the operator."),
        ("It is tried again by itself.", "Try again later."),
        ("Check the address; give the CA file. Nothing was sent.",) * 2,
    ],
)
def test_what_was_only_looked_at_is_not_promised_to_be_tried_again(todo: str, expected: str) -> None:
    assert of_a_look(todo) == expected


def test_the_doctor_promises_no_further_try(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--portal", "https://portal.invalid", "--proxy", "http://127.0.0.1:9"]
    assert main(["doctor", "network", *words]) == 6
    out = capsys.readouterr().out
    assert ("CF-1540" in out, "by itself" in out) == (True, False)
