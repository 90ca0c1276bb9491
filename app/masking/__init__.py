"""What is personal and what replaces it. It must not know files' origin nor the network.

Start with `load_rules`, `reference_engine` and `mask_file`.
"""

from app.masking.engine import ReferenceEngine, reference_engine
from app.masking.errors import MaskingError, NotText
from app.masking.face import Engine, FileReport, Kind, MaskedFile, MaskedLine, Replacement
from app.masking.files import MaskedText, mask_file, mask_name, mask_text, reopen_masked
from app.masking.keys import PseudonymKey, new_key, read_key_file, write_key_file
from app.masking.report import Refused, Report, report_json, report_of
from app.masking.rulefile import load_rules
from app.masking.rules import RuleSet

__all__ = [
    "Engine",
    "FileReport",
    "Kind",
    "MaskedFile",
    "MaskedLine",
    "MaskedText",
    "MaskingError",
    "NotText",
    "PseudonymKey",
    "ReferenceEngine",
    "Refused",
    "Replacement",
    "Report",
    "RuleSet",
    "load_rules",
    "mask_file",
    "mask_name",
    "mask_text",
    "new_key",
    "read_key_file",
    "reference_engine",
    "reopen_masked",
    "report_json",
    "report_of",
    "write_key_file",
]
