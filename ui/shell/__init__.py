"""The window: sidebar, account switcher, header, pages. ``main`` is the program ``caseferry-desktop``."""

from ui.shell.main import main

__all__ = ["main"]
