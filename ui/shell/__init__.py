"""The window: sidebar, account switcher, header, pages."""
