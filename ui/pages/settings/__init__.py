"""The settings: network and proxy, and bandwidth."""

from ui.pages.settings.page import BANDWIDTH, NETWORK, SettingsPage

__all__ = ["BANDWIDTH", "NETWORK", "SettingsPage"]
