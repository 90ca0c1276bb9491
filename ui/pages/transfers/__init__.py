"""The Transfers page."""

from ui.pages.transfers.following import JobFollower
from ui.pages.transfers.page import TransfersPage

__all__ = ["JobFollower", "TransfersPage"]
