"""``caseferry-desktop``: its command line, its settings, and a machine without a screen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.domain.errors import InputError
from ui.shell.configuration import DesktopSettings, keep_setting, read_settings, settings_to_start
from ui.shell.main import NO_WINDOW, main, read_arguments
from ui.theme import Mode


def test_the_command_line_names_portal_authority_and_agent() -> None:
    start = read_arguments(["--portal", "https://p.example", "--ca", "ca.pem", "--agent", "endpoint.json"])
    assert (start.portal, start.ca, start.agent) == ("https://p.example", "ca.pem", "endpoint.json")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_without_a_screen_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == NO_WINDOW
    assert "no window can be opened" in capsys.readouterr().err


def test_a_kept_setting_leaves_the_other_lines_and_their_comments(tmp_path: Path) -> None:
    path = tmp_path / "desktop.toml"
    path.write_text('# ours\nportal = "https://p.example"  # the portal\n', encoding="utf-8")
    keep_setting(path, "appearance", "dark")
    text = path.read_text(encoding="utf-8")
    assert "# ours" in text
    assert "# the portal" in text
    assert read_settings(path).appearance is Mode.DARK


def test_without_a_settings_file_the_defaults_hold(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "none.toml") == DesktopSettings()


DOUBTFUL = """\
portal = "https://p.example"
[network]
no_proxy = [
  "intra.example",
  "http://nadia:s3cret@intra.example",  # of the proxy team
]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "desktop.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_server_without_a_proxy_that_is_none_is_told_at_the_start_with_its_place(tmp_path: Path) -> None:
    problem = settings_to_start(written(tmp_path, DOUBTFUL))[1]
    assert isinstance(problem, InputError)
    assert "desktop.toml, line 3, field network.no_proxy[1]" in problem.happened
    assert "s3cret" not in str(problem)


def test_a_server_without_a_proxy_that_is_none_costs_no_other_setting_and_no_line(tmp_path: Path) -> None:
    path = written(tmp_path, DOUBTFUL)
    settings, _problem = settings_to_start(path)
    assert (settings.portal, settings.network.no_proxy[0]) == ("https://p.example", "intra.example")
    keep_setting(path, "appearance", "dark")
    assert DOUBTFUL.partition("[network]")[2] in path.read_text(encoding="utf-8")


def test_nothing_is_told_of_servers_without_a_proxy_where_none_is_used(tmp_path: Path) -> None:
    text = DOUBTFUL.replace("[network]", '[network]\nuse = "none"')
    assert settings_to_start(written(tmp_path, text))[1] is None


def test_a_field_that_is_none_is_told_at_the_start_and_the_file_stays(tmp_path: Path) -> None:
    path = written(tmp_path, 'portl = "https://p.example"\n')
    settings, problem = settings_to_start(path)
    assert settings == DesktopSettings()
    assert isinstance(problem, InputError)
    assert "line 1, field portl" in problem.happened
    assert path.read_text(encoding="utf-8") == 'portl = "https://p.example"\n'
