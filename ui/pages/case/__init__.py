"""The Case page."""

from ui.pages.case.page import CasePage

__all__ = ["CasePage"]
