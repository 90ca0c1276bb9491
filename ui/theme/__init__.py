"""Colours, fonts, icons and the style, all from ``tokens.json``."""
