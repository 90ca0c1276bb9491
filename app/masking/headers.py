"""How far the credentials of a header reach, and which parts of them are secret.

They reach to the line's end, or to the end of what they are quoted in. Schemes, names of cookies and what a
server asks for (``algorithm``, ``qop``, ``Path``) stay readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.masking.face import Kind
from app.masking.patterns import Pattern
from app.masking.spans import Span
from app.masking.tokens import TOKEN

_LINE = 4096
"""Bytes before a value in which its line must begin."""

_ONE_WORD = Pattern(
    rb"(?i:basic|bearer|negotiate|ntlm|token|apikey) {1,4}(?:(?>(?:"
    + TOKEN.pattern
    + rb")+)|[A-Za-z0-9._~+/=-]{1,8192})(?=[\s\"'\\,;)\]}<]|\Z)"
)
"""Schemes whose credentials are one word, as the credentials of ``Digest`` are not."""

_MASKED = Pattern(rb"(?:" + TOKEN.pattern + rb")(?=[ \"'\\,)\]}])")
_GOES_ON = (b"\\", b"=")
_BEHIND_QUOTE = (b"", b" ", b"\t", b"\r", b"\n", b",", b"}", b"]", b")")
"""What may stand before a mark that does not end the text, and behind one that does: a stray mark before
the header must not end it at ``c="d"; e=f``."""

_QUOTED_HEADER = Pattern(rb"'[A-Za-z-]{1,40}[ \t]{0,4}[:=][ \t]{0,4}\Z")


_BOX_MARKS = 32
"""How many brackets are looked at for the end of a box."""


def _box_end(buffer: bytes, start: int, end: int) -> int:
    """Where a box ends that begins before a place, ``{Cookie=[a=b; c=d], Accept=[…]}``.

    Returns:
        0 where it does not end, or holds too many brackets.
    """
    at = start
    for _ in range(_BOX_MARKS):
        at = buffer.find(b"]", at, end)
        if at < 0:
            break
        if at + 1 == end or buffer[at + 1] in b" \t\r\n,}])":
            return at
        at += 1
    return 0


def credentials_end(buffer: bytes, start: int, end: int) -> int:
    """Where the credentials end that begin at `start`, on a line that ends at `end`.

    A header stands alone on its line, or inside of a text in quotes: ``{"msg": "Cookie: a=b", "n": 1}``,
    ``curl -H 'Cookie: a=b'``.
    """
    if buffer[start - 2 : start] == b"=[" and (boxed := _box_end(buffer, start, end)):
        return boxed
    word = _ONE_WORD.match(buffer, start, end) or _MASKED.match(buffer, start, end)
    if word:
        return word.end()
    quote = _open_quote(buffer, start)
    at = start
    while quote and (at := buffer.find(quote, at, end)) >= 0:
        if buffer[at - 1 : at] not in _GOES_ON and buffer[at + 1 : at + 2] in _BEHIND_QUOTE:
            return at
        at += 1
    return end


def _open_quote(buffer: bytes, start: int) -> bytes:
    """The mark that ends the text in quotes in which a header's value begins; empty: there is none."""
    line = buffer.rfind(b"\n", max(0, start - _LINE), start) + 1
    if start - line >= _LINE:
        return b""
    head = buffer[line:start]
    if (head.count(b'"') - head.count(b'\\"')) % 2:
        return b'"'
    return b"'" if _QUOTED_HEADER.search(head[-64:]) else b""


