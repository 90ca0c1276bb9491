"""Typed settings, the folders of this installation, and the product's own resource files."""

from app.settings.folders import config_folder, data_folder, log_folder
from app.settings.resources import resource

__all__ = ["config_folder", "data_folder", "log_folder", "resource"]
