"""The theme: every role and step exists, pairs have contrast, icons follow, both colour sets dress."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from ui.theme import Mode, Scheme, bind_icon, current_theme, load_tokens
from ui.theme.sheet import style_sheet

GROUNDS = ("bg.window", "bg.sidebar", "bg.surface", "bg.subtle", "bg.hover", "bg.selected")
TEXTS = ("text.primary", "text.secondary", "text.tertiary", "text.link")
PAIRS = [
    (text, ground)
    for text in TEXTS
    for ground in GROUNDS
    if (text, ground) != ("text.tertiary", "bg.selected")
]
PAIRS += [
    (f"{stem}.fg", f"{stem}.bg")
    for stem in ("open", "wait", "proposed", "closed", "danger", "warning", "success")
]
PAIRS += [
    ("text.on.accent", "accent.base"),
    ("text.on.accent", "accent.hover"),
    ("text.tooltip", "bg.tooltip"),
]
PAIRS += [
    (f"{stem}.fg", "bg.surface") for stem in ("open", "wait", "proposed", "closed", "danger", "success")
]
GRAPHICS = [("border.control", "bg.surface"), ("border.focus", "bg.window"), ("accent.base", "bg.sidebar")]


def luminance(color: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(each) for each in (color.redF(), color.greenF(), color.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(QColor(first)), luminance(QColor(second))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_has_a_contrast_of_at_least_four_and_a_half(scheme: Scheme, text: str, ground: str) -> None:
    colors = load_tokens().colors[scheme]
    assert ratio(colors[text], colors[ground]) >= 4.5


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize(("graphic", "ground"), GRAPHICS)
def test_graphics_have_a_contrast_of_at_least_three(scheme: Scheme, graphic: str, ground: str) -> None:
    colors = load_tokens().colors[scheme]
    assert ratio(colors[graphic], colors[ground]) >= 3.0


def test_both_colour_sets_name_the_same_roles() -> None:
    colors = load_tokens().colors
    assert set(colors[Scheme.LIGHT]) == set(colors[Scheme.DARK])


@pytest.mark.parametrize("scheme", list(Scheme))
def test_the_style_sheet_has_no_role_left_open(scheme: Scheme) -> None:
    assert "@{" not in style_sheet(load_tokens(), scheme)


def test_a_bound_icon_takes_the_colour_of_the_new_scheme(qtbot: QtBot, qapp: QApplication) -> None:
    button = QPushButton("Reply")
    qtbot.addWidget(button)
    bind_icon(button, "reply")
    before = button.icon().pixmap(16, 16).toImage()
    current_theme().set_mode(Mode.DARK)
    assert button.icon().pixmap(16, 16).toImage() != before


def test_every_icon_of_the_tokens_is_there_in_both_styles() -> None:
    theme = current_theme()
    for name in load_tokens().icons.values():
        for filled in (False, True):
            assert not theme.pixmap(name, 16, filled=filled).isNull()


def test_a_changed_colour_does_not_change_the_theme() -> None:
    color = current_theme().color("accent.base")
    color.setAlpha(1)
    assert current_theme().color("accent.base").alpha() == 255
