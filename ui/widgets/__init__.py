"""Painted glyphs and small widgets that pages share."""
