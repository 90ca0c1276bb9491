"""Dropping and choosing files: overlay, sheet, and the way to a job in review."""

from ui.pages.attach.dropping import Dropping
from ui.pages.attach.overlay import AttachOverlay, DropTarget, overlay_words
from ui.pages.attach.sheet import AttachSheet

__all__ = ["AttachOverlay", "AttachSheet", "DropTarget", "Dropping", "overlay_words"]
