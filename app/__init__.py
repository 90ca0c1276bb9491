"""The core that the desktop, the agent and the built-in portal share.

It imports neither Qt nor the programs above it; `ARCHITECTURE.md` draws the floors.
"""

__version__ = "0.1.0"
