"""Typed settings, whom we trust, the folders of this installation, and the product's own resource files."""

from app.settings.folders import config_folder, data_folder, log_folder
from app.settings.resources import resource
from app.settings.toml import TomlDocument, field_name, read_toml
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
    "read_toml",
    "resource",
    "session",
    "translated",
]
