"""The Agents page: which agents this person's programs know, how they are, pairing and unpairing."""

from ui.pages.agents.page import AgentsPage
from ui.pages.agents.rows import AgentRow, Health, in_order, row_of

__all__ = ["AgentRow", "AgentsPage", "Health", "in_order", "row_of"]
