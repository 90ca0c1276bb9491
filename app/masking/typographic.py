"""Values in quotation marks that no keyboard has: ``«Jean Picard»``, ``„Jörg Müßig“``, ``“…”``."""

from __future__ import annotations

_TEXT = rb"[^\r\n]{1,128}?"
_END = rb"(?!\w)"
_NO_APOSTROPHE = rb"(?![\w\x80-\xff])"
TYPOGRAPHIC = (
    rb"(?:\xc2\xab(?P<t1>" + _TEXT + rb")(?=\xc2\xbb" + _END + rb")"
    rb"|\xc2\xbb(?P<t2>" + _TEXT + rb")(?=\xc2\xab" + _END + rb")"
    rb"|\xe2\x80[\x9c\x9e](?P<t3>" + _TEXT + rb")(?=\xe2\x80[\x9c\x9d]" + _END + rb")"
    rb"|\xe2\x80[\x98\x9a](?P<t4>" + _TEXT + rb")(?=\xe2\x80[\x98\x99]" + _NO_APOSTROPHE + rb")"
    rb"|\xab(?P<t5>" + _TEXT + rb")(?=\xbb" + _END + rb")"
    rb"|[\x84\x93](?P<t6>" + _TEXT + rb")(?=[\x93\x94]" + _END + rb")"
    rb"|"
)
"""In UTF-8, and the commonest in cp1252; open for what a value without them is."""
