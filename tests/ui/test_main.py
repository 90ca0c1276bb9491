"""``caseferry-desktop``: its command line, its settings, and a machine without a screen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ui.shell.configuration import DesktopSettings, keep_setting, read_settings
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
