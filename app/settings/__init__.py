"""Typed settings, whom we trust, the folders of this installation, and the product's own resource files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.later import loaded_later
from app.settings.resources import resource

if TYPE_CHECKING:
    from app.settings.folders import config_folder, data_folder, log_folder
    from app.settings.toml import TomlDocument, field_name, parse_toml, read_toml
    from app.settings.trust import Trust, TrustedSession, WayOut, network_error, session, translated

__all__ = [
    "TomlDocument",
    "Trust",
    "TrustedSession",
    "WayOut",
    "config_folder",
    "data_folder",
    "field_name",
    "log_folder",
    "network_error",
    "parse_toml",
    "read_toml",
    "resource",
    "session",
    "translated",
]

_LATER = {
    "TomlDocument": "toml",
    "Trust": "trust",
    "TrustedSession": "trust",
    "WayOut": "trust",
    "config_folder": "folders",
    "data_folder": "folders",
    "field_name": "toml",
    "log_folder": "folders",
    "network_error": "trust",
    "parse_toml": "toml",
    "read_toml": "toml",
    "session": "trust",
    "translated": "trust",
}

# HTTP and typed settings take long to load, and much memory: only who needs them waits for them.
__getattr__ = loaded_later(__name__, _LATER)
