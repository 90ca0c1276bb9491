"""The command line ``caseferry``: verbs for people and scripts, on top of the core.

It must not know Qt, nor import the built-in portal.
"""

from app.commands.program import main

__all__ = ["main"]
