"""The sign-in page."""

from ui.pages.sign_in.page import SignInPage

__all__ = ["SignInPage"]
