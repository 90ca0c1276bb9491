"""The painted signs of the product and the small widgets made of them."""

from ui.widgets.glyphs.labels import GlyphLabel, icon_label, priority_label, status_badge
from ui.widgets.glyphs.note import Note, error_note
from ui.widgets.glyphs.painters import (
    paint_follow_up_ring,
    paint_mini_ring,
    paint_priority_bars,
    paint_status_glyph,
    status_role,
    timer_role,
)
from ui.widgets.glyphs.ring import FollowUpRing
from ui.widgets.glyphs.small import Avatar, KeyCap, Sparkline, initials_of, paint_sparkline

__all__ = [
    "Avatar",
    "FollowUpRing",
    "GlyphLabel",
    "KeyCap",
    "Note",
    "Sparkline",
    "error_note",
    "icon_label",
    "initials_of",
    "paint_follow_up_ring",
    "paint_mini_ring",
    "paint_priority_bars",
    "paint_sparkline",
    "paint_status_glyph",
    "priority_label",
    "status_badge",
    "status_role",
    "timer_role",
]
