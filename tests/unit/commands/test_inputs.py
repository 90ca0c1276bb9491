from __future__ import annotations

import os
import socket
import sys

import pytest

from app.commands.inputs import Passed, gather, shown
from app.domain.errors import InputError

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file kinds")


def names(inputs) -> list[str]:
    return [file.name for file in inputs.files]


@pytest.fixture
def logs(tmp_path):
    folder = tmp_path / "logs"
    (folder / "sip" / "old").mkdir(parents=True)
    (folder / "b.log").write_text("b")
    (folder / "sip" / "a.log").write_text("a")
    (folder / "sip" / "old" / "c.log").write_text("c")
    return folder


def test_a_folder_gives_names_relative_to_it(logs):
    assert sorted(names(gather([logs]))) == ["b.log", "sip/a.log", "sip/old/c.log"]


def test_a_file_that_was_named_has_its_own_name(logs):
    assert names(gather([logs / "sip" / "old" / "c.log"])) == ["c.log"]


def test_the_current_folder_works_as_a_dot(logs, monkeypatch):
    from pathlib import Path

    monkeypatch.chdir(logs)
    assert sorted(names(gather([Path()]))) == ["b.log", "sip/a.log", "sip/old/c.log"]


def test_the_order_is_the_same_every_time(logs):
    assert names(gather([logs])) == names(gather([logs]))


def test_two_roots_with_the_same_name_are_refused(logs, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.log").write_text("other b")
    with pytest.raises(InputError) as raised:
        gather([logs, tmp_path / "other"])
    assert raised.value.code == "CF-1142"
    assert "b.log" in raised.value.happened


def test_the_same_file_twice_is_refused(logs):
    with pytest.raises(InputError):
        gather([logs / "b.log", logs / "b.log"])


def test_a_file_that_is_a_folder_of_another_is_refused(logs, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "sip").write_text("a file named like the folder")
    with pytest.raises(InputError) as raised:
        gather([logs, tmp_path / "other"])
    assert raised.value.code == "CF-1142"


def test_the_output_inside_the_input_is_passed_over(logs):
    (logs / "masked").mkdir()
    (logs / "masked" / "earlier.log").write_text("x")
    assert "masked/earlier.log" not in names(gather([logs], outside=logs / "masked"))


def test_a_path_that_does_not_exist_is_named(logs):
    with pytest.raises(InputError, match=r"none\.log: No such file"):
        gather([logs / "none.log"])


def test_an_empty_folder_is_nothing_to_mask(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as raised:
        gather([tmp_path / "empty"])
    assert raised.value.code == "CF-1140"


@posix
def test_a_link_back_into_the_folders_is_no_loop_and_no_news(logs):
    (logs / "sip" / "up").symlink_to("..")
    (logs / "self").symlink_to(".")
    inputs = gather([logs])
    assert sorted(names(inputs)) == ["b.log", "sip/a.log", "sip/old/c.log"]
    assert inputs.passed == ()


@posix
def test_a_link_to_another_folder_is_named_and_not_entered(logs, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.log").write_text("x")
    (logs / "linked").symlink_to(tmp_path / "elsewhere")
    passed = gather([logs]).passed
    assert [(each.name, each.reason) for each in passed] == [("linked", "not a file")]


@posix
def test_a_link_to_a_file_is_a_file(logs):
    (logs / "current.log").symlink_to("b.log")
    assert "current.log" in names(gather([logs]))


@posix
def test_links_that_lead_nowhere_or_in_a_circle_are_unreadable(logs):
    (logs / "gone.log").symlink_to("nowhere")
    (logs / "one").symlink_to("two")
    (logs / "two").symlink_to("one")
    assert [(each.name, each.reason) for each in gather([logs]).passed] == [
        ("gone.log", "unreadable"),
        ("one", "unreadable"),
        ("two", "unreadable"),
    ]


@posix
def test_pipes_and_sockets_are_never_opened(logs):
    os.mkfifo(logs / "pipe")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(logs / "sock"))
    server.close()
    assert [(each.name, each.reason) for each in gather([logs]).passed] == [
        ("pipe", "not a file"),
        ("sock", "not a file"),
    ]


@posix
def test_a_pipe_that_was_named_itself_is_refused(logs):
    os.mkfifo(logs / "pipe")
    with pytest.raises(InputError) as raised:
        gather([logs / "pipe"])
    assert raised.value.code == "CF-1141"


def test_a_folder_that_cannot_be_listed_is_named(logs, monkeypatch):
    real = os.scandir

    def scandir(path):
        if str(path).endswith("old"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    inputs = gather([logs])
    assert sorted(names(inputs)) == ["b.log", "sip/a.log"]
    assert inputs.passed == (
        Passed("sip/old", "unreadable", "The folder cannot be read: Permission denied."),
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.log", "a.log"),
        ("größe.log", "größe.log"),
        ("a\nb", "a%0Ab"),
        ("\x1b[31m", "%1B[31m"),
        ("bad\udcff", "bad%FF"),
        ("a\\b", "a%5Cb"),
    ],
)
def test_names_for_people_show_no_control_characters(name, said):
    assert shown(name) == said
