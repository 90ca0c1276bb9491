"""Keeping what grows until it is closed, in case it is destroyed before."""

from agent.keeping.keeper import Keeper

__all__ = ["Keeper"]
