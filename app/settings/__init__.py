"""Typed settings, whom we trust, the folders of this installation, and the product's own resource files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.settings.folders import config_folder, data_folder, log_folder
from app.settings.resources import resource
from app.settings.toml import TomlDocument, field_name, read_toml

if TYPE_CHECKING:
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

_OF_TRUST = frozenset({"Trust", "TrustedSession", "WayOut", "network_error", "session", "translated"})


def __getattr__(name: str) -> object:
    """HTTP takes long to load, and much memory: only who reaches a server waits for it."""
    if name in _OF_TRUST:
        from app.settings import trust

        return getattr(trust, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