_SCHEMES = rb"(?i:basic|bearer|negotiate|ntlm|token|apikey|digest|kerberos)"
_SCHEME = Pattern(_SCHEMES + rb"(?![\w.~+/=-])")
_SCHEMES_ALONE = Pattern(_SCHEMES + rb"(?:[ ,]{1,3}" + _SCHEMES + rb"){0,5}")
_BOXED_TEXT = Pattern(rb"(?!" + _SCHEMES + rb")[\w .-]{0,32}\] [A-Za-z]")
"""``Client authorization: [urs_primary] …``: a sentence, and no header."""
_FIELD = (
    rb"(?i:roles?|scopes?|permissions?|groups?|level|type|mode|policy|action|resource|result|status)"
    rb"=(?:[A-Za-z_.-]{1,32}|\d{1,3})"
)
_BOXED_FIELDS = Pattern(_FIELD + rb"(?:, ?" + _FIELD + rb"){0,7}\]")
"""``authorization: [role=admin, scope=all]``: what was granted, and nothing else."""
_GAP = b" \t\r\n,"
_PARAMETER = Pattern(rb"(?P<name>[A-Za-z_-]{1,32})[ \t]{0,2}=[ \t]{0,2}(?P<open>\\{0,8}\")?")
_BARE = Pattern(rb"[^\s,;\"]{0,2048}")
_PARAMETERS = 32
_OPEN_PARAMETERS = frozenset(
    b"uri algorithm qop nc stale charset userhash domain error error_description error_uri scope"
    b" rspauth".split()
)
"""Parameters of a scheme that are no secret; what hosts they name other detectors find."""
_CHALLENGED = frozenset((b"nonce", b"opaque"))
"""What a server says when it asks: a secret only beside an answer."""
_COOKIE = Pattern(rb"(?i:cookie2?)[\"'\\ \t\[:=]{1,12}\Z")
_COOKIE_HEAD = 24
_COOKIES = 64
_ATTRIBUTES = frozenset(
    b"path domain expires max-age samesite secure httponly version priority partitioned port"
    b" discard $version $path $domain $port".split()
)
"""What a server says of a cookie; never the first of a header, which is the cookie itself."""
_PREFERENCES = frozenset(
    b"theme lang language locale timezone tz currency layout skin color-scheme color_scheme sidebar".split()
)
"""Cookies that say how a page looks, in one short word."""
_JOINED = Pattern(rb", ?(?=[\w.$-]{1,64}=)")
"""Between the attributes of a cookie and another one: ``SID=31d4d96e; Path=/, TOK=aa99bb88``."""
_PREFERRED = Pattern(rb"[A-Za-z0-9_-]{1,16}")
_SHORTEST_COOKIE = 3
"""Bytes of a cookie's value: two letters are a language or a switch."""

_NAME_OF_LIST = Pattern(rb"[^, ][^,]*")
Part = tuple[int, int, Kind]


def in_parts(spans: Iterable[Span], buffer: bytes) -> Iterator[Span]:
    """The spans, those of headers with credentials as the secrets in them, and lists of people one by one."""
    for span in spans:
        parts = _parts(span, buffer) if span.line else None
        if parts is None:
            yield span
        else:
            for start, end, kind in parts:
                yield span._replace(start=start, end=end, kind=kind)


def _parts(span: Span, buffer: bytes) -> Iterator[Part] | None:
    if span.kind is not Kind.NAME:
        return _secret_parts(buffer, span.start, span.end)
    return ((*name.span(), span.kind) for name in _NAME_OF_LIST.finditer(buffer, span.start, span.end))


def _secret_parts(buffer: bytes, start: int, end: int) -> Iterator[Part] | None:
    """The secrets among the credentials of a header; None when they are one as a whole."""
    boxed = buffer[start - 1 : start] == b"[" and (
        _BOXED_TEXT.match(buffer, start, end) or _BOXED_FIELDS.match(buffer, start, end)
    )
    if boxed or _SCHEMES_ALONE.fullmatch(buffer, start, end):
        return iter(())
    if _COOKIE.search(buffer, max(0, start - _COOKIE_HEAD), start):
        return _hidden(buffer, _cookies(buffer, start, end))
    scheme = _SCHEME.match(buffer, start, end)
    if not scheme:
        return None
    at = scheme.end()
    while at < end and buffer[at] in b" \t":
        at += 1
    asked = _parameters(buffer, at, end)
    if asked is not None:
        return _hidden(buffer, asked)
    return _hidden(buffer, [(at, end, Kind.SECRET)]) if at > scheme.end() else None


