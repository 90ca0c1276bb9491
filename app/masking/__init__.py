"""What is personal and what replaces it. It must not know files' origin nor the network.

Start with `load_rules`, `open_engine`, `mask_file` and `residual_check`. `app.masking.lens` and
`app.masking.keyexport` are imported by who needs them: they load the ciphers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.later import loaded_later

if TYPE_CHECKING:
    from app.masking.beginnings import first_bytes
    from app.masking.canaries import Canaries, read_canaries
    from app.masking.copies import open_masked, packed_pieces, reopen_masked
    from app.masking.cutting import KeptRange
    from app.masking.engine import ReferenceEngine, reference_engine
    from app.masking.errors import MaskingError, NotText
    from app.masking.face import (
        Engine,
        FileReport,
        Kind,
        LeftMember,
        MaskedFile,
        MaskedLine,
        MaskedMember,
        PackedCopy,
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
    from app.masking.native import NativeEngine, Seek, core_complaint, core_seek
    from app.masking.needed import needed_text
    from app.masking.opening import open_engine
    from app.masking.page import report_page
    from app.masking.report import Refused, Report, report_json, report_of
    from app.masking.residual import EVERYTHING, Reach, ResidualCheck, residual_check
    from app.masking.rulefile import load_rules
    from app.masking.rules import RuleSet

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
    "PackedCopy",
    "PseudonymKey",
    "Reach",
    "ReferenceEngine",
    "Refused",
    "Replacement",
    "Report",
    "ResidualCheck",
    "RuleSet",
    "Seek",
    "Study",
    "core_complaint",
    "core_seek",
    "first_bytes",
    "load_rules",
    "mask_file",
    "mask_name",
    "mask_text",
    "needed_text",
    "new_key",
    "open_beginning",
    "open_engine",
    "open_masked",
    "packed_pieces",
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

_LATER = {
    "study_file": "files",
    "open_beginning": "files",
    "first_bytes": "beginnings",
    "Study": "face",
    "KeptRange": "cutting",
    "Canaries": "canaries",
    "EVERYTHING": "residual",
    "Engine": "face",
    "FileReport": "face",
    "KeyRing": "keys",
    "Kind": "face",
    "LeftMember": "face",
    "MaskedFile": "face",
    "MaskedLine": "face",
    "MaskedMember": "face",
    "MaskedText": "files",
    "MaskingError": "errors",
    "NativeEngine": "native",
    "NotText": "errors",
    "PackedCopy": "face",
    "PseudonymKey": "keys",
    "Reach": "residual",
    "ReferenceEngine": "engine",
    "Refused": "report",
    "Replacement": "face",
    "Report": "report",
    "ResidualCheck": "residual",
    "RuleSet": "rules",
    "Seek": "native",
    "core_complaint": "native",
    "core_seek": "native",
    "load_rules": "rulefile",
    "mask_file": "files",
    "mask_name": "files",
    "mask_text": "files",
    "needed_text": "needed",
    "new_key": "keys",
    "open_engine": "opening",
    "open_masked": "copies",
    "packed_pieces": "copies",
    "preview_file": "files",
    "read_canaries": "canaries",
    "read_key_file": "keys",
    "read_key_ring": "keys",
    "reference_engine": "engine",
    "reopen_masked": "copies",
    "report_json": "report",
    "report_of": "report",
    "report_page": "page",
    "residual_check": "residual",
    "write_key_file": "keys",
    "write_key_ring": "keys",
}

# Masking a file needs few of them.
__getattr__ = loaded_later(__name__, _LATER)
