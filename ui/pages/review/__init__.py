"""Review masking."""

from ui.pages.review.page import ReviewPage

__all__ = ["ReviewPage"]
