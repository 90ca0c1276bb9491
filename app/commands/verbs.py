"""The verbs of ``caseferry``, and the files that describe them to cyclopts.

A command loads only the file that describes its verb; that hands on to the file that does it, which is loaded
when it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from cyclopts import App

import app
from app.commands.console import Screen

DESCRIBED: Mapping[str, tuple[str, ...]] = {
    "case_verbs": ("sign-in", "sign-out", "cases", "case", "comment"),
    "file_verbs": ("send", "download", "fetch", "bundle"),
    "masking_verbs": ("mask", "unmask", "keys", "lens"),
    "rules_verbs": ("rules",),
    "transfer_verbs": ("trust", "proxy-password", "transfers"),
    "agents_verbs": ("agents",),
    "process_verbs": ("portal", "demo", "doctor"),
}
"""Which verbs each file describes; its ``add_verbs`` adds them."""


def application(screen: Screen, words: Sequence[str] = ()) -> App:
    """The command line of ``caseferry``.

    Args:
        screen: where it writes.
        words: what was typed. Where they begin with a verb, no other file is loaded; without one, as for
            ``--help``, all verbs are described.
    """
    verbs = App(
        name="caseferry",
        help="Support cases, masked logs and verified transfers.",
        version=app.__version__,
        help_format="plaintext",
        print_error=False,
        exit_on_error=False,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    for file in _needed(words):
        add: Callable[[App, Screen], None] = import_module(f"app.commands.{file}").add_verbs
        add(verbs, screen)
    return verbs


def _needed(words: Sequence[str]) -> Sequence[str]:
    """The file of the verb that words begin with, or all of them."""
    return [file for file, verbs in DESCRIBED.items() if words and words[0] in verbs] or list(DESCRIBED)
