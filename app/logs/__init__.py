"""What a log file is: formats, header, time stamps, encodings, which application wrote it.

It must not know where files come from.
"""

from app.logs.binary import holds_binary, is_binary
from app.logs.describe import SegmentDescription, describe, describe_packed
from app.logs.encodings import Encoding, sniff_encoding
from app.logs.names import SegmentName, application_of, parse_name
from app.logs.packed import Entry, Packed, Packing, content_digest, open_packed, packing_of, texts_in
from app.logs.unpacking import PackedError

__all__ = [
    "Encoding",
    "Entry",
    "Packed",
    "PackedError",
    "Packing",
    "SegmentDescription",
    "SegmentName",
    "application_of",
    "content_digest",
    "describe",
    "describe_packed",
    "holds_binary",
    "is_binary",
    "open_packed",
    "packing_of",
    "parse_name",
    "sniff_encoding",
    "texts_in",
]