def _hidden(buffer: bytes, parts: list[Part] | None) -> Iterator[Part] | None:
    """The parts that are not tokens already."""
    if parts is None:
        return None
    return (part for part in parts if TOKEN.sub(b"", buffer[part[0] : part[1]]))


def _parameters(buffer: bytes, at: int, end: int) -> list[Part] | None:
    """Of ``username="bob", realm="example.net", …``; None when something else stands there."""
    found = _named_values(buffer, at, end)
    names = {name for name, _start, _stop in found} if found else set()
    if not found or names.isdisjoint((b"realm", b"response", b"username", b"nonce")):
        return None
    answers = not names.isdisjoint((b"response", b"username"))
    parts: list[Part] = []
    for name, start, stop in found:
        if name == b"realm":
            host = buffer[start:stop]
            if b"." in host and b" " not in host and not host.replace(b".", b"").isdigit():
                parts.append((start, stop, Kind.HOST))
        elif not (name in _OPEN_PARAMETERS or (name in _CHALLENGED and not answers)):
            parts.append((start, stop, Kind.USER if name == b"username" else Kind.SECRET))
    return parts


def _named_values(buffer: bytes, at: int, end: int) -> list[tuple[bytes, int, int]] | None:
    found: list[tuple[bytes, int, int]] = []
    while True:
        while at < end and buffer[at] in _GAP:
            at += 1
        if at >= end:
            return found
        named = _PARAMETER.match(buffer, at, end)
        if not named or len(found) == _PARAMETERS:
            return None
        start = named.end()
        if named["open"]:
            stop = buffer.find(b'"', start, end)
            if stop < 0:
                return None
            at = stop + 1
            while stop > start and buffer[stop - 1] == 0x5C:
                stop -= 1
        else:
            bare = _BARE.match(buffer, start, end)
            at = stop = bare.end() if bare else start
        found.append((named["name"].lower(), start, stop))


def _last_end(buffer: bytes, start: int, stop: int) -> int:
    """Where the value of the last cookie ends: with its word if fields of a log stand behind it."""
    end = _word_end(buffer, start, stop)
    return end if buffer.find(b"=", end, stop) >= 0 else stop


def _word_end(buffer: bytes, start: int, stop: int) -> int:
    while start < stop and buffer[start] in b" \t":
        start += 1
    while start < stop and buffer[start] not in b" \t\r\n":
        start += 1
    return start


def _cookies(buffer: bytes, at: int, end: int) -> list[Part] | None:
    """Of ``SID=31d4d96e; Path=/``: the values, and not what a server says of them."""
    parts: list[Part] = []
    boxed = buffer[at - 2 : at] == b"=[" and buffer[end : end + 1] == b"]"
    for count in range(_COOKIES):
        while at < end and buffer[at] in b" \t\r\n;":
            at += 1
        if at >= end:
            return parts
        stop = buffer.find(b";", at, end)
        stop = stop if stop >= 0 else end
        sign = buffer.find(b"=", at, stop)
        if sign < 0 and not count:
            return None
        name = buffer[at : sign if sign >= 0 else stop].strip(b" \t").lower()
        start = sign + 1 if sign >= 0 else at
        alone = not count and len(name.split()) > 1  # cookie=0 state=7: no header, and one word
        if alone:
            last = _word_end(buffer, at, stop)
        else:
            last = stop if stop < end or boxed else _last_end(buffer, start, stop)
        if alone:
            return [(at, last, Kind.SECRET)] if last - at >= _SHORTEST_COOKIE else []
        told = name in _ATTRIBUTES and (count > 0 or name[:1] == b"$")
        if name in _PREFERENCES:
            told = told or _PREFERRED.fullmatch(buffer, start, last) is not None
        if not told and last - start >= _SHORTEST_COOKIE:
            parts.append((start, last, Kind.SECRET))
        joined = _JOINED.search(buffer, start, stop) if told else None
        at = joined.end() if joined else stop
    return None
