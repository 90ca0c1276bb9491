"""Keeping what grows until it is closed, in case it is destroyed before."""

from agent.keeping.keeper import Keeper, Kept
from agent.keeping.ledger import LEDGER_NAME, KeptLedger, losses_at
from agent.keeping.mending import mend_ledger
from agent.keeping.parts import KeptParts
from agent.keeping.rescued import Rescues
from agent.keeping.rows import KeptRow, Loss
from agent.keeping.sealing import LearnedSeal

__all__ = [
    "LEDGER_NAME",
    "Keeper",
    "Kept",
    "KeptLedger",
    "KeptParts",
    "KeptRow",
    "LearnedSeal",
    "Loss",
    "Rescues",
    "losses_at",
    "mend_ledger",
]
