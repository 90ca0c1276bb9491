"""What a log file is: formats, header, time stamps, encodings, which application wrote it.

It must not know where files come from.
"""

from app.logs.binary import holds_binary, is_binary
from app.logs.describe import SegmentDescription, describe, describe_packed
from app.logs.encodings import Encoding, sniff_encoding
from app.logs.headers import Header, read_header
from app.logs.ids import CallId, IdKind, id_marks, is_whole, kind_of_id, linked_ids, mark_of
from app.logs.kinds import MessageKind, kind_of
from app.logs.lines import BLOCK, LineBlock, line_blocks, plain_block
from app.logs.names import SegmentName, application_of, parse_name
from app.logs.packed import Entry, Packed, Packing, content_digest, open_packed, packing_of, texts_in
from app.logs.scanned import BlockScan, ScannedBlock, ScannedPart
from app.logs.timeline import BlockTimes, Stamp, Step, Timeline
from app.logs.unpacking import PackedError
from app.logs.zones import SegmentZone, SystemZone

__all__ = [
    "BLOCK",
    "BlockScan",
    "BlockTimes",
    "CallId",
    "Encoding",
    "Entry",
    "Header",
    "IdKind",
    "LineBlock",
    "MessageKind",
    "Packed",
    "PackedError",
    "Packing",
    "ScannedBlock",
    "ScannedPart",
    "SegmentDescription",
    "SegmentName",
    "SegmentZone",
    "Stamp",
    "Step",
    "SystemZone",
    "Timeline",
    "application_of",
    "content_digest",
    "describe",
    "describe_packed",
    "holds_binary",
    "id_marks",
    "is_binary",
    "is_whole",
    "kind_of",
    "kind_of_id",
    "line_blocks",
    "linked_ids",
    "mark_of",
    "open_packed",
    "packing_of",
    "parse_name",
    "plain_block",
    "read_header",
    "sniff_encoding",
    "texts_in",
]
