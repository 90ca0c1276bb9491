"""What the options of verbs share, and those of masking.

Light: nothing here reaches for the network or the vault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, TypeVar

from cyclopts import Parameter

OrDash = Annotated[str, Parameter(allow_leading_hyphen=True)]
"""Text, or ``-`` for standard input."""


_Options = TypeVar("_Options")


def described(kind: type[_Options]) -> type[_Options]:
    """Each option's description in one line: the terminal breaks it, not the source."""
    kind.__doc__ = re.sub(r"\n {8}", " ", cleandoc(kind.__doc__ or ""))
    return kind


@Parameter(name="*")
@described
@dataclass(frozen=True, slots=True)
class MaskingOptions:
    """By which rules and key, how the masked copies are checked, and whether tokens can be turned back here.

    Attributes:
        rules: rule file; the product's own when left out.
        profile: of the rule file, such as voice-strict; the one it names itself when left out.
        key_file: pseudonym key, made when it does not exist; your own from the vault when left out.
        known: list of values that must not be left (one a line), looked for in every byte that was masked.
        check_all: check every byte of large files after masking too, not only a sample; slow.
        lens: file that keeps, here only, which value each token stands for; none when left out.
        keep_days: days until a value leaves the lens; until it is erased when left out.
        apart: look for what a file tells (a caller's name beside its key) in that file only; otherwise in
            all files that are named.
    """

    rules: Annotated[Path | None, Parameter(show_default=False)] = None
    profile: Annotated[str, Parameter(show_default=False)] = ""
    key_file: Annotated[Path | None, Parameter(show_default=False)] = None
    known: Annotated[Path | None, Parameter(show_default=False)] = None
    check_all: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    lens: Annotated[Path | None, Parameter(show_default=False)] = None
    keep_days: Annotated[float | None, Parameter(show_default=False)] = None
    apart: Annotated[bool, Parameter(negative=(), show_default=False)] = False
