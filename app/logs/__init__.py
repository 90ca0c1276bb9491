"""What a log file is: formats, header, time stamps, encodings, which application wrote it.

It must not know where files come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.later import loaded_later

if TYPE_CHECKING:
    from app.logs.binary import holds_binary, is_binary
    from app.logs.describing import SegmentDescription, describe, describe_packed
    from app.logs.encodings import Encoding, sniff_encoding
    from app.logs.headers import Header, read_header
    from app.logs.ids import CallId, IdKind, id_marks, is_whole, kind_of_id, linked_ids, mark_of
    from app.logs.kinds import MessageKind, kind_of
    from app.logs.lines import BLOCK, LONGEST_BLOCK, LineBlock, last_feed, line_blocks, plain_block
    from app.logs.names import SegmentName, application_of, parse_name
    from app.logs.packed import (
        Entry,
        Packed,
        Text,
        content_digest,
        each_text,
        open_packed,
        texts_in,
    )
    from app.logs.packings import Packing, packing_of
    from app.logs.scanned import BlockScan, ClockScan, ScannedBlock, ScannedPart
    from app.logs.stamps import check_point_of
    from app.logs.timeline import BlockTimes, Stamp, Step, Timeline
    from app.logs.unpacking import Break, CutOff, PackedError
    from app.logs.zones import SegmentZone, SystemZone

__all__ = [
    "BLOCK",
    "LONGEST_BLOCK",
    "BlockScan",
    "BlockTimes",
    "Break",
    "CallId",
    "ClockScan",
    "CutOff",
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
    "Text",
    "Timeline",
    "application_of",
    "check_point_of",
    "content_digest",
    "describe",
    "describe_packed",
    "each_text",
    "holds_binary",
    "id_marks",
    "is_binary",
    "is_whole",
    "kind_of",
    "kind_of_id",
    "last_feed",
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

_LATER = {
    "holds_binary": "binary",
    "is_binary": "binary",
    "SegmentDescription": "describing",
    "describe": "describing",
    "describe_packed": "describing",
    "Encoding": "encodings",
    "sniff_encoding": "encodings",
    "Header": "headers",
    "read_header": "headers",
    "CallId": "ids",
    "IdKind": "ids",
    "id_marks": "ids",
    "is_whole": "ids",
    "kind_of_id": "ids",
    "linked_ids": "ids",
    "mark_of": "ids",
    "MessageKind": "kinds",
    "kind_of": "kinds",
    "BLOCK": "lines",
    "LONGEST_BLOCK": "lines",
    "LineBlock": "lines",
    "last_feed": "lines",
    "line_blocks": "lines",
    "plain_block": "lines",
    "SegmentName": "names",
    "application_of": "names",
    "parse_name": "names",
    "Entry": "packed",
    "Packed": "packed",
    "Packing": "packings",
    "Text": "packed",
    "content_digest": "packed",
    "each_text": "packed",
    "open_packed": "packed",
    "packing_of": "packings",
    "texts_in": "packed",
    "BlockScan": "scanned",
    "ClockScan": "scanned",
    "ScannedBlock": "scanned",
    "ScannedPart": "scanned",
    "check_point_of": "stamps",
    "BlockTimes": "timeline",
    "Stamp": "timeline",
    "Step": "timeline",
    "Timeline": "timeline",
    "Break": "unpacking",
    "CutOff": "unpacking",
    "PackedError": "unpacking",
    "SegmentZone": "zones",
    "SystemZone": "zones",
}

# Masking reads encodings and archives, and no times.
__getattr__ = loaded_later(__name__, _LATER)
