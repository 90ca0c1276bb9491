"""Keeping what grows until it is closed, in case it is destroyed before."""

from agent.keeping.keeper import Keeper, Kept
from agent.keeping.ledger import KeptLedger
from agent.keeping.parts import KeptParts
from agent.keeping.rescued import Rescues
from agent.keeping.rows import KeptRow, Loss
from agent.keeping.sealing import LearnedSeal

__all__ = ["Keeper", "Kept", "KeptLedger", "KeptParts", "KeptRow", "LearnedSeal", "Loss", "Rescues"]
