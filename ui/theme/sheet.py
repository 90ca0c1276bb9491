"""The one style sheet of the desktop, made of tokens. Widgets name roles, never colours."""

from __future__ import annotations

import re

from ui.theme.tokens import FontScale, Scheme, Tokens, platform_name

_NAME = re.compile(r"@\{([a-z0-9.]+)\}")

_BASICS = """
QToolTip {
    background: @{bg.tooltip}; color: @{text.tooltip}; border: 1px solid @{bg.tooltip};
    border-radius: 4px; padding: 4px 7px; font-size: 12px;
}
QMenu {
    background: @{bg.surface}; border: 1px solid @{border.default}; padding: 4px;
}
QMenu::item { padding: 6px 22px 6px 10px; border-radius: 4px; color: @{text.primary}; }
QMenu::item:selected { background: @{bg.hover}; }
QMenu::item:disabled { color: @{text.disabled}; background: transparent; }
QMenu::separator { height: 1px; background: @{border.subtle}; margin: 4px 6px; }
QMenu::icon { padding-left: 8px; }
QSplitter::handle { background: @{border.default}; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: 0; }
QAbstractScrollArea { border: 0; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; border: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; border: 0; }
QScrollBar::handle {
    background: @{border.default}; border: 3px solid transparent; border-radius: 6px;
    background-clip: padding;
}
QScrollBar::handle:vertical { min-height: 36px; margin: 3px; border: 0; border-radius: 3px; }
QScrollBar::handle:horizontal { min-width: 36px; margin: 3px; border: 0; border-radius: 3px; }
QScrollBar::handle:hover { background: @{border.control}; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""

_BUTTONS = """
QPushButton {
    background: @{bg.surface}; color: @{text.primary}; border: 1px solid @{border.default};
    border-radius: 5px; padding: 0 11px; min-height: 30px; font-weight: 500;
}
QPushButton:hover { background: @{bg.hover}; }
QPushButton:pressed { background: @{bg.pressed}; }
QPushButton:disabled { color: @{text.disabled}; background: transparent; border-color: @{border.subtle}; }
QPushButton[compact="true"] { min-height: 24px; padding: 0 8px; font-size: 12px; }
QPushButton[kind="primary"] {
    background: @{accent.base}; color: @{text.on.accent}; border-color: @{accent.base};
}
QPushButton[kind="primary"]:hover { background: @{accent.hover}; border-color: @{accent.hover}; }
QPushButton[kind="primary"]:pressed { background: @{accent.pressed}; border-color: @{accent.pressed}; }
QPushButton[kind="primary"]:disabled {
    background: @{bg.sunken}; color: @{text.disabled}; border-color: @{border.subtle};
}
QPushButton[kind="danger"] {
    background: @{danger.solid}; color: @{text.on.accent}; border-color: @{danger.solid};
}
QPushButton[kind="danger"]:disabled {
    background: @{bg.sunken}; color: @{text.disabled}; border-color: @{border.subtle};
}
QPushButton[kind="danger-outline"] { color: @{danger.fg}; }
QPushButton[kind="danger-outline"]:disabled { color: @{text.disabled}; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; color: @{text.secondary}; }
QPushButton[kind="quiet"]:hover { background: @{bg.hover}; color: @{text.primary}; }
QPushButton[kind="quiet"]:pressed { background: @{bg.pressed}; }
QPushButton[kind="quiet"]:disabled { color: @{text.disabled}; background: transparent; }
QPushButton[kind="link"] {
    background: transparent; border-color: transparent; color: @{text.link}; padding: 0 4px;
}
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:disabled { color: @{text.disabled}; text-decoration: none; }
QPushButton[kind="row"] {
    background: transparent; border: 0; border-radius: 0; text-align: left; padding: 0; min-height: 55px;
}
QPushButton[kind="row"]:hover { background: @{bg.hover}; }
QListWidget[kind="palette"] { background: transparent; padding: 6px 8px; }
QListWidget[kind="palette"]::item { border-radius: 5px; }
QListWidget[kind="palette"]::item:selected { background: @{bg.selected}; }
QListWidget::item { border-radius: 4px; padding: 0 6px; color: @{text.primary}; }
QListWidget::item:hover { background: @{bg.hover}; }
QListWidget::item:selected { background: @{bg.selected}; color: @{text.primary}; }
QPushButton[kind="column"] {
    background: transparent; border: 0; color: @{text.secondary}; font-size: 12px; font-weight: 400;
    padding: 0 4px; min-height: 28px; border-radius: 3px;
}
QPushButton[kind="column"]:hover { color: @{text.primary}; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 0; }
QToolButton[kind="icon"] { min-width: 28px; min-height: 28px; }
QToolButton[kind="icon"]:hover { background: @{bg.hover}; }
QToolButton[kind="icon"]:pressed, QToolButton[kind="icon"]:checked { background: @{bg.pressed}; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton[kind="chip"] {
    background: @{bg.surface}; color: @{text.secondary}; border: 1px solid @{border.default};
    border-radius: 13px; min-height: 24px; padding: 0 9px; font-size: 12px; font-weight: 500;
}
QToolButton[kind="chip"]:hover { background: @{bg.hover}; }
QToolButton[kind="chip"]:pressed { background: @{bg.pressed}; }
QToolButton[kind="chip"]:checked {
    background: @{accent.subtle}; color: @{text.link}; border-color: @{accent.border};
}
QToolButton[kind="chip"]:disabled { color: @{text.disabled}; border-color: @{border.subtle}; }
QToolButton[kind="nav"] {
    color: @{text.secondary}; border-radius: 5px; padding: 6px 8px; text-align: left;
}
QToolButton[kind="nav"]:hover { background: @{bg.hover}; }
QToolButton[kind="nav"]:checked { background: @{bg.pressed}; color: @{text.primary}; font-weight: 600; }
QCheckBox, QRadioButton { spacing: 8px; background: transparent; }
"""

_FIELDS = """
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox {
    background: @{bg.surface}; color: @{text.primary}; border: 1px solid @{border.control};
    border-radius: 5px; selection-background-color: @{accent.base};
    selection-color: @{text.on.accent};
}
QLineEdit { padding: 0 9px; min-height: 30px; }
QLineEdit[compact="true"] { min-height: 24px; padding: 0 7px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus {
    border: 2px solid @{border.focus};
}
QLineEdit:focus { padding: 0 8px; min-height: 28px; }
QLineEdit[compact="true"]:focus { padding: 0 6px; min-height: 22px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QComboBox:disabled {
    color: @{text.disabled}; background: @{bg.sunken}; border-color: @{border.subtle};
}
QPlainTextEdit, QTextEdit { padding: 5px 7px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: 4px 6px; }
QTextBrowser, QPlainTextEdit[kind="code"], QTextBrowser:focus {
    border: 0; padding: 0; background: transparent;
}
QComboBox { padding: 0 9px; min-height: 30px; }
QComboBox::drop-down { border: 0; width: 24px; }
QProgressBar {
    background: @{accent.track}; border: 0; border-radius: 2px; max-height: 4px; min-height: 4px;
}
QProgressBar::chunk { background: @{accent.base}; border-radius: 2px; }
"""

_VIEWS = """
QAbstractItemView {
    background: @{bg.surface}; color: @{text.primary}; border: 0; outline: 0;
    selection-background-color: @{bg.selected}; selection-color: @{text.primary};
}
QHeaderView { background: @{bg.surface}; border: 0; }
QHeaderView::section {
    background: @{bg.surface}; color: @{text.secondary}; border: 0;
    border-bottom: 1px solid @{border.default}; padding: 0 12px; font-size: 12px; font-weight: 400;
    min-height: 29px;
}
QHeaderView::section:hover { color: @{text.primary}; background: @{bg.hover}; }
QTabBar { background: transparent; border: 0; }
QTabBar::tab {
    background: transparent; color: @{text.secondary}; border: 0;
    border-bottom: 2px solid transparent; padding: 8px 0 6px 0; margin-right: 20px;
}
QTabBar::tab:hover { color: @{text.primary}; }
QTabBar::tab:selected {
    color: @{text.primary}; font-weight: 600; border-bottom: 2px solid @{accent.base};
}
QTabWidget::pane { border: 0; }
"""

_FRAMES = """
QFrame[kind="card"] {
    background: @{bg.surface}; border: 1px solid @{border.subtle}; border-radius: 8px;
}
QFrame[kind="popover"] {
    background: @{bg.surface}; border: 1px solid @{border.default}; border-radius: 8px;
}
QFrame[kind="rail"] { background: @{bg.surface}; border: 0; border-left: 1px solid @{border.default}; }
QFrame[kind="sidebar"] { background: @{bg.sidebar}; border: 0; border-right: 1px solid @{border.subtle}; }
QFrame[kind="header"] { background: @{bg.window}; border: 0; }
QFrame[kind="toolbar"] { background: @{bg.window}; border: 0; border-bottom: 1px solid @{border.default}; }
QFrame[kind="surface"] { background: @{bg.surface}; border: 0; }
QFrame[kind="sunken"] { background: @{bg.sunken}; border: 0; border-radius: 5px; }
QFrame[kind="footer"] { background: @{bg.window}; border: 0; border-top: 1px solid @{border.default}; }
QFrame[kind="line"] { background: @{border.subtle}; border: 0; max-height: 1px; min-height: 1px; }
QFrame[kind="note-info"] { background: @{accent.subtle}; border: 0; border-radius: 5px; }
QFrame[kind="note-warn"] { background: @{warning.bg}; border: 0; border-radius: 5px; }
QFrame[kind="note-danger"] { background: @{danger.bg}; border: 0; border-radius: 5px; }
QFrame[kind="note-ok"] { background: @{success.bg}; border: 0; border-radius: 5px; }
QFrame[kind="banner-danger"] { background: @{danger.bg}; border: 0; }
QFrame[kind="banner-warn"] { background: @{warning.bg}; border: 0; }
QFrame[kind="banner-info"] { background: @{accent.subtle}; border: 0; }
QDialog, QMainWindow { background: @{bg.window}; }
QLabel { background: transparent; border: 0; }
QLabel:disabled { color: @{text.disabled}; }
"""


def _label_rules(tokens: Tokens, scheme: Scheme) -> str:
    rules = [
        f'QLabel[scale="{name}"] {{ {_font_rule(step)} }}'
        for name, step in tokens.scale.items()
        if name != "mono"
    ]
    mono = ", ".join(f'"{family}"' for family in tokens.families["mono"])
    rules.append(f'QLabel[scale="mono"] {{ {_font_rule(tokens.scale["mono"])} font-family: {mono}; }}')
    rules += [
        f'QLabel[scale="label"][role="{role}"] {{ font-weight: 400; }}'
        for role in ("text.secondary", "text.tertiary")
    ]
    rules += [
        f'QLabel[role="{role}"] {{ color: {value}; }}'
        for role, value in tokens.colors[scheme].items()
        if role.startswith("text.") or role.endswith(".fg")
    ]
    rules.append('QLabel[plain="true"] { font-weight: 400; }')
    return "\n".join(rules)


def _font_rule(step: FontScale) -> str:
    """Windows and macOS count fonts in points (tokens ``font.points``), the others in pixels."""
    size = {"windows": f"{step.size * 0.75:g}pt", "macos": f"{step.size}pt"}.get(
        platform_name(), f"{step.size}px"
    )
    return f"font-size: {size}; font-weight: {step.weight};"


def style_sheet(tokens: Tokens, scheme: Scheme) -> str:
    """The style sheet of one colour set.

    Raises:
        KeyError: a rule names a role the tokens do not have.
    """
    colors = tokens.colors[scheme]
    rules = "\n".join((_BASICS, _BUTTONS, _FIELDS, _VIEWS, _FRAMES))
    return _NAME.sub(lambda match: colors[match.group(1)], rules) + _label_rules(tokens, scheme)
