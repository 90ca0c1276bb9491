"""What is personal and what replaces it. It must not know files' origin nor the network.

Start with `load_rules`, `open_engine`, `mask_file` and `residual_check`. `app.masking.lens` and
`app.masking.keyexport` are imported by who needs them: they load the ciphers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.masking.beginnings import first_bytes
from app.masking.canaries import Canaries, read_canaries
from app.masking.cutting import KeptRange
from app.masking.errors import MaskingError, NotText
from app.masking.face import (
    Engine,
    FileReport,
    Kind,
    LeftMember,
    MaskedFile,
    MaskedLine,
    MaskedMember,
    Replacement,
    Study,
)
from app.masking.files import (
    MaskedText,
    mask_file,
    mask_name,
    mask_text,
    open_beginning,
    preview_file,
    reopen_masked,
    study_file,
)
from app.masking.keys import (
    KeyRing,
    PseudonymKey,
    new_key,
    read_key_file,
    read_key_ring,
    write_key_file,
    write_key_ring,
)
from app.masking.native import NativeEngine, core_complaint
from app.masking.opening import open_engine
from app.masking.page import report_page
from app.masking.report import Refused, Report, report_json, report_of
from app.masking.residual import EVERYTHING, Reach, ResidualCheck, residual_check
from app.masking.rulefile import load_rules
from app.masking.rules import RuleSet

if TYPE_CHECKING:
    from app.masking.engine import ReferenceEngine, reference_engine

__all__ = [
    "EVERYTHING",
    "Canaries",
    "Engine",
    "FileReport",
    "KeptRange",
    "KeyRing",
    "Kind",
    "LeftMember",
    "MaskedFile",
    "MaskedLine",
    "MaskedMember",
    "MaskedText",
    "MaskingError",
    "NativeEngine",
    "NotText",
    "PseudonymKey",
    "Reach",
    "ReferenceEngine",
    "Refused",
    "Replacement",
    "Report",
    "ResidualCheck",
    "RuleSet",
    "Study",
    "core_complaint",
    "first_bytes",
    "load_rules",
    "mask_file",
    "mask_name",
    "mask_text",
    "new_key",
    "open_beginning",
    "open_engine",
    "preview_file",
    "read_canaries",
    "read_key_file",
    "read_key_ring",
    "reference_engine",
    "reopen_masked",
    "report_json",
    "report_of",
    "report_page",
    "residual_check",
    "study_file",
    "write_key_file",
    "write_key_ring",
]


def __getattr__(name: str) -> object:
    """The reference engine compiles its patterns when it is loaded: only who uses it waits for them."""
    if name in ("ReferenceEngine", "reference_engine"):
        from app.masking import engine

        return getattr(engine, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
