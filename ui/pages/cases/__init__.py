"""The Cases page."""

from ui.pages.cases.page import CasesPage

__all__ = ["CasesPage"]
