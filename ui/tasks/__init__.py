"""The one way off the GUI thread."""
