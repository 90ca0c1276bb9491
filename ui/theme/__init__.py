"""Colours, fonts, sizes and icons by role; light, dark or as the system has it."""

from ui.theme.binding import bind_icon
from ui.theme.icons import application_icon, application_mark
from ui.theme.theme import Mode, Theme, current_theme, install_theme
from ui.theme.tokens import Scheme, Tokens, load_tokens

__all__ = [
    "Mode",
    "Scheme",
    "Theme",
    "Tokens",
    "application_icon",
    "application_mark",
    "bind_icon",
    "current_theme",
    "install_theme",
    "load_tokens",
]
