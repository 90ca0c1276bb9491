"""The keys that may stand before a sign (``=``, ``:``)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.escapes import is_letter
from app.masking.patterns import Pattern
from app.masking.prefixes import is_prefix

KEY_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-@" + bytes(range(0x80, 0x100))
WORD_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_" + bytes(range(0x80, 0x100))
_VALUE_MARKS = (
    b"=",
    b":",
    b"<",
    b">",
    b"'",
    b"/",
    b"\\",
    b"@",
    b"%",
    b"#",
    b"$",
    b".",
    b"+",
    b"*",
    b"-",
    b"&",
    b"?",
)

_PROGRAM = Pattern(rb"(?<![\w.$@\x80-\xff-])(?:(?:ch|g)?passwd|login|mail|host|hostname|id)\[\d{2,10}\]\Z")
"""``passwd[882]: pam_unix(passwd:chauthtok): …``: who says so, and no key."""
_TYPE_TOLD = Pattern(rb" \[\w{1,32}\]\) - \[")
"""``extracted value ([birth_date] : [DATE]) - [1979-03-28]`` of Hibernate."""
_VARIABLE = Pattern(rb" ?\[?[A-Z][A-Za-z]{0,31}[!\],)]")
"""The type of a variable: ``query($lastName: String!)`` of GraphQL."""
_SIGNS = (b"=", b"!", b"<", b">", b":", b"-")
_CAST = Pattern(rb"::[a-z]{2,16}(?: varying)? \Z")
"""Before a sign with blanks around it, and a text: ``(last_name)::text = 'Major'``."""

GROUPED = Pattern(
    rb"\((?P<keys>[^(),\r\n]{1,64}(?:,[^(),\r\n]{1,64}){1,7})\)=\((?P<values>[^()\r\n]{1,512})\)",
    words=(b")=(",),
)
"""``Key (email, last_name)=(m@example.com, Major)``: several keys, and as many values; see constraints.py."""
_LONGEST_GROUP = 528


def before_group(sign: re.Match[bytes]) -> Iterator[bytes]:
    """The key in brackets before ``=(``, where it is one alone."""
    opened = sign.string.rfind(b"(", max(0, sign.start() - _LONGEST_GROUP), sign.start())
    several = GROUPED.match(sign.string, opened) if opened >= 0 else None
    if several is None or several["keys"].count(b",") != several["values"].count(b", "):
        yield from before_sign(sign)


def before_sign(sign: re.Match[bytes]) -> Iterator[bytes]:
    """The keys that may stand before ``=``, ``<-`` or ``:``, the likeliest first.

    What stands in brackets directly before the sign (``data['Phone'] =``), then what stands before these
    (``v_Phone(LOCAL) <-``), then the last word with up to two words more (``Customer Name:``).
    """
    at = _without_cast(sign)
    head = sign.string[max(0, at - 80) : at].rstrip(b" \t:\"'" if sign[0] == b":" else b" \t:\"'`")
    if head.endswith((b"%5D", b"%5d")):  # customer%5Bname%5D=
        opened = max(head.rfind(b"%5B"), head.rfind(b"%5b"))
        inside = head[opened + 3 : -3]
        if opened > 0 and inside and not inside.isdigit() and not inside.strip(KEY_BYTES):
            yield inside
            yield head[:opened][len(head[:opened].rstrip(KEY_BYTES)) :] + b"_" + inside
        return
    if head.endswith((b")", b"]")):
        opened = max(head.rfind(b"("), head.rfind(b"["))
        inside = head[opened + 1 : -1].strip(b"\"'")
        if b"," in inside:  # KVListGetStringValue(Data, 'city')
            inside = inside.rpartition(b",")[2].strip(b" \"'")
        square = sign[0] == b":" and head.endswith(b"]")
        if square and (_PROGRAM.search(head) or _TYPE_TOLD.match(sign.string, sign.end())):
            return
        member = head.endswith(b"]") and not inside.isdigit()
        member = member or head[:opened].endswith((b"CALLERID", b"CONNECTEDLINE"))
        head = head[: max(opened, 0)].rstrip(b" \t\"'")
        if inside and not inside.strip(KEY_BYTES):
            yield inside
            if member:  # customer[name] is a name, and customer[tier] no customer
                yield head[len(head.rstrip(KEY_BYTES)) :] + b"_" + inside
                return
    key = head[len(head.rstrip(KEY_BYTES)) :]
    if not key or (sign[0] == b":" and _before_colon(sign, head, key, at)):
        return
    if len(key) > 1 and is_letter(head, len(head) - len(key)):  # \nuser=
        key = key[1:]
    yield key
    yield from _with_owner(head, key)


def _without_cast(sign: re.Match[bytes]) -> int:
    """Where a sign begins, or the cast before it: ``(last_name)::text = 'Major'``."""
    at = sign.start()
    if sign[0][:1] not in _SIGNS or sign.string[sign.end() : sign.end() + 2] != b" '":
        return at
    cast = _CAST.search(sign.string, max(0, at - 32), at)
    return cast.start() if cast else at


def _before_colon(colon: re.Match[bytes], head: bytes, key: bytes, at: int) -> bool:
    """Whether what ends before a colon is no key: the user of a URL, a host, a variable, a prefix of XML."""
    buffer, end = colon.string, colon.end()
    if head.endswith(b"//" + key):
        return True
    if b"@" in key[1:] and buffer[end : end + 1].isdigit():  # its port
        return True
    if key[:1] == b"$" and _VARIABLE.match(buffer, end):
        return True
    first = at - len(key)
    return buffer[first:at] == key and is_prefix(buffer, first, key, end)


def _with_owner(head: bytes, key: bytes) -> Iterator[bytes]:
    """The keys that the words before a key make with it."""
    owner = head[: len(head) - len(key)]
    if owner.endswith(b":"):  # customer:name =
        owner = owner[len(owner[:-1].rstrip(KEY_BYTES)) : -1]
        if owner and key.strip(b"0123456789_.$-@") and not key[:1].isdigit():
            yield owner + b"_" + key
        return
    for _ in range(2):
        rest = head[: len(head) - len(key)]
        if not rest.endswith(b" ") or rest.endswith(b"  "):
            return
        rest = rest[:-1]
        word = rest[len(rest.rstrip(WORD_BYTES)) :]
        if len(word) > 1 and is_letter(rest, len(rest) - len(word)):  # \tAccount Name:
            yield head[len(rest) - len(word) + 1 :]
            return
        if not word or rest[: len(rest) - len(word)].endswith(_VALUE_MARKS):
            return
        key = head[len(rest) - len(word) :]
        yield key
